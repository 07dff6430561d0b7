"""Threads that wait in PriorityTaskQueue: for an item, for room, for the last task_done, and for the end."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

import pytest

import windlass
from waiting import start
from windlass import PriorityTaskQueue

LIMIT = 20  # seconds; only a hang reaches it
BRIEF = 0.02  # a timeout that is meant to run out


@pytest.fixture(params=[0.0, 0.01], ids=["at once", "after a while"])
def pause(request: pytest.FixtureRequest) -> Callable[[], None]:
    """Return what lets a started call come as far as its spin, or its sleep; every test holds for both."""
    return lambda: time.sleep(request.param)


def test_get_waits_for_a_put(pause: Callable[[], None]) -> None:
    queue = PriorityTaskQueue()
    outcome = start(queue.get)
    pause()
    assert not outcome.done()
    queue.put("item")
    assert outcome.result(LIMIT) == "item"
    assert queue.empty()


def test_put_waits_for_room(pause: Callable[[], None]) -> None:
    queue = PriorityTaskQueue(1)
    queue.put("first")
    outcome = start(lambda: queue.put("second", 1))
    pause()
    assert not outcome.done()
    assert queue.get() == "first"
    assert outcome.result(LIMIT) is None
    assert queue.get_nowait() == "second"


@pytest.mark.parametrize(
    "make_room",
    [
        lambda queue: queue.get_nowait(),
        lambda queue: queue.remove("held"),
        lambda queue: queue.clear(),
        lambda queue: setattr(queue, "maxsize", 2),
        lambda queue: setattr(queue, "maxsize", 0),
    ],
    ids=["get", "remove", "clear", "larger", "unbounded"],
)
def test_whatever_makes_room_wakes_a_put(
    make_room: Callable[[PriorityTaskQueue], object], pause: Callable[[], None]
) -> None:
    queue = PriorityTaskQueue(1)
    queue.put("held")
    outcome = start(lambda: queue.put("waiting"))
    pause()
    make_room(queue)
    outcome.result(LIMIT)
    assert "waiting" in queue.clear()


def test_clear_and_unbounding_wake_every_put(pause: Callable[[], None]) -> None:
    queue = PriorityTaskQueue(5)
    for number in range(5):
        queue.put(number)
    outcomes = [start(lambda number=number: queue.put(number)) for number in range(10)]
    pause()
    assert len(queue.clear()) == 5
    queue.maxsize = 0
    for outcome in outcomes:
        outcome.result(LIMIT)
    assert sorted(queue.clear()) == list(range(10))


def test_waits_run_out_and_not_early() -> None:
    queue = PriorityTaskQueue(1)
    begin = time.monotonic()
    with pytest.raises(windlass.QueueEmpty):
        queue.get(BRIEF)
    queue.put("item")
    middle = time.monotonic()
    with pytest.raises(windlass.QueueFull):
        queue.put("no room", 1, BRIEF)
    later = time.monotonic()
    assert queue.join(BRIEF) is False
    end = time.monotonic()
    assert min(middle - begin, later - middle, end - later) >= BRIEF
    assert queue.clear() == ["item"]


def test_close_wakes_every_getter_and_putter(pause: Callable[[], None]) -> None:
    empty, full = PriorityTaskQueue(), PriorityTaskQueue(1)
    full.put("held")
    outcomes = [start(empty.get) for _ in range(5)]
    outcomes += [start(lambda: empty.get(LIMIT)) for _ in range(5)]
    outcomes += [start(lambda: full.put("refused")) for _ in range(5)]
    pause()
    empty.close()
    full.close()
    for outcome in outcomes:
        assert isinstance(outcome.exception(LIMIT), windlass.QueueClosed)
    assert full.get() == "held"
    with pytest.raises(windlass.QueueClosed):
        full.get()
    assert full.unfinished_tasks == 1


def test_join_waits_for_the_last_task_done(pause: Callable[[], None]) -> None:
    queue = PriorityTaskQueue()
    queue.put("a")
    queue.put("b")
    outcomes = [start(queue.join), start(lambda: queue.join(LIMIT)), start(lambda: queue.join(float("inf")))]
    pause()
    queue.get_nowait()
    queue.get_nowait()
    queue.task_done()
    pause()
    assert not any(outcome.done() for outcome in outcomes)
    queue.task_done()
    assert [outcome.result(LIMIT) for outcome in outcomes] == [True] * 3


@pytest.mark.parametrize(
    "drop", [lambda queue: queue.remove("item"), lambda queue: queue.clear()], ids=["remove", "clear"]
)
def test_dropping_the_last_item_ends_a_join(
    drop: Callable[[PriorityTaskQueue], object], pause: Callable[[], None]
) -> None:
    queue = PriorityTaskQueue()
    queue.put("item")
    outcome = start(queue.join)
    pause()
    drop(queue)
    assert outcome.result(LIMIT) is True


def test_join_of_a_closed_queue_waits_for_what_is_left(pause: Callable[[], None]) -> None:
    queue = PriorityTaskQueue()
    queue.put("item")
    queue.close()
    outcome = start(queue.join)
    pause()
    assert not outcome.done()
    assert queue.get() == "item"
    queue.task_done()
    assert outcome.result(LIMIT) is True


def test_getters_that_wait_get_one_item_each(pause: Callable[[], None]) -> None:
    queue = PriorityTaskQueue()
    outcomes = [start(queue.get) for _ in range(5)]
    pause()
    for number in range(5):
        queue.put(number)
    assert sorted(outcome.result(LIMIT) for outcome in outcomes) == list(range(5))


@pytest.mark.parametrize("timeout", [None, LIMIT])
def test_interrupt_ends_every_wait_and_the_queue_stays_usable(
    on_alarm: Callable[..., None], timeout: float | None
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    empty, full = PriorityTaskQueue(), PriorityTaskQueue(1)
    full.put("held")
    for wait in (lambda: empty.get(timeout), lambda: full.put("x", 1, timeout), lambda: full.join(timeout)):
        begin = time.monotonic()
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - on a slow day the signal comes before the wait
            on_alarm(interrupt, 0.06)
            wait()
        assert time.monotonic() - begin < LIMIT / 2
    # The one who left is not woken in another's place.
    outcomes = [start(empty.get), start(lambda: full.put("later"))]
    empty.put("item")
    assert full.get() == "held"
    assert outcomes[0].result(LIMIT) == "item"
    assert outcomes[1].result(LIMIT) is None
    assert full.get() == "later"
    full.task_done()
    full.task_done()
    assert full.join(LIMIT)


@pytest.mark.parametrize("side", ["getters", "putters"])
def test_wake_of_an_interrupted_wait_is_passed_on(on_alarm: Callable[..., None], side: str) -> None:
    # The main thread is first in line; the handler wakes it and raises, so that the wake must go to the second.
    queue = PriorityTaskQueue(1)
    second: list[Future[object]] = []

    def join_the_line() -> None:
        time.sleep(0.02)  # if the main thread is not first by then, the test shows less, but does not fail
        second.append(start(queue.get if side == "getters" else lambda: queue.put("second")))

    def wake_and_raise() -> None:
        if side == "getters":
            queue.put("item")
        else:
            assert queue.get_nowait() == "held"
        raise KeyboardInterrupt

    if side == "putters":
        queue.put("held")
    helper = threading.Thread(target=join_the_line, daemon=True)
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - as above
        helper.start()
        on_alarm(wake_and_raise, 0.06)
        if side == "getters":
            queue.get(LIMIT)
        else:
            queue.put("first", 1, LIMIT)
    helper.join(LIMIT)
    assert second[0].result(LIMIT) == ("item" if side == "getters" else None)
