"""Code that a queue cannot foresee calls it in mid-call; what it holds is let go; forks and the collector."""

import gc
import itertools
import os
import queue
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dropin_queues import ALL_CLASSES, CLASSES, LIMIT, OURS, drain
from waiting import start
from windlass.dropin import queue as ours

ALL_OURS = [*OURS, pytest.param(ours.SimpleQueue, id="SimpleQueue")]
each_of_ours = pytest.mark.parametrize("kind", ALL_OURS)


class Putting:
    """Garbage that only the collector frees, and that then puts a number."""

    def __init__(self, items: Any, numbers: Iterator[int]) -> None:
        self.me = self
        self.items = items
        self.numbers = numbers

    def __del__(self) -> None:
        self.items.put(next(self.numbers))


@each_of_ours
def test_put_from_finalizers_in_mid_put_and_mid_get(kind: Any, collect_always: None) -> None:
    items = kind()
    numbers = itertools.count()
    got = []
    while len(got) < 2000:
        garbage = Putting(items, numbers)
        items.put(next(numbers))
        del garbage
        got.append(items.get())
    gc.collect()
    got += drain(items)
    assert sorted(got) == list(range(next(numbers)))


@each_of_ours
def test_weakref_callback_puts_while_the_item_is_dropped(kind: Any) -> None:
    class Item:
        def __lt__(self, other: object) -> bool:
            return id(self) < id(other)

    items = kind()
    references = []
    for _ in range(10):
        item = Item()
        references.append(weakref.ref(item, lambda _: items.put(Item())))
        items.put(item)
    del item
    got = 0
    while not items.empty():
        items.get()
        got += 1
    assert got == 20


@each_of_ours
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX interval timers")
def test_signal_handler_puts_and_gets(kind: Any) -> None:
    items = kind()
    put, got = itertools.count(), []

    def handle(*_args: object) -> None:
        items.put(next(put))
        got.append(items.get_nowait())

    old = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 1e-4, 1e-4)
    try:
        end = time.monotonic() + 0.2
        while time.monotonic() < end:
            items.put(next(put))
            got.append(items.get(timeout=LIMIT))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert sorted(got + drain(items)) == list(range(next(put)))


@each_of_ours
def test_item_whose_end_calls_the_queue_dies_with_it(kind: Any) -> None:
    """Neither shutdown nor the end of the queue holds anything while finalizers run."""
    sizes = []

    class Item:
        def __lt__(self, other: object) -> bool:
            return False

        def __del__(self) -> None:
            items = reference()
            sizes.append(None if items is None else items.qsize())

    items = kind()
    reference = weakref.ref(items)
    for _ in range(3):
        items.put(Item())
    if kind is not ours.SimpleQueue:
        items.shutdown(immediate=True)
        assert sizes == [0, 0, 0]
        items.is_shutdown = False
        items.put(Item())
    del items
    gc.collect()
    assert reference() is None
    assert sizes == ([0, 0, 0, None] if kind is not ours.SimpleQueue else [None] * 3)


# ---- what is held, and what is let go ----


class Thing:
    def __lt__(self, other: object) -> bool:
        return False


@pytest.mark.parametrize("kind", ALL_CLASSES)
def test_item_is_let_go_when_it_leaves(kind: Any) -> None:
    items = kind()
    for _ in range(20):
        items.put(Thing())
    for _ in range(20):
        reference = weakref.ref(items.get())
        gc.collect()
        assert reference() is None


@pytest.mark.parametrize("kind", ALL_CLASSES)
def test_references_balance(kind: Any) -> None:
    item = Thing()
    before = sys.getrefcount(item)
    for maxsize in (0, 5):
        items = kind() if kind.__name__ == "SimpleQueue" else kind(maxsize)
        for _ in range(5):
            items.put(item)
        if maxsize:
            with pytest.raises(queue.Full) if hasattr(items, "maxsize") else pytest.raises(queue.Empty):
                items.put(item, timeout=0.001) if hasattr(items, "maxsize") else ours.SimpleQueue().get_nowait()
        assert sys.getrefcount(item) == before + 5
        items.get()
        items.get()
        if maxsize and hasattr(items, "mutex"):
            assert len(items.queue) == 3
        items.get()
        assert sys.getrefcount(item) == before + 2
        del items
        gc.collect()
        assert sys.getrefcount(item) == before


@pytest.mark.parametrize("kind", ALL_CLASSES)
@pytest.mark.parametrize("touch", [False, True])
def test_cycle_through_a_queue_is_collected(kind: Any, touch: bool) -> None:
    thing = Thing()
    thing.items = kind()  # type: ignore[attr-defined]
    thing.items.put(thing)  # type: ignore[attr-defined]
    if touch:
        hasattr(thing.items, "mutex")  # type: ignore[attr-defined]
    reference = weakref.ref(thing)
    del thing
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize("kind", CLASSES)
def test_failed_calls_hold_nothing(kind: Any) -> None:
    items = kind(1)
    items.put(1)
    thing = Thing()
    reference = weakref.ref(thing)
    try:
        items.put(thing, timeout=0.001)
    except queue.Full:
        pass
    del thing
    gc.collect()
    assert reference() is None


# ---- fork ----


def in_child(body: Callable[[], bool]) -> None:
    """Run ``body`` in a forked child, which answers by its exit code."""
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT)
        ok = False
        try:
            ok = body()
        finally:
            os._exit(0 if ok else 1)
    assert os.waitpid(child, 0)[1] == 0


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
# Python 3.12 warns of any fork with threads; that it works is what is tested.
may_fork = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")


@needs_fork
@may_fork
@each_of_ours
def test_child_has_the_items_and_none_of_the_waiting_threads(kind: Any) -> None:
    empty, full = kind(), kind() if kind is ours.SimpleQueue else kind(1)
    full.put("held")
    waiting = [start(empty.get) for _ in range(3)]
    if kind is not ours.SimpleQueue:
        waiting += [start(lambda: full.put("later")), start(full.join)]
    time.sleep(0.01)

    def use() -> bool:
        empty.put("mine")
        other = start(empty.get)
        empty.put("other's")
        return {empty.get(timeout=LIMIT), other.result(LIMIT)} == {"mine", "other's"} and full.get() == "held"

    in_child(use)
    for _ in range(3):
        empty.put("item")
    for outcome in waiting[:3]:
        assert outcome.result(LIMIT) == "item"
    assert full.get() == "held"
    if kind is not ours.SimpleQueue:
        waiting[3].result(LIMIT)
        full.task_done()
        full.task_done()
        waiting[4].result(LIMIT)


@needs_fork
@may_fork
def test_fork_while_another_thread_compares() -> None:
    inside, leave = threading.Event(), threading.Event()

    class Slow:
        def __lt__(self, other: object) -> bool:
            if not inside.is_set():
                inside.set()
                assert leave.wait(LIMIT)
            return False

    items = ours.PriorityQueue[Any]()
    items.put(Slow())
    outcome = start(lambda: items.put(Slow()))
    assert inside.wait(LIMIT)

    def use() -> bool:
        items.put(Slow())
        return len(drain(items)) == 2

    in_child(use)
    leave.set()
    outcome.result(LIMIT)
    assert items.qsize() == 2
