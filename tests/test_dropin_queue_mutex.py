"""Who touches what the standard class is made of gets it: mutex, conditions, container, hooks."""

import gc
import queue
import threading
import time
from collections import deque
from typing import Any

import pytest

from dropin_queues import CLASSES, LIMIT, OURS, SHUTDOWN_CLASSES, drain
from waiting import start
from windlass.dropin import queue as ours

PARTS = ("mutex", "not_empty", "not_full", "all_tasks_done", "queue")


def touched(kind: Any, *args: Any) -> Any:
    items = kind(*args)
    items.mutex  # noqa: B018 - the touch is what counts
    return items


@pytest.mark.parametrize("kind", CLASSES)
def test_conditions_share_the_mutex(kind: Any) -> None:
    items = kind()
    assert items.mutex is items.mutex
    for name in PARTS[1:4]:
        condition = getattr(items, name)
        assert isinstance(condition, threading.Condition)
        with condition:
            assert items.mutex.locked()
        assert not items.mutex.locked()
    assert isinstance(items.queue, deque if kind.__name__ == "Queue" else list)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", CLASSES)
def test_nothing_is_lost_whatever_is_touched(kind: Any, part: str) -> None:
    untouched, items = kind(50), kind(50)
    for each in (untouched, items):
        for number in range(30):
            each.put(number * 7 % 30)
        for _ in range(10):  # the ring no longer begins at its first place
            each.get()
    assert hasattr(items, part)
    assert (items.qsize(), items.maxsize, items.unfinished_tasks) == (20, 50, 30)
    for each in (untouched, items):
        for number in range(100, 110):
            each.put(number)
    assert drain(items) == drain(untouched)


@pytest.mark.parametrize("kind", CLASSES)
def test_container_is_the_real_one(kind: Any) -> None:
    items = kind()
    for number in (2, 3, 1):
        items.put(number)
    assert items.queue[0] == (1 if kind.__name__ == "PriorityQueue" else 2)
    with items.mutex:
        items.queue.clear()
    assert items.empty()
    assert items.unfinished_tasks == 3
    with items.not_empty:
        items.queue.append(4)
        items.not_empty.notify()
    assert items.get(timeout=LIMIT) == 4


@pytest.mark.parametrize("kind", CLASSES)
def test_parts_can_be_replaced(kind: Any) -> None:
    items = kind()
    items.put("lost")
    items.queue = deque() if kind.__name__ == "Queue" else []
    items.mutex = threading.RLock()
    for name in PARTS[1:4]:
        setattr(items, name, threading.Condition(items.mutex))
    with items.mutex:  # re-entrant now
        items.put("item")
        assert items.get() == "item"
    with pytest.raises(queue.Empty):
        items.get_nowait()


@pytest.mark.parametrize("kind", CLASSES)
def test_who_holds_the_mutex_keeps_others_out(kind: Any) -> None:
    items = kind()
    with items.mutex:
        outcome = start(lambda: items.put("item"))
        time.sleep(0.01)
        assert not outcome.done()
        assert len(items.queue) == 0
    outcome.result(LIMIT)
    assert items.get() == "item"


@pytest.mark.parametrize("kind", SHUTDOWN_CLASSES)
def test_touched_queue_is_shut_down_like_any(kind: Any) -> None:
    for immediate in (False, True):
        empty, full = touched(kind), touched(kind, 1)
        full.put("held")
        outcomes = [start(empty.get), start(lambda: empty.get(timeout=LIMIT)), start(lambda: full.put("refused"))]  # noqa: B023
        joining = start(full.join)
        time.sleep(0.01)
        for each in (empty, full):
            each.shutdown(immediate)
        for outcome in outcomes:
            assert isinstance(outcome.exception(LIMIT), ours.ShutDown)
        assert full.qsize() == full.unfinished_tasks == (0 if immediate else 1)
        assert full.is_shutdown
        if not immediate:
            assert full.get() == "held"
            full.task_done()
        joining.result(LIMIT)
        with pytest.raises(ours.ShutDown):
            full.get_nowait()
        with pytest.raises(ValueError, match="too many"):
            full.task_done()


@pytest.mark.parametrize("kind", CLASSES)
def test_touched_queue_waits_and_refuses_like_any(kind: Any) -> None:
    items = touched(kind, 1)
    with pytest.raises(ValueError, match="non-negative"):
        items.put(1, timeout=-1)
    with pytest.raises(queue.Empty):
        items.get(timeout=0.01)
    items.put(1, timeout=10**6)
    with pytest.raises(queue.Full):
        items.put(2, timeout=0.01)
    assert items.full()
    outcome = start(lambda: items.put(2, timeout=LIMIT))
    time.sleep(0.01)
    assert items.get() == 1
    outcome.result(LIMIT)
    assert items.get() == 2
    with pytest.raises(queue.Empty):
        items.get_nowait()
    items.task_done()
    items.task_done()
    items.join()


# ---- hooks ----


class Refusal(Exception):
    pass


@pytest.mark.parametrize("kind", CLASSES)
def test_failing_hook_leaves_the_queue_as_it_was_and_unlocked(kind: Any) -> None:
    class Failing(kind):  # type: ignore[misc]
        fail = False

        def _put(self, item: object) -> None:
            self.check()
            super()._put(item)

        def _get(self) -> object:
            self.check()
            return super()._get()

        def check(self) -> None:
            assert self.mutex.locked()
            if self.fail:
                raise Refusal

    items = Failing(1)
    items.fail = True
    with pytest.raises(Refusal):
        items.put(1, timeout=LIMIT)
    items.fail = False
    items.put(1)
    blocked = start(lambda: items.put(2))
    time.sleep(0.01)
    items.fail = True
    for call in (items.get, items.get_nowait, lambda: items.get(timeout=LIMIT)):
        with pytest.raises(Refusal):
            call()
    items.fail = False
    assert (items.qsize(), items.unfinished_tasks) == (1, 1)
    assert items.get() == 1
    blocked.result(LIMIT)
    assert items.get() == 2
    assert not items.mutex.locked()


@pytest.mark.parametrize("kind", CLASSES)
def test_hooks_may_keep_items_elsewhere(kind: Any) -> None:
    class Unique(kind):  # type: ignore[misc]
        def _init(self, maxsize: int) -> None:
            self.asked = maxsize
            self.queue = {}

        def _qsize(self) -> int:
            return len(self.queue)

        def _put(self, item: object) -> None:
            self.queue[item] = None

        def _get(self) -> object:
            return self.queue.popitem()[0]

    items = Unique(3)
    assert items.asked == 3
    for number in (1, 2, 2, 2):
        items.put_nowait(number)
    assert items.queue == {1: None, 2: None}
    assert drain(items) == [2, 1]
    assert items.unfinished_tasks == 4
    assert items.empty()
    assert not items.full()


@pytest.mark.parametrize("kind", CLASSES)
def test_hook_set_on_the_instance_is_called(kind: Any) -> None:
    items = kind()
    items.put("before")
    inner, noted = items._put, []

    def note(item: object) -> None:
        noted.append(item)
        inner(item)

    items._put = note
    items.put("later")
    assert noted == ["later"]
    assert sorted(drain(items)) == ["before", "later"]


@pytest.mark.parametrize("kind", CLASSES)
def test_hook_set_on_the_class_is_called_for_new_queues(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = []
    inner = kind._put
    monkeypatch.setattr(kind, "_put", lambda self, item: (noted.append(item), inner(self, item)))
    items = kind()
    items.put("item")
    assert noted == items.queue[:] if isinstance(items.queue, list) else noted == list(items.queue)
    assert items.get() == "item"


@pytest.mark.parametrize("kind", OURS)
def test_methods_of_the_standard_class_work_on_ours(kind: Any) -> None:
    """As a mixin or a proxy may call them; they take the queue over, like any touch."""
    items = kind()
    items.put(1)
    queue.Queue.put(items, 2)
    assert items.qsize() == queue.Queue.qsize(items) == 2
    assert sorted([queue.Queue.get(items), items.get()]) == [1, 2]
    assert items.unfinished_tasks == 2


def test_comparison_that_changes_a_touched_list_is_told() -> None:
    class Meddler:
        def __lt__(self, other: object) -> bool:
            items.queue.clear()
            return False

    items = ours.PriorityQueue[Any]()
    for _ in range(3):
        items.queue.append(Meddler())
    with pytest.raises(RuntimeError, match="changed during a comparison"):
        items.get()
    assert items.empty()
    with pytest.raises(IndexError):
        items._get()


@pytest.mark.parametrize("kind", OURS)
def test_untouched_queue_has_no_mutex(kind: Any) -> None:
    """The point of it all: without this, the tests above could pass on a queue that is never fast."""
    items = kind(3)
    items.put(1)
    items.get()
    items.task_done()
    items.join()
    items.maxsize = 5
    assert (items.qsize(), items.full(), items.empty(), items.is_shutdown) == (0, False, True, False)
    assert repr(items).startswith("<windlass.dropin.queue.")
    assert not is_under_mutex(items)
    assert isinstance(items.queue, (list, deque))
    assert is_under_mutex(items)


def is_under_mutex(items: Any) -> bool:
    return any(isinstance(part, dict) and "mutex" in part for part in gc.get_referents(items))
