"""Limit as a semaphore: slots, order, time limits, and places for those who cannot sleep."""

import copy
import gc
import os
import pickle
import threading
import weakref

import pytest

from forking import status_of_child
from limited_calls import Crowd
from waiting import until
from windlass import Limit

LIMIT = 10


def start_waiting(limit: Limit, log: list[int], number: int) -> list[threading.Thread]:
    """Start threads that take a slot one after the other; each waits before the next one comes."""
    threads = []
    for index in range(number):

        def take(index: int = index) -> None:
            with limit:
                log.append(index)

        threads.append(threading.Thread(target=take))
        threads[-1].start()
        until(lambda waiting=index + 1: limit.waiting == waiting)
    return threads


def test_slots_are_counted() -> None:
    limit = Limit(2)
    assert (limit.slots, limit.free) == (2, 2)
    assert limit.acquire()
    with limit:
        assert limit.free == 0
        assert not limit.acquire(blocking=False)
        assert not limit.acquire(timeout=0)
        assert not limit.acquire(timeout=0.001)
    assert limit.free == 1
    limit.release()
    assert (limit.free, limit.waiting, limit.held) == (2, 0, 0)
    assert repr(limit) == "<Limit 0 of 2, 0 tasks held>"


def test_a_release_too_many_is_refused() -> None:
    limit = Limit(1)
    with pytest.raises(ValueError, match="no slot is taken"):
        limit.release()
    assert limit.free == 1


@pytest.mark.parametrize(
    ("slots", "error"), [(0, ValueError), (-1, ValueError), (1.0, TypeError), (True, TypeError), (None, TypeError)]
)
def test_slots_must_be_a_positive_int(slots: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="slots must be"):
        Limit(slots)  # type: ignore[arg-type]


def test_bad_timeouts_are_refused_although_a_slot_is_free() -> None:
    limit = Limit(1)
    with pytest.raises(ValueError, match="timeout"):
        limit.acquire(timeout=float("nan"))
    with pytest.raises(TypeError):
        limit.acquire(timeout="1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="blocking"):
        limit.acquire(False, 1.0)


def test_threads_are_served_in_the_order_in_which_they_came() -> None:
    limit = Limit(1)
    log: list[int] = []
    limit.acquire()
    threads = start_waiting(limit, log, 8)
    limit.release()
    for thread in threads:
        thread.join(LIMIT)
    assert log == list(range(8))
    assert limit.free == 1


def test_a_slot_goes_to_who_waits_and_not_to_who_comes() -> None:
    limit = Limit(1)
    log: list[int] = []
    limit.acquire()
    (thread,) = start_waiting(limit, log, 1)
    limit.release()
    assert not limit.acquire(blocking=False) or log == [0]
    thread.join(LIMIT)
    assert log == [0]


def test_one_who_gives_up_leaves_the_line_to_the_others() -> None:
    limit = Limit(1)
    log: list[int] = []
    limit.acquire()
    gave_up = threading.Thread(target=limit.acquire, kwargs={"timeout": 0.01})
    gave_up.start()
    gave_up.join(LIMIT)
    assert limit.waiting == 0
    (thread,) = start_waiting(limit, log, 1)
    limit.release()
    thread.join(LIMIT)
    assert log == [0]
    assert limit.free == 1


def test_a_turn_is_told_when_its_slot_is_taken() -> None:
    limit = Limit(1)
    told: list[int] = []
    assert limit.enlist(lambda: told.append(0)) is None  # there was one: no need to tell
    turn = limit.enlist(lambda: told.append(1))
    assert turn is not None
    assert (told, limit.waiting) == ([], 1)
    limit.release()
    assert (told, limit.waiting, limit.free) == ([1], 0, 0)
    assert not turn.withdraw()
    limit.release()
    assert limit.free == 1


def test_a_turn_can_be_given_up_or_dropped() -> None:
    limit = Limit(1)
    limit.acquire()
    told: list[int] = []
    turn = limit.enlist(lambda: told.append(1))
    assert turn is not None
    assert turn.withdraw()
    dropped = limit.enlist(lambda: told.append(2))
    assert limit.waiting == 1
    del dropped
    gc.collect()
    assert limit.waiting == 0
    limit.release()
    assert (told, limit.free) == ([], 1)


def test_a_notification_that_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    limit = Limit(1)
    limit.acquire()
    turn = limit.enlist(lambda: 1 / 0)
    limit.release()
    assert turn is not None
    assert "exception in the notification of" in caplog.text
    assert turn.withdraw()  # it has no slot
    assert limit.free == 1


@pytest.mark.parametrize("duplicate", [copy.copy, pickle.dumps], ids=["copy", "pickle"])
def test_a_limit_belongs_to_one_process(duplicate: object) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        duplicate(Limit(1))  # type: ignore[operator]


def test_a_limit_can_be_freed() -> None:
    limit = Limit(1)
    gone = weakref.ref(limit)
    limit.acquire()
    del limit
    gc.collect()
    assert gone() is None


@pytest.mark.stress
def test_never_more_inside_than_slots() -> None:
    limit, crowd = Limit(3), Crowd()

    def work() -> None:
        for index in range(200):
            if index % 3 == 0 and not limit.acquire(timeout=0.0001):
                continue
            if index % 3:
                limit.acquire()
            with crowd:
                pass
            limit.release()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert crowd.most <= 3
    assert (limit.free, limit.waiting) == (3, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_has_all_slots() -> None:
    limit = Limit(1)
    log: list[int] = []
    limit.acquire()
    (thread,) = start_waiting(limit, log, 1)

    def child() -> None:
        assert (limit.free, limit.waiting) == (1, 0)
        assert limit.acquire(timeout=1)
        assert not limit.acquire(blocking=False)
        limit.release()
        limit.release()  # the parent's
        assert limit.free == 1

    assert status_of_child(child) == 0
    limit.release()
    thread.join(LIMIT)
    assert log == [0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_drops_the_turns_of_its_parent() -> None:
    # Their neighbours in the line are on stacks that the child does not have, or has for other threads by now.
    limit = Limit(1)
    log: list[int] = []
    limit.acquire()
    turns = [limit.enlist(print)]
    threads = [threading.Thread(target=limit.acquire) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: limit.waiting == 3)
    turns.append(limit.enlist(print))

    def child() -> None:
        limit.acquire()
        (waiting,) = start_waiting(limit, log, 1)
        assert turns[0] is not None
        assert turns[0].withdraw()
        turns.clear()
        assert limit.waiting == 1
        limit.release()
        waiting.join(LIMIT)
        assert log == [0]

    assert status_of_child(child) == 0
    turns.clear()
    for _ in threads:
        limit.release()
    for thread in threads:
        thread.join(LIMIT)
    limit.release()
    assert limit.free == 1
