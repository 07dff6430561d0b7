"""Threads that wait in a queue: for an item, for room, for the last task_done, and for the end."""

import math
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from dropin_queues import ALL_CLASSES, BRIEF, CLASSES, LIMIT, OURS, SHUTDOWN_CLASSES, drain
from waiting import start
from windlass.dropin import queue as ours

FOREVER = [None, LIMIT, 2.0**31 / 1000 + 1]  # the last: more milliseconds than 31 bits hold
ShutDown = ours.ShutDown


@pytest.fixture(params=[0.0, 0.01], ids=["at once", "after a while"])
def pause(request: pytest.FixtureRequest) -> Callable[[], None]:
    """Return what lets a started call come as far as its spin, or its sleep; every test holds for both."""
    return lambda: time.sleep(request.param)


@pytest.mark.parametrize("kind", ALL_CLASSES)
@pytest.mark.parametrize("timeout", FOREVER)
def test_get_waits_for_a_put(kind: Any, timeout: float | None, pause: Callable[[], None]) -> None:
    items = kind()
    outcomes = [start(lambda: items.get(True, timeout)) for _ in range(3)]
    pause()
    assert not any(outcome.done() for outcome in outcomes)
    for number in range(3):
        items.put(number)
    assert sorted(outcome.result(LIMIT) for outcome in outcomes) == [0, 1, 2]
    assert items.empty()


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("timeout", FOREVER)
def test_put_waits_for_room(kind: Any, timeout: float | None, pause: Callable[[], None]) -> None:
    items = kind(1)
    items.put(0)
    outcomes = [start(lambda number=number: items.put(number, True, timeout)) for number in range(1, 4)]
    pause()
    assert not any(outcome.done() for outcome in outcomes)
    assert sorted(items.get(timeout=LIMIT) for _ in range(4)) == [0, 1, 2, 3]
    for outcome in outcomes:
        assert outcome.result(LIMIT) is None
    assert items.unfinished_tasks == 4


@pytest.mark.parametrize("kind", [*OURS, ours.SimpleQueue])
@pytest.mark.parametrize("timeout", [math.inf, 1e300, 10**400])
def test_endless_timeout_is_no_timeout(kind: Any, timeout: float, pause: Callable[[], None]) -> None:
    """The standard classes raise OverflowError."""
    items = kind() if kind is ours.SimpleQueue else kind(1)
    outcome = start(lambda: items.get(timeout=timeout))
    pause()
    items.put("item", timeout=timeout)
    assert outcome.result(LIMIT) == "item"


@pytest.mark.parametrize("kind", CLASSES)
def test_timeouts_run_out_and_not_early(kind: Any) -> None:
    items = kind(1)
    begin = time.monotonic()
    with pytest.raises(queue.Empty):
        items.get(timeout=BRIEF)
    items.put("item")
    middle = time.monotonic()
    with pytest.raises(queue.Full):
        items.put("no room", timeout=BRIEF)
    assert min(middle - begin, time.monotonic() - middle) >= BRIEF * 0.99
    assert drain(items) == ["item"]


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize("maxsize", [0, 4, math.inf])
def test_larger_maxsize_lets_waiting_puts_in(kind: Any, maxsize: float, pause: Callable[[], None]) -> None:
    """The standard classes let them wait for the next get."""
    items = kind(1)
    items.put(0)
    outcomes = [start(lambda number=number: items.put(number)) for number in range(1, 4)]
    pause()
    items.maxsize = maxsize
    for outcome in outcomes:
        outcome.result(LIMIT)
    assert sorted(drain(items)) == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", CLASSES)
def test_join_waits_for_the_last_task_done(kind: Any, pause: Callable[[], None]) -> None:
    items = kind()
    items.put("a")
    items.put("b")
    outcomes = [start(items.join) for _ in range(3)]
    pause()
    drain(items)
    items.task_done()
    pause()
    assert not any(outcome.done() for outcome in outcomes)
    items.task_done()
    for outcome in outcomes:
        assert outcome.result(LIMIT) is None


# ---- shutdown ----


@pytest.mark.parametrize("kind", SHUTDOWN_CLASSES)
@pytest.mark.parametrize("immediate", [False, True])
@pytest.mark.parametrize("timeout", [None, LIMIT])
def test_shutdown_wakes_who_waits(kind: Any, immediate: bool, timeout: float | None, pause: Callable[[], None]) -> None:
    empty, full = kind(), kind(1)
    full.put("held")
    outcomes = [start(lambda: empty.get(True, timeout)) for _ in range(3)]
    outcomes += [start(lambda: full.put("refused", True, timeout)) for _ in range(3)]
    pause()
    empty.shutdown(immediate)
    full.shutdown(immediate)
    for outcome in outcomes:
        assert isinstance(outcome.exception(LIMIT), ShutDown)
    assert full.qsize() == (0 if immediate else 1)
    assert full.unfinished_tasks == full.qsize()


@pytest.mark.parametrize("kind", SHUTDOWN_CLASSES)
def test_shutdown_lets_gets_drain(kind: Any) -> None:
    items = kind(2)
    items.put(1)
    items.put(2)
    assert items.is_shutdown is False
    items.shutdown()
    assert items.is_shutdown is True
    for call in (lambda: items.put(3), lambda: items.put_nowait(3), lambda: items.put(3, timeout=-1)):
        with pytest.raises(ShutDown):
            call()
    assert sorted([items.get(), items.get_nowait()]) == [1, 2]
    for call in (items.get, items.get_nowait, lambda: items.get(timeout=-1), lambda: items.get(timeout=1)):
        with pytest.raises(ShutDown):
            call()
    assert items.unfinished_tasks == 2
    outcome = start(items.join)
    items.task_done()
    items.task_done()
    outcome.result(LIMIT)


@pytest.mark.parametrize("kind", SHUTDOWN_CLASSES)
def test_immediate_shutdown_drops_and_releases_join(kind: Any, pause: Callable[[], None]) -> None:
    items = kind()
    for number in range(3):
        items.put(number)
    items.get()
    outcome = start(items.join)
    pause()
    items.shutdown()
    pause()
    assert not outcome.done()
    items.shutdown(immediate=True)
    assert items.qsize() == 0
    assert items.unfinished_tasks == 1  # the one that was got
    items.shutdown(immediate=False)  # does not go back
    assert items.is_shutdown
    items.task_done()
    outcome.result(LIMIT)
    with pytest.raises(ValueError, match="too many times"):
        items.task_done()


@pytest.mark.parametrize("kind", OURS)
def test_shutdown_mark_can_be_set_and_taken_back(kind: Any, pause: Callable[[], None]) -> None:
    """It is a plain attribute; here whoever waits hears of it too."""
    items = kind()
    outcome = start(items.get)
    pause()
    items.is_shutdown = True
    assert isinstance(outcome.exception(LIMIT), ShutDown)
    items.is_shutdown = False
    outcome = start(items.get)
    pause()
    items.put("item")
    assert outcome.result(LIMIT) == "item"


@pytest.mark.stress
@pytest.mark.parametrize("kind", [*OURS, ours.SimpleQueue])
def test_many_threads_get_each_item_once(kind: Any) -> None:
    items = kind()
    sources = [start(lambda at=at: [items.put(number) for number in range(at, 8000, 8)]) for at in range(8)]
    sinks = [start(lambda: [items.get(timeout=LIMIT) for _ in range(1000)]) for _ in range(8)]
    for source in sources:
        source.result(LIMIT)
    assert sorted(number for sink in sinks for number in sink.result(LIMIT)) == list(range(8000))
    assert items.empty()


# ---- signals ----


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("timeout", [None, LIMIT])
def test_interrupt_ends_every_wait_and_the_queue_stays_usable(
    kind: Any, timeout: float | None, on_alarm: Callable[..., None]
) -> None:
    empty, full = kind(), kind(1)
    full.put("held")
    for wait in (lambda: empty.get(True, timeout), lambda: full.put("x", True, timeout), full.join):
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - on a slow day the signal comes before the wait
            on_alarm(interrupt, 0.06)
            wait()
    outcomes = [start(empty.get), start(lambda: full.put("later"))]
    empty.put("item")
    assert full.get() == "held"
    assert outcomes[0].result(LIMIT) == "item"
    assert outcomes[1].result(LIMIT) is None
    assert full.get() == "later"


@pytest.mark.parametrize("kind", [ours.SimpleQueue, queue.SimpleQueue], ids=["windlass", "standard"])
def test_interrupt_ends_a_simple_get(kind: Any, on_alarm: Callable[..., None]) -> None:
    items = kind()
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - as above
        on_alarm(interrupt, 0.06)
        items.get()
    items.put("item")
    assert items.get() == "item"


@pytest.mark.parametrize("kind", [*OURS, ours.SimpleQueue])
def test_wake_of_an_interrupted_get_is_passed_on(kind: Any, on_alarm: Callable[..., None]) -> None:
    # The main thread is first in line; the handler wakes it and raises, so that the wake must go to the second.
    items = kind()
    second: list[Any] = []

    def join_the_line() -> None:
        time.sleep(0.02)  # if the main thread is not first by then, the test shows less, but does not fail
        second.append(start(items.get))

    def put_and_raise() -> None:
        items.put("item")
        raise KeyboardInterrupt

    helper = threading.Thread(target=join_the_line, daemon=True)
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - as above
        helper.start()
        on_alarm(put_and_raise, 0.06)
        items.get(timeout=LIMIT)
    helper.join(LIMIT)
    assert second[0].result(LIMIT) == "item"
