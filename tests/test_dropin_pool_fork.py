"""Drop-in ThreadPool and os.fork: in the child nothing hangs, and the inherited pool works again."""

import multiprocessing.pool
import os
import threading
from typing import Any

import pytest

from dropin_pools import SECONDS, running
from forking import status_of_child
from windlass.errors import TaskCancelled

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]


def test_child_can_use_the_inherited_pool() -> None:
    with running() as pool:
        assert pool.apply(int) == 0

        def child() -> None:
            assert pool.apply_async(int, ("2",)).get(SECONDS) == 2
            assert pool.map_async(int, "1234").get(SECONDS) == [1, 2, 3, 4]
            assert list(pool.imap(int, iter("12"))) == [1, 2]
            assert len(pool._pool) in (1, 2)
            pool.close()
            pool.join()

        assert status_of_child(child) == 0
        assert pool.apply(int, ("3",)) == 3, "the parent's is as it was"


def test_pending_results_do_not_hang_in_the_child() -> None:
    go, started = threading.Event(), threading.Event()

    def work() -> str:
        started.set()
        assert go.wait(SECONDS)
        return "done"

    def numbers() -> Any:
        yield 1
        assert go.wait(SECONDS)
        yield 2

    with running(processes=1) as pool:
        results = [pool.apply_async(work)]
        assert started.wait(SECONDS)
        results += [pool.apply_async(int, callback=print), pool.map_async(int, "12")]
        iterators = [pool.imap(int, "12"), pool.imap_unordered(int, "12"), pool.imap(int, numbers())]
        iterators += [pool.imap_unordered(int, numbers()), pool.imap(int, iter("12"), buffersize=1)]

        def child() -> None:
            for result in results:
                with pytest.raises(TaskCancelled):
                    result.get(SECONDS)
                assert result.ready()
            for iterator in iterators:
                outcomes = set()
                for _ in range(4):
                    try:
                        outcomes.add(iterator.next(SECONDS))
                    except (TaskCancelled, StopIteration) as outcome:
                        outcomes.add(type(outcome))
                assert outcomes <= {TaskCancelled, StopIteration}
                assert StopIteration in outcomes
            pool.terminate()
            pool.join()

        assert status_of_child(child) == 0
        go.set()
        assert results[0].get(SECONDS) == "done"
        assert [list(iterator) for iterator in iterators] == [[1, 2]] * 5


def test_fork_within_a_call() -> None:
    with running(processes=1) as pool:

        def fork() -> int:
            return status_of_child(lambda: pool.apply_async(int, ("2",)).get(SECONDS) == 2 or 1 / 0)

        assert pool.apply_async(fork).get(SECONDS) == 0


def test_fork_within_a_callback() -> None:
    seen: list[int] = []
    with running(processes=1) as pool:

        def fork(_: Any) -> None:
            def child() -> None:
                called = threading.Event()
                assert pool.apply_async(int, callback=lambda _: called.set()).get(SECONDS) == 0
                assert called.is_set()

            seen.append(status_of_child(child))

        pool.apply_async(int, callback=fork).wait(SECONDS)
    assert seen == [0]


def test_a_process_pool_beside_it() -> None:
    with running() as pool, multiprocessing.get_context("fork").Pool(1) as processes:
        assert pool.apply(processes.apply, (int, ("5",))) == 5
