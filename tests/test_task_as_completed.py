"""windlass.as_completed: order, each task once, time-outs, and no reference kept."""

import gc
import sysconfig
import threading
import weakref
from concurrent.futures import Future
from typing import Any

import pytest

import windlass
from waiting import until
from windlass import Task, ThreadPool, WaitTimeout

LIMIT = 10


class Value:
    """Something a weak reference can be taken of."""


def test_yields_in_the_order_of_the_end() -> None:
    gates = [threading.Event() for _ in range(4)]
    with ThreadPool(4) as pool:
        tasks = [pool.submit(gate.wait, LIMIT) for gate in gates]
        iterator = pool.as_completed(tasks, LIMIT)
        for at in (2, 0, 3, 1):
            gates[at].set()
            assert next(iterator) is tasks[at]
        assert list(iterator) == []


def test_each_once_though_given_twice() -> None:
    with ThreadPool(2) as pool:
        tasks = pool.submit_many(abs, range(20))
        assert sorted(task.result() for task in windlass.as_completed(tasks * 3, LIMIT)) == list(range(20))


def test_mixed_states_and_none_at_all() -> None:
    failed, gone, pending = Task(int, ("x",)), Task(int), Task(int)
    with pytest.raises(ValueError, match="invalid literal"):
        failed()
    gone.cancel()
    threading.Timer(0.01, pending).start()
    assert set(windlass.as_completed([failed, gone, pending], LIMIT)) == {failed, gone, pending}
    assert list(windlass.as_completed([])) == []


@pytest.mark.parametrize("timeout", [0, -1, 0.01])
def test_timeout_comes_after_what_has_ended(timeout: float) -> None:
    done, pending = Task(int), Task(int)
    done()
    iterator = windlass.as_completed([pending, done], timeout)
    assert next(iterator) is done
    with pytest.raises(WaitTimeout, match=r"1 \(of 2\)"):
        next(iterator)
    pending()
    assert list(windlass.as_completed([pending, done], 0)) != []


def test_timeout_zero_is_enough_for_ended_tasks() -> None:
    tasks = [Task(int) for _ in range(5)]
    for task in tasks:
        task()
    assert set(windlass.as_completed(tasks, 0)) == set(tasks)


def test_standard_futures_may_be_among_them() -> None:
    future: Future[Any] = Future()
    task = Task(int)
    iterator = windlass.as_completed([future, task], LIMIT)
    task()
    assert next(iterator) is task
    future.set_result(1)
    assert list(iterator) == [future]


@pytest.mark.parametrize("bad", ["1", float("nan"), [1]])
def test_bad_timeout_is_refused_by_the_call_itself(bad: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        windlass.as_completed([], bad)


@pytest.mark.skipif(sysconfig.get_config_var("Py_GIL_DISABLED") == 1, reason="biased reference counts free later")
def test_yielded_task_is_free_to_die() -> None:
    gc.disable()
    try:
        with ThreadPool(1) as pool:
            tasks = [pool.submit(Value) for _ in range(5)]
            until(lambda: pool.inactive_workers == pool.num_workers == 1)  # it has let go of its last task
            iterator = windlass.as_completed(tasks, LIMIT)
            tasks.clear()
            for task in iterator:
                value = weakref.ref(task.result())
                assert value() is not None
                del task
                assert value() is None
    finally:
        gc.enable()


def test_dropped_iterator_leaves_no_watcher_behind() -> None:
    gc.disable()
    try:
        pending, done = Task(int), Task(int)
        done()
        iterator = windlass.as_completed([pending, done], LIMIT)
        assert next(iterator) is done
        gone = weakref.ref(done)
        del iterator, done
        assert gone() is None
        assert pending() == 0
    finally:
        gc.enable()


def test_many_threads_wait_for_the_same_tasks() -> None:
    go, counts = threading.Event(), []
    with ThreadPool(2) as pool:
        tasks = [pool.submit(go.wait, LIMIT) for _ in range(20)]

        def count() -> None:
            counts.append(len(list(windlass.as_completed(tasks, LIMIT))))

        threads = [threading.Thread(target=count) for _ in range(8)]
        for thread in threads:
            thread.start()
        go.set()
        for thread in threads:
            thread.join(LIMIT)
    assert counts == [20] * 8
