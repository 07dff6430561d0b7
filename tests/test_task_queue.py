"""PriorityTaskQueue in one thread: what each call returns, refuses and leaves behind."""

import queue as standard
import random
from collections.abc import Callable

import pytest

import windlass
from windlass import PriorityTaskQueue

SEED = random.randrange(2**32)


class Same:
    """Equal to everything, hashable as nothing: the queue must go by identity."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, _other: object) -> bool:
        return True


class Untouchable:
    """An item that must be neither compared, hashed nor asked for its truth."""

    def _refuse(self, *_: object) -> bool:
        raise AssertionError("the queue looked into an item")

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __hash__ = _refuse  # type: ignore[assignment]


def drain(queue: PriorityTaskQueue) -> list[object]:
    return [queue.get_nowait() for _ in range(queue.qsize())]


def test_new_queue_is_empty_open_and_unbounded() -> None:
    queue = PriorityTaskQueue()
    assert (queue.qsize(), len(queue), queue.maxsize, queue.unfinished_tasks) == (0, 0, 0, 0)
    assert queue.empty()
    assert not queue.full()
    assert not queue.closed
    assert queue  # true although empty


def test_lowest_priority_comes_first_and_ten_is_the_default() -> None:
    queue = PriorityTaskQueue()
    queue.put("default")
    queue.put("low", 11)
    queue.put("high", priority=9)
    queue.put_nowait("default too")
    queue.put_nowait("half", 9.5)
    queue.put("negative", -(2**63))
    assert drain(queue) == ["negative", "high", "half", "default", "default too", "low"]


def test_equal_priorities_come_in_the_order_they_went_in() -> None:
    queue = PriorityTaskQueue()
    for number in range(1_000):
        queue.put(number, (3, 3.0, True + 2)[number % 3])
    assert drain(queue) == list(range(1_000))


@pytest.mark.parametrize("levels", [1, 2, 63, 64, 65, 66, 200, 3_000])
def test_order_holds_for_any_number_of_priorities(levels: int) -> None:
    print("seed", SEED)
    randomly = random.Random(SEED)
    queue = PriorityTaskQueue()
    pending: list[tuple[float, int]] = []
    for number in range(3_000):
        entry = (randomly.randrange(levels) / 2, number)
        queue.put(entry, entry[0])
        pending.append(entry)
    pending.sort()
    assert drain(queue) == pending


def test_levels_are_given_up_to_new_priorities_in_turn() -> None:
    queue = PriorityTaskQueue()
    for priority in range(1_000):  # one at a time, so each finds 64 empty levels in its way
        queue.put(priority, priority)
        assert queue.get_nowait() == priority
    window = 70  # and with the window full, so that the heap and the levels share the priorities
    for priority in range(1_000, 3_000):
        queue.put(priority, priority)
        if queue.qsize() > window:
            assert queue.get_nowait() == priority - window
    assert drain(queue) == list(range(3_000 - window, 3_000))


def test_ties_keep_their_order_when_one_is_in_the_heap_and_one_in_a_level() -> None:
    queue = PriorityTaskQueue()
    for priority in range(64):  # every level taken
        queue.put(("filler", priority), priority)
    queue.put("first", 100)  # no level is left: this one is in the heap
    for priority in range(64):
        assert queue.get_nowait() == ("filler", priority)
    queue.put("second", 100)  # now there is a level for it
    queue.put("third", 100)
    queue.put("before all", 99)
    assert drain(queue) == ["before all", "first", "second", "third"]


def test_items_are_never_looked_into() -> None:
    queue = PriorityTaskQueue()
    items = [Untouchable() for _ in range(200)]
    for number, item in enumerate(items):
        queue.put(item, number % 100)
    assert queue.remove(items[150])
    assert queue.reprioritise(items[3], 50)
    assert not queue.remove(Untouchable())
    assert queue.get_nowait() is items[0]
    assert len(queue.clear()) == 198


@pytest.mark.parametrize("item", [None, False, (), NotImplemented, Ellipsis, Exception("value"), PriorityTaskQueue])
def test_any_object_is_an_item(item: object) -> None:
    queue = PriorityTaskQueue()
    queue.put(item)
    assert queue.get(0) is item


# ---- bounds and errors ----


def test_full_queue_refuses_and_stays_as_it_was() -> None:
    queue = PriorityTaskQueue(maxsize=2)
    queue.put("a")
    assert not queue.full()
    queue.put("b")
    assert queue.full()
    for attempt in (
        lambda: queue.put_nowait("c"),
        lambda: queue.put("c", 1, 0),
        lambda: queue.put("c", 1, timeout=0.001),
    ):
        with pytest.raises(windlass.QueueFull) as caught:
            attempt()
        assert isinstance(caught.value, standard.Full)
    assert (queue.qsize(), queue.unfinished_tasks) == (2, 2)
    assert drain(queue) == ["a", "b"]
    queue.put_nowait("c")


def test_empty_queue_refuses() -> None:
    queue = PriorityTaskQueue()
    for attempt in (queue.get_nowait, lambda: queue.get(0), lambda: queue.get(timeout=0.001)):
        with pytest.raises(windlass.QueueEmpty) as caught:
            attempt()
        assert isinstance(caught.value, standard.Empty)


@pytest.mark.parametrize("maxsize", [0, -1, -(2**40), False])
def test_maxsize_that_is_not_positive_means_no_limit(maxsize: int) -> None:
    queue = PriorityTaskQueue(maxsize)
    assert queue.maxsize == 0
    for number in range(1_000):
        queue.put_nowait(number)
    assert not queue.full()


@pytest.mark.parametrize("maxsize", ["1", 1.5, None, []])
def test_maxsize_that_is_no_int_is_an_error(maxsize: object) -> None:
    with pytest.raises(TypeError):
        PriorityTaskQueue(maxsize)
    queue = PriorityTaskQueue(3)
    with pytest.raises(TypeError):
        queue.maxsize = maxsize
    assert queue.maxsize == 3
    with pytest.raises(OverflowError):
        PriorityTaskQueue(2**63)


def test_maxsize_below_the_present_size_drops_nothing() -> None:
    queue = PriorityTaskQueue(4)
    for number in range(4):
        queue.put(number)
    queue.maxsize = 2
    assert queue.full()
    assert queue.get_nowait() == 0
    assert queue.get_nowait() == 1
    with pytest.raises(windlass.QueueFull):
        queue.put_nowait("no room yet")
    assert queue.get_nowait() == 2
    queue.put_nowait(4)
    queue.maxsize = 0
    queue.put_nowait(5)
    assert drain(queue) == [3, 4, 5]


# ---- remove, reprioritise, clear ----


def test_remove_goes_by_identity() -> None:
    queue = PriorityTaskQueue()
    first, second = Same(), Same()
    queue.put(first)
    queue.put(second)
    assert not queue.remove(Same())
    assert queue.remove(second)
    assert not queue.remove(second)
    assert queue.get_nowait() is first


@pytest.mark.parametrize("spread", [1, 40, 1_000])  # one level; levels; levels and heap
def test_remove_leaves_the_others_in_order(spread: int) -> None:
    print("seed", SEED)
    randomly = random.Random(SEED)
    queue = PriorityTaskQueue()
    items = [[randomly.randrange(spread), number] for number in range(500)]
    for item in items:
        queue.put(item, item[0])
    for item in randomly.sample(items, 300):
        assert queue.remove(item)
        items.remove(item)
    assert drain(queue) == sorted(items)


@pytest.mark.parametrize("fillers", [0, 63, 64, 90])
def test_remove_takes_the_most_urgent_of_several(fillers: int) -> None:
    queue = PriorityTaskQueue()
    twice = object()
    for priority in range(fillers):
        queue.put("filler", priority)
    queue.put(twice, 1_000)
    queue.put("between", 500)
    queue.put(twice, 200)
    queue.put(twice, 300)
    assert queue.remove(twice)
    assert drain(queue)[fillers:] == [twice, "between", twice]


def test_reprioritise_goes_behind_the_others_of_its_new_level() -> None:
    queue = PriorityTaskQueue()
    items = [[number] for number in range(4)]
    for item in items:
        queue.put(item, 5)
    assert queue.reprioritise(items[0], 5)
    assert queue.reprioritise(items[3], 4.5)
    assert not queue.reprioritise([1], 1)  # equal, but never put
    assert queue.unfinished_tasks == 4
    assert drain(queue) == [items[3], items[1], items[2], items[0]]
    assert not queue.reprioritise(items[0], 1)


def test_clear_returns_what_it_dropped_in_order_and_counts_it_finished() -> None:
    queue = PriorityTaskQueue(200)
    for number in range(200):
        queue.put(number, -number)
    assert queue.clear() == list(range(199, -1, -1))
    assert (queue.qsize(), queue.unfinished_tasks) == (0, 0)
    assert queue.clear() == []
    assert queue.join(10)


# ---- unfinished tasks ----


def test_unfinished_tasks_are_counted_until_done() -> None:
    queue = PriorityTaskQueue()
    for number in range(3):
        queue.put(number)
    queue.get_nowait()
    assert queue.unfinished_tasks == 3
    queue.task_done()
    assert queue.remove(2)
    assert queue.unfinished_tasks == 1
    assert queue.join(0) is False
    queue.get_nowait()
    queue.task_done()
    assert queue.join(0) is True
    with pytest.raises(ValueError, match="too many times"):
        queue.task_done()
    assert queue.unfinished_tasks == 0


@pytest.mark.parametrize(
    "drop", [lambda queue: queue.remove("item"), lambda queue: queue.clear()], ids=["remove", "clear"]
)
def test_join_returns_though_items_were_reported_before_they_were_dropped(
    drop: Callable[[PriorityTaskQueue], object],
) -> None:
    queue = PriorityTaskQueue()
    queue.put("item")
    queue.task_done()
    drop(queue)
    assert queue.unfinished_tasks == 0
    assert queue.join(0) is True


# ---- close ----


def test_closed_queue_gives_what_it_has_and_takes_nothing() -> None:
    queue = PriorityTaskQueue(2)
    queue.put("a")
    queue.put("b")
    queue.close()
    queue.close()
    assert queue.closed
    for put in (queue.put, queue.put_nowait):
        with pytest.raises(windlass.QueueClosed):
            put("c")
    assert queue.reprioritise("b", 1)
    assert queue.get() == "b"
    assert queue.get_nowait() == "a"
    for get in (queue.get, queue.get_nowait, lambda: queue.get(1)):
        with pytest.raises(windlass.QueueClosed) as caught:
            get()
        assert isinstance(caught.value, windlass.WindlassError)
        assert isinstance(caught.value, getattr(standard, "ShutDown", RuntimeError))
    assert queue.unfinished_tasks == 2


def test_subclass_can_be_made_and_weakly_referenced() -> None:
    class Named(PriorityTaskQueue):
        def __init__(self, name: str) -> None:
            super().__init__(1)
            self.name = name

    queue = Named("mine")
    queue.put(queue.name)
    assert queue.full()
    assert queue.get_nowait() == "mine"
