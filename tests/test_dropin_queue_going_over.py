"""The moment in which a queue goes over to its mutex, while threads wait in it and work on it."""

import gc
import os
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from dropin_queues import LIMIT, OURS, drain
from waiting import start
from windlass.dropin import queue as ours

each_of_ours = pytest.mark.parametrize("kind", OURS)


@pytest.fixture(params=[0.0, 0.01], ids=["at once", "after a while"])
def pause(request: pytest.FixtureRequest) -> Callable[[], None]:
    return lambda: time.sleep(request.param)


@each_of_ours
def test_waiting_gets_go_on(kind: Any, pause: Callable[[], None]) -> None:
    items = kind()
    outcomes = [start(items.get) for _ in range(3)]
    outcomes += [start(lambda: items.get(timeout=LIMIT)) for _ in range(3)]
    pause()
    assert len(items.queue) == 0
    for number in range(6):
        items.put(number)
    assert sorted(outcome.result(LIMIT) for outcome in outcomes) == list(range(6))


@each_of_ours
def test_waiting_puts_go_on(kind: Any, pause: Callable[[], None]) -> None:
    items = kind(1)
    items.put(0)
    outcomes = [start(lambda number=number: items.put(number)) for number in range(1, 4)]
    outcomes += [start(lambda number=number: items.put(number, timeout=LIMIT)) for number in range(4, 7)]
    pause()
    assert list(items.queue) == [0]
    assert sorted(items.get(timeout=LIMIT) for _ in range(7)) == list(range(7))
    for outcome in outcomes:
        outcome.result(LIMIT)


@each_of_ours
def test_waiting_joins_go_on(kind: Any, pause: Callable[[], None]) -> None:
    items = kind()
    items.put(1)
    outcomes = [start(items.join) for _ in range(3)]
    pause()
    assert not items.mutex.locked()
    items.task_done()
    for outcome in outcomes:
        outcome.result(LIMIT)


@each_of_ours
def test_what_is_left_of_a_timeout_still_counts(kind: Any) -> None:
    items = kind(1)
    items.put("held")
    begin = time.monotonic()
    outcomes = [start(lambda: items.put("x", timeout=0.05)), start(lambda: kind().get(timeout=0.05))]
    time.sleep(0.01)
    assert items.not_full is not None
    assert isinstance(outcomes[0].exception(LIMIT), ours.Full)
    assert isinstance(outcomes[1].exception(LIMIT), ours.Empty)
    assert time.monotonic() - begin >= 0.05
    assert drain(items) == ["held"]


@each_of_ours
def test_shutdown_reaches_who_waited_before(kind: Any, pause: Callable[[], None]) -> None:
    empty, full = kind(), kind(1)
    full.put("held")
    outcomes = [start(empty.get), start(lambda: full.put("refused"))]
    pause()
    for items in (empty, full):
        assert items.mutex is not None
        items.shutdown()
    for outcome in outcomes:
        assert isinstance(outcome.exception(LIMIT), ours.ShutDown)


@each_of_ours
def test_endless_timeout_stays_endless(kind: Any, pause: Callable[[], None]) -> None:
    items = kind()
    outcome = start(lambda: items.get(timeout=float("inf")))
    pause()
    assert len(items.queue) == 0
    items.put("item")
    assert outcome.result(LIMIT) == "item"


@each_of_ours
def test_finalizer_that_puts_while_the_parts_are_made(kind: Any) -> None:
    """Making them allocates, so the collector may run, and what it frees may put."""

    class Putting:
        def __init__(self, number: int) -> None:
            self.me = self
            self.number = number

        def __del__(self) -> None:
            items.put(self.number)

    items = kind()
    thresholds = gc.get_threshold()
    gc.collect()
    gc.disable()
    try:
        for number in range(0, 100, 2):
            items.put(number)
            Putting(number + 1)
        gc.set_threshold(1)
        gc.enable()
        assert items.mutex is not None
    finally:
        gc.disable()
        gc.set_threshold(*thresholds)
        gc.collect()
        gc.enable()
    assert sorted(drain(items)) == list(range(100))


@each_of_ours
def test_several_touch_it_at_once_and_find_the_same(kind: Any, switch_often: None) -> None:
    for _ in range(100):
        items = kind()
        for number in range(50):
            items.put(number)
        barrier = threading.Barrier(3)

        def touch(items: Any = items, barrier: threading.Barrier = barrier) -> tuple[int, int]:
            barrier.wait(LIMIT)
            return id(items.mutex), id(items.queue)

        outcomes = [start(touch) for _ in range(3)]
        assert {outcome.result(LIMIT) for outcome in outcomes} == {(id(items.mutex), id(items.queue))}
        assert sorted(drain(items)) == list(range(50))


@pytest.mark.stress
@pytest.mark.slow
@each_of_ours
@pytest.mark.parametrize("maxsize", [0, 3])
def test_every_item_arrives_once_however_late_it_is_touched(kind: Any, maxsize: int, switch_often: None) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print("seed", seed)
    dice = random.Random(seed)
    for _ in range(20):
        touch_after = dice.choice([0, 1, 50, 500, 1500])
        part = dice.choice(["mutex", "not_empty", "not_full", "all_tasks_done", "queue"])
        pass_all_through(kind(maxsize), touch_after, part, dice.randrange(1, 5), dice.randrange(1, 5))


def pass_all_through(items: Any, touch_after: int, part: str, producers: int, consumers: int) -> None:
    count = 2000 // producers
    got: list[int] = []

    def produce(first: int) -> None:
        for number in range(first, first + count):
            if number == touch_after:
                getattr(items, part)
            if number % 3:
                items.put(number)
            else:
                while True:
                    try:
                        items.put(number, timeout=0.001)
                    except ours.Full:
                        continue
                    break

    def consume() -> None:
        while True:
            try:
                number = items.get(timeout=0.001 if len(got) % 3 else LIMIT)
            except ours.Empty:
                continue
            except ours.ShutDown:
                return
            got.append(number)
            items.task_done()

    sinks = [start(consume) for _ in range(consumers)]
    for source in [start(lambda first=at * count: produce(first)) for at in range(producers)]:
        source.result(LIMIT)
    start(items.join).result(LIMIT)
    items.shutdown()
    for sink in sinks:
        sink.result(LIMIT)
    assert sorted(got) == list(range(producers * count))
    assert items.unfinished_tasks == 0
