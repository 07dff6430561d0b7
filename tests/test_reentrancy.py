"""Calls back into the pool from where Python code runs unasked: finalizers, weakref callbacks, done callbacks."""

import gc
import sys
import threading
import weakref
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import pytest

from waiting import until
from windlass import Task, ThreadPool

FREE_THREADED = not getattr(sys, "_is_gil_enabled", lambda: True)()


@pytest.fixture
def _eager_collector() -> Iterator[None]:
    threshold = gc.get_threshold()
    gc.set_threshold(5)
    yield
    gc.set_threshold(*threshold)


class Submitter:
    """Submits when it dies."""

    def __init__(self, pool: ThreadPool, heard: list[Task[int]]) -> None:
        self.pool, self.heard = pool, heard
        self.cycle: object = None

    def __del__(self) -> None:
        self.heard.append(self.pool.submit(int, len(self.heard)))


def test_submit_from_finalizers_of_arguments_and_results() -> None:
    heard: list[Task[int]] = []
    with ThreadPool(2) as pool:
        for _ in range(500):
            pool.submit(lambda _: None, Submitter(pool, heard))
            pool.submit(Submitter, pool, heard)  # a result that nobody keeps
        # Without a GIL, the last release in another thread than the maker's may leave the object to the collector.
        until(lambda: len(heard) == 1_000 or gc.collect() < 0)
        assert pool.wait_completion(10)
    assert all(task.done() for task in heard)


@pytest.mark.slow
@pytest.mark.usefixtures("_eager_collector")
def test_submit_from_the_collector_in_the_middle_of_submits() -> None:
    heard: list[Task[int]] = []
    with ThreadPool(2) as pool:
        tasks = []
        for number in range(1_000):
            garbage = Submitter(pool, heard)
            garbage.cycle = garbage
            del garbage
            tasks.append(pool.submit(int, number))
            assert tasks[-1]._condition
        assert [task.result(10) for task in tasks] == list(range(1_000))
        gc.collect()
        until(lambda: len(heard) == 1_000 or gc.collect() < 0)
        assert all(task.wait(10) for task in list(heard))


def test_standard_wait_from_a_finalizer() -> None:
    seen: list[Any] = []

    class Waiter:
        def __init__(self, task: Task[int]) -> None:
            self.task = task

        def __del__(self) -> None:
            seen.append(futures.wait([self.task], timeout=5).done == {self.task} and self.task.uuid)

    with ThreadPool(1) as pool:
        first = pool.submit(int, "1")
        pool.submit(lambda _: None, Waiter(first)).result(10)
        until(lambda: len(seen) == 1)
    assert seen == [first.uuid]


def test_callbacks_that_submit_a_thousand_deep() -> None:
    done = threading.Event()
    with ThreadPool(1) as pool:

        def again(task: Task[int]) -> None:
            depth = task.result(0)
            if depth == 1_000:
                done.set()
            else:
                pool.submit(int, depth + 1).add_done_callback(again)

        pool.submit(int, 1).add_done_callback(again)
        assert done.wait(10)


def test_submit_and_shutdown_from_a_weakref_callback_in_a_worker() -> None:
    class Thing:
        pass

    pool = ThreadPool(1)
    tasks: list[Task[int]] = []
    refused: list[bool] = []

    def on_death(_: object) -> None:
        tasks.append(pool.submit(int, "9"))
        if threading.current_thread() in pool.workers:  # without a GIL, it may be the maker's thread
            try:
                pool.shutdown(wait=True)
            except RuntimeError:  # it would wait for itself
                refused.append(True)
            else:
                refused.append(False)
        pool.shutdown(wait=False)

    thing = Thing()
    ref = weakref.ref(thing, on_death)
    gate = threading.Event()
    task = pool.submit(lambda _: gate.wait(10), thing)
    del thing
    gate.set()
    assert task.result(10)
    until(lambda: ref() is None and pool.state == "STOPPED")
    assert [task.result(10) for task in tasks] == [9]
    assert refused == [True] or (not refused and FREE_THREADED)
    with pytest.raises(RuntimeError):
        pool.submit(int)


def test_last_reference_to_the_pool_dropped_in_its_own_task() -> None:
    held = [ThreadPool(1)]
    gate = threading.Event()

    def drop() -> str:
        gate.wait(10)
        held.clear()
        gc.collect()
        return "alive"

    task, queued = held[0].submit(drop), held[0].submit(int, "3")
    worker = held[0].workers[0]
    gate.set()
    assert task.result(10) == "alive"
    assert queued.result(10) == 3
    worker.join(10)
    assert not worker.is_alive()


def test_a_task_run_by_hand_inside_a_worker_may_wait_for_its_pool() -> None:
    with ThreadPool(1) as pool:
        by_hand = Task(lambda: pool.submit(int, "4").result(5))
        assert pool.submit(by_hand).result(10) == 4
        nested = pool.submit(lambda: Task(lambda: pool.submit(int, "5").result(5))())
        assert nested.result(10) == 5


def test_a_full_queue_inside_a_worker_runs_the_task_and_what_it_waits_for() -> None:
    with ThreadPool(1, max_queue=1) as pool:

        def inner() -> int:
            return pool.submit(int, "6").result(5)

        def outer() -> list[int]:
            return [task.result(5) for task in [pool.submit(inner) for _ in range(4)]]

        assert pool.submit(outer).result(10) == [6] * 4


def test_a_callback_whose_class_is_a_list_is_called() -> None:
    class Calls(list[Any]):
        def __call__(self, task: Task[int]) -> None:
            self.append(task)

    calls, task = Calls(), Task(int)
    task.add_done_callback(calls)
    task()
    assert calls == [task]


def test_an_exception_with_a_raising_traceback_attribute_ends_its_task() -> None:
    class Strange(Exception):
        @property
        def __traceback__(self) -> Any:
            raise RuntimeError("no traceback for you")

    def fail() -> None:
        raise Strange

    with ThreadPool(1) as pool:
        assert isinstance(pool.submit(fail).exception(10), Strange)
        assert pool.submit(int, "2").result(10) == 2


def test_a_queued_task_settled_by_hand_is_counted_once() -> None:
    gate = threading.Event()
    with ThreadPool(1) as pool:
        first, second = pool.submit(gate.wait, 10), pool.submit(int)
        second.set_result(5)
        gate.set()
        assert (first.result(10), second.result(10)) == (True, 5)
        assert pool.wait_completion(10)
        assert pool.statistics().queued == 0
