"""Drop-in ThreadPool under many threads, with the thread switches of a loaded machine."""

import gc
import itertools
import random
from typing import Any

import pytest

from dropin_pools import SECONDS, running
from waiting import run_threads
from windlass.dropin.pool import TERMINATE, ThreadPool
from windlass.errors import PoolTerminated

pytestmark = [pytest.mark.stress, pytest.mark.slow, pytest.mark.usefixtures("switch_often")]


def test_everything_at_once() -> None:
    called = itertools.count()
    with running(processes=3) as pool:

        def apply() -> None:
            results = [pool.apply_async(int, (n,), callback=lambda _: next(called)) for n in range(300)]
            assert [result.get(SECONDS) for result in results] == list(range(300))

        def nested() -> None:
            for _ in range(20):
                assert pool.apply_async(pool.map, (int, range(20), 3)).get(SECONDS) == list(range(20))

        def ordered() -> None:
            for chunksize, buffersize in itertools.product((1, 3), (None, 2)):
                values = pool.imap(int, (n for n in range(100)), chunksize, buffersize)
                assert list(values) == list(range(100))

        def unordered() -> None:
            for chunksize, buffersize in itertools.product((1, 3), (None, 2)):
                values = pool.imap_unordered(int, (n for n in range(100)), chunksize, buffersize)
                assert sorted(values) == list(range(100))

        run_threads(*[apply, nested, ordered, unordered] * 2)
    assert next(called) == 600


def test_terminate_in_the_middle_resolves_everything() -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    rng = random.Random(seed)
    for _ in range(30):
        terminate_in_the_middle(rng)


def terminate_in_the_middle(rng: random.Random) -> None:
    pool = ThreadPool(2)
    called: list[Any] = []
    results: list[Any] = []
    iterators: list[Any] = []

    def submit() -> None:
        try:
            while True:
                results.append(pool.apply_async(int, (1,), {}, called.append, called.append))
                results.append(pool.map_async(int, range(4), 1, called.append, called.append))
                iterators.append(pool.imap(int, (n for n in range(4)), buffersize=rng.choice((None, 1))))
                iterators.append(pool.imap_unordered(int, range(4)))
        except ValueError:
            assert pool._state == TERMINATE

    def terminate() -> None:
        for _ in range(rng.randrange(30)):
            pool.apply(int)
        pool.terminate()

    run_threads(submit, submit, terminate)
    for result in results:
        try:
            result.get(SECONDS)
        except PoolTerminated:
            pass
    for iterator in iterators:
        try:
            while True:
                iterator.next(SECONDS)
        except (StopIteration, PoolTerminated, ValueError):  # ValueError: a chunk that came after the end
            pass
    pool.join()
    assert len(called) == len(results), "a result without its callback, or a callback without its result"


def test_the_collector_at_every_step() -> None:
    thresholds = gc.get_threshold()
    gc.set_threshold(1)
    try:
        with running() as pool:
            assert pool.map(str, range(50), 1) == [str(n) for n in range(50)]
            assert list(pool.imap(str, (n for n in range(50)))) == [str(n) for n in range(50)]
            results = [pool.apply_async(lambda n: [n], (n,), callback=id) for n in range(50)]
            assert [result.get(SECONDS) for result in results] == [[n] for n in range(50)]
    finally:
        gc.set_threshold(*thresholds)
