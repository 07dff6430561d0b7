"""What is kept alive, and until when; the collector is off, so a cycle would show as a leak."""

import contextvars
import gc
import sysconfig
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from waiting import until
from windlass import Task, ThreadPool

pytestmark = [
    pytest.mark.skipif(
        sysconfig.get_config_var("Py_GIL_DISABLED") == 1,
        reason="biased reference counts: what another thread let go of is freed at a later moment",
    ),
    pytest.mark.usefixtures("no_collector"),
]

LIMIT = 10

variable: contextvars.ContextVar[Any] = contextvars.ContextVar("variable")


class Value:
    """Something a weak reference can be taken of; calling it does nothing."""

    def __call__(self, *args: object, **kwargs: object) -> None:
        return None


def wait_until_idle(pool: ThreadPool) -> None:
    until(lambda: pool.inactive_workers == pool.num_workers)


def test_call_is_free_before_the_waiter_wakes() -> None:
    with ThreadPool(1) as pool:
        for _ in range(100):
            fn, argument, keyword = Value(), Value(), Value()
            references = [weakref.ref(value) for value in (fn, argument, keyword)]
            task = pool.submit(fn, argument, keyword=keyword)
            del fn, argument, keyword
            task.result(LIMIT)
            assert [reference() for reference in references] == [None] * 3


def test_call_is_free_before_callbacks_run() -> None:
    go, seen, value = threading.Event(), [], Value()
    reference = weakref.ref(value)
    with ThreadPool(1) as pool:
        task = pool.submit(lambda _: go.wait(LIMIT) and None, value)
        del value
        task.add_done_callback(lambda _: seen.append(reference()))
        go.set()
    assert seen == [None]


@pytest.mark.parametrize("way", ["cancel", "stop", "withdrawn", "result"])
def test_call_of_a_task_that_never_runs_is_free(way: str) -> None:
    value = Value()
    reference = weakref.ref(value)
    if way in ("cancel", "result"):
        task = Task(value, (value,), {"x": value})
        del value
        if way == "cancel":
            task.cancel()
        else:
            task.set_result(None)
        assert reference() is None
        return
    go, started = threading.Event(), threading.Event()
    pool = ThreadPool(1)
    pool.submit(lambda: (started.set(), go.wait(LIMIT)))
    assert started.wait(LIMIT)
    task = pool.submit(value, value)
    del value
    if way == "stop":
        assert pool.stop() == [task]
    else:
        task.cancel()
    assert reference() is None
    go.set()
    assert pool.join(LIMIT)


def test_idle_worker_keeps_nothing_of_its_last_task() -> None:
    with ThreadPool(1) as pool:
        value = Value()
        references = [weakref.ref(value)]
        task = pool.submit(lambda argument: argument, value)
        assert task.result(LIMIT) is value
        references.append(weakref.ref(task))
        del value, task
        wait_until_idle(pool)
        assert [reference() for reference in references] == [None, None]


def test_idle_worker_keeps_nothing_of_a_failed_task() -> None:
    def fail(argument: object) -> None:
        raise ValueError(argument)

    with ThreadPool(1) as pool:
        value = Value()
        reference = weakref.ref(value)
        pool.submit(fail, value)
        del value
        assert pool.wait_completion(LIMIT)
        wait_until_idle(pool)
        assert reference() is None


def test_result_dies_with_the_task() -> None:
    with ThreadPool(1) as pool:
        task = pool.submit(Value)
        reference = weakref.ref(task.result(LIMIT))
        assert reference() is not None
        wait_until_idle(pool)
        del task
        assert reference() is None


@pytest.mark.parametrize("ask", [Task.result, Task.exception, Task.wait])
def test_exception_and_its_frames_die_with_the_task(ask: Callable[..., object]) -> None:
    def fail(argument: object) -> None:
        raise ValueError("x")

    with ThreadPool(1) as pool:
        value = Value()
        reference = weakref.ref(value)
        task = pool.submit(fail, value)
        del value
        try:
            for _ in range(3):
                ask(task, LIMIT)
        except ValueError:
            pass
        wait_until_idle(pool)
        died = weakref.ref(task)
        del task
        assert died() is None
        assert reference() is None


def test_standard_waiters_and_repr_and_uuid_make_no_cycle() -> None:
    with ThreadPool(1) as pool:
        task = pool.submit(int)
        assert task.uuid
        assert task._condition
        assert task._waiters == []
        task.result(LIMIT)
        assert repr(task)
        wait_until_idle(pool)
        died = weakref.ref(task)
        del task
        assert died() is None


def test_callbacks_are_dropped_when_they_have_run() -> None:
    task = Task(int)
    callbacks = [Value(), Value()]
    references = [weakref.ref(callback) for callback in callbacks]
    for callback in callbacks:
        task.add_done_callback(callback)
    del callback
    callbacks.clear()
    task()
    assert [reference() for reference in references] == [None, None]


def test_waiter_that_gave_up_is_not_kept() -> None:
    task = Task(int)
    for _ in range(100):
        assert not task.wait(0)
        assert not task.wait(1e-6)
    assert not [held for held in gc.get_referents(task) if type(held).__name__ in ("Latch", "list")]


def test_context_values_are_not_kept_by_an_idle_pool() -> None:
    with ThreadPool(1) as pool:
        value = Value()
        reference = weakref.ref(value)
        token = variable.set(value)
        pool.submit(int).result(LIMIT)
        pool.submit(variable.set, value).result(LIMIT)
        variable.reset(token)
        del token, value
        wait_until_idle(pool)
        assert reference() is None


def test_imap_keeps_no_item_and_no_value_that_was_given_out() -> None:
    alive: list[weakref.ref[Value]] = []

    def make(_: int) -> Value:
        value = Value()
        alive.append(weakref.ref(value))
        return value

    with ThreadPool(1) as pool:
        for value in pool.imap(make, range(100), chunksize=10):
            del value
        wait_until_idle(pool)
        assert sum(reference() is not None for reference in alive) == 0


def test_values_of_map_die_with_their_tasks() -> None:
    with ThreadPool(2) as pool:
        tasks = pool.map(Value, [((), None)] * 50)
        references = [weakref.ref(task.result(LIMIT)) for task in tasks]
        wait_until_idle(pool)
        del tasks
        assert [reference() for reference in references] == [None] * 50


def test_cycle_through_an_outcome_is_found_by_the_collector() -> None:
    with ThreadPool(1) as pool:
        holder: dict[str, object] = {}
        task = pool.submit(lambda holder: holder, holder)
        holder["task"] = task
        task.result(LIMIT)
        wait_until_idle(pool)
        died = weakref.ref(task)
        del task, holder
        gc.collect()
        assert died() is None


def test_dropped_pool_goes_though_its_worker_lives() -> None:
    pool = ThreadPool(1)
    thread = pool.submit(threading.current_thread).result(LIMIT)
    died = weakref.ref(pool)
    del pool
    assert died() is None
    thread.join(LIMIT)
    assert not thread.is_alive()


def test_last_reference_to_a_pool_dropped_inside_its_task() -> None:
    holder = [ThreadPool(1)]

    def drop() -> str:
        holder.clear()
        gc.collect()
        return "alive"

    task = holder[0].submit(drop)
    assert task.result(LIMIT) == "alive"
    task.worker.join(LIMIT)
    assert not task.worker.is_alive()
