"""Code that the queue cannot foresee calls it in mid-call: priorities, finalizers, weakref callbacks, handlers."""

import gc
import itertools
import signal
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress

import pytest

from windlass import PriorityTaskQueue, QueueEmpty

LIMIT = 120  # seconds; only a hang reaches it: thousands of signals take long on a busy machine


class Finalized:
    """An item that calls ``action`` when it dies."""

    def __init__(self, action: Callable[[], object]) -> None:
        self.action = action

    def __del__(self) -> None:
        self.action()


class Cyclic(Finalized):
    """Garbage that only the collector frees."""

    def __init__(self, action: Callable[[], object]) -> None:
        super().__init__(action)
        self.me = self


# ---- priorities and timeouts that run Python code ----


class Meddler:
    """A number that calls ``action`` when asked for its value."""

    def __init__(self, action: Callable[[], object], value: int = 5) -> None:
        self.action = action
        self.value = value

    def __index__(self) -> int:
        self.action()
        return self.value

    def __float__(self) -> float:
        self.action()
        return float(self.value)


def test_priority_that_puts_comes_out_behind_what_it_put() -> None:
    queue = PriorityTaskQueue()
    queue.put("outer", Meddler(lambda: queue.put("inner", 5)))
    assert queue.clear() == ["inner", "outer"]
    assert queue.unfinished_tasks == 0


def test_priority_that_fills_the_queue_makes_the_put_refuse() -> None:
    queue = PriorityTaskQueue(1)
    with pytest.raises(Exception, match="no room"):
        queue.put("outer", Meddler(lambda: queue.put("inner", 5)), 0)
    assert queue.clear() == ["inner"]


def test_priority_that_closes_or_takes_away_during_reprioritise() -> None:
    queue = PriorityTaskQueue()
    queue.put("item")
    assert queue.reprioritise("item", Meddler(queue.clear)) is False
    queue.put("item")
    assert queue.reprioritise("item", Meddler(queue.close)) is True
    assert queue.get() == "item"


def test_timeout_that_puts_feeds_its_own_get() -> None:
    queue = PriorityTaskQueue()
    assert queue.get(Meddler(lambda: queue.put("fed"))) == "fed"


# ---- finalizers and weakref callbacks ----


def test_finalizer_of_a_got_item_may_use_the_queue() -> None:
    queue = PriorityTaskQueue()
    for _ in range(100):
        queue.put(Finalized(lambda: queue.put("from the finalizer", 20)), 1)
    for _ in range(100):
        queue.get_nowait()  # dropped at once
    assert queue.clear() == ["from the finalizer"] * 100


@pytest.mark.parametrize(
    "action",
    [
        lambda queue: queue.put("late", 0),
        lambda queue: queue.clear(),
        lambda queue: queue.get_nowait() if len(queue) else None,
        lambda queue: queue.remove("other"),
    ],
    ids=["put", "clear", "get", "remove"],
)
def test_finalizers_of_cleared_items_may_use_the_queue(action: Callable[[PriorityTaskQueue], object]) -> None:
    queue = PriorityTaskQueue()
    calls = 0

    def act() -> None:
        nonlocal calls
        calls += 1
        if calls <= 500:  # what the actions free may act again
            action(queue)

    for number in range(200):
        queue.put(Finalized(act), number % 90)
        queue.put("other", number % 90)
    queue.clear()
    while len(queue):
        queue.clear()
    assert calls == 200
    assert queue.unfinished_tasks in range(201)


def test_removing_the_last_reference_may_use_the_queue() -> None:
    queue = PriorityTaskQueue()
    items = [Finalized(lambda: queue.put("late", 1)) for _ in range(50)]
    for item in items:
        queue.put(item)
    del item
    while items:
        assert queue.remove(items.pop())  # the argument is the last reference
    assert queue.clear() == ["late"] * 50


def test_items_that_touch_the_queue_while_it_is_deallocated() -> None:
    queue = PriorityTaskQueue()
    find = weakref.ref(queue)
    seen: list[object] = []

    def touch() -> None:
        dying = find()
        if dying is not None:  # never, but what is found must be usable
            dying.put("late")
            len(dying)
        seen.append(dying)

    for number in range(1_000):
        queue.put(Finalized(touch), number % 100)
    del queue
    assert seen == [None] * 1_000


def test_items_that_touch_a_queue_which_the_collector_frees() -> None:
    seen: list[int] = []

    def fill() -> weakref.ref[PriorityTaskQueue]:
        queue = PriorityTaskQueue()

        def touch() -> None:
            seen.append(len(queue))
            queue.put("late")

        for number in range(1_000):
            queue.put(Finalized(touch), number % 100)
        return weakref.ref(queue)

    find = fill()
    for _ in range(3):
        gc.collect()
    assert len(seen) == 1_000
    assert find() is None


def test_weakref_callbacks_may_use_the_queue() -> None:
    class Item:
        pass

    queue = PriorityTaskQueue()
    references = []
    for number in range(100):
        item = Item()
        references.append(weakref.ref(item, lambda _: queue.put("told", 1_000)))
        queue.put(item, number)
    del item
    for _ in range(50):
        queue.get_nowait()
    assert len(queue) == 100  # 50 of each kind
    queue.clear()  # what dies with the list that it returned
    assert queue.clear() == ["told"] * 50


@pytest.mark.slow
@pytest.mark.usefixtures("collect_always")
def test_collector_that_runs_finalizers_in_mid_call() -> None:
    queue = PriorityTaskQueue()
    calls = 0

    def act() -> None:
        nonlocal calls
        calls += 1
        queue.put(["late"], 7)
        queue.get_nowait()

    created = 0
    for number in range(2_000):
        Cyclic(act)
        created += 1
        queue.put([number], number % 100)
        if number % 3 == 0:
            queue.get()
        if number % 500 == 0:
            Cyclic(act)
            created += 1
            queue.clear()
    left = len(queue)
    assert len(queue.clear()) == left
    gc.collect()
    assert calls == created
    assert queue.empty()


# ---- the collector sees the items ----


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("others", [0, 100], ids=["in a level", "in the heap"])
def test_cycle_through_the_queue_is_collected(others: int) -> None:
    class Item(list[object]):
        pass

    queue = PriorityTaskQueue()
    for priority in range(others):
        queue.put(priority, priority)
    item = Item([queue])
    queue.put(item, 1_000)
    watch, watch_queue = weakref.ref(item), weakref.ref(queue)
    del item, queue
    assert watch() is not None
    gc.collect()
    assert watch() is None
    assert watch_queue() is None


@pytest.mark.usefixtures("no_collector")
def test_collector_spares_items_of_a_queue_in_use() -> None:
    queue = PriorityTaskQueue()
    for number in range(200):
        queue.put([number], number % 100)
    gc.collect()
    seen = [item for item in gc.get_referents(queue) if isinstance(item, list)]
    assert sorted(seen) == [[number] for number in range(200)]
    assert sorted(queue.clear()) == [[number] for number in range(200)]


@pytest.mark.usefixtures("no_collector")
def test_no_reference_to_an_item_stays_behind() -> None:
    class Item:
        pass

    queue = PriorityTaskQueue(3)
    actions: list[Callable[[Item], object]] = [
        lambda item: queue.get_nowait(),
        lambda item: queue.clear(),
        lambda item: queue.remove(item),
        lambda item: (queue.reprioritise(item, 3), queue.get()),
    ]
    for action in actions:
        item = Item()
        watch = weakref.ref(item)
        queue.put(item)
        action(item)
        del item
        assert watch() is None
    for _ in range(3):
        queue.put("filler")
    item = Item()
    watch = weakref.ref(item)
    with pytest.raises(Exception, match="no room"):
        queue.put(item, 1, 0.001)
    with pytest.raises(ValueError, match="finite"):
        queue.put(item, float("nan"))
    del item
    assert watch() is None


# ---- signal handlers ----

needs_timers = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX interval timers")


@needs_timers
@pytest.mark.slow
def test_signal_handler_may_put_while_the_main_thread_puts(on_alarm: Callable[..., None]) -> None:
    queue = PriorityTaskQueue()
    numbers = itertools.count()
    handled: list[tuple[str, int]] = []

    def put() -> None:
        item = ("handler", next(numbers))  # in one step: a handler may interrupt another one
        queue.put(item, item[1] % 100)
        handled.append(item)

    on_alarm(put, 0.0001, every=0.0001)
    mine = 0
    came: list[tuple[str, int]] = []
    end = time.monotonic() + LIMIT
    while len(handled) < 5_000:
        assert time.monotonic() < end, f"only {len(handled)} signals"
        queue.put(("main", mine), mine % 100)
        mine += 1
        if mine % 3:
            came.append(queue.get_nowait())
    signal.setitimer(signal.ITIMER_REAL, 0)
    came += queue.clear()
    assert sorted(came) == sorted(handled) + [("main", number) for number in range(mine)]


@needs_timers
@pytest.mark.slow
def test_signal_handler_may_feed_the_get_that_it_interrupts(on_alarm: Callable[..., None]) -> None:
    queue, full = PriorityTaskQueue(), PriorityTaskQueue(1)
    full.put("held")

    def act() -> None:
        queue.put("from the handler")
        with suppress(QueueEmpty):  # it may have interrupted itself
            full.get_nowait()

    on_alarm(act, 0.0001, every=0.0001)
    for _ in range(500):
        assert queue.get(LIMIT) == "from the handler"
        full.put("held", 1, LIMIT)


@pytest.mark.slow
@pytest.mark.stress
@pytest.mark.usefixtures("collect_always")
def test_finalizers_in_several_threads_at_once() -> None:
    queue = PriorityTaskQueue()
    died = 0
    lock = threading.RLock()  # a finalizer can interrupt another one in the same thread

    def act() -> None:
        nonlocal died
        queue.put("late", 3)
        with lock:
            died += 1

    def work() -> None:
        for number in range(300):
            Cyclic(act)
            queue.put(Finalized(act), number % 80)
            queue.get(LIMIT)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
        assert not thread.is_alive()
    while len(queue) and died < 1_800:
        queue.get_nowait()
    gc.collect()
    assert died == 1_800
