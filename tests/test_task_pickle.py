"""Pickling: an unfinished task is its call, an ended one its outcome."""

import copy
import pickle
import threading
from typing import Any

import pytest

from windlass import Task, TaskCancelled, ThreadPool

LIMIT = 10


def add(x: int, y: int = 0) -> int:
    return x + y


def give_back(**kwargs: Any) -> dict[str, Any]:
    return kwargs


def note(_: object) -> None:
    """A callback that can be pickled."""


class SpecialTask(Task[Any]):
    """A subclass stays one."""


def copied(task: Task[Any], protocol: int = pickle.HIGHEST_PROTOCOL) -> Task[Any]:
    revived: Task[Any] = pickle.loads(pickle.dumps(task, protocol))
    assert type(revived) is type(task)
    assert revived is not task
    return revived


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pending_task_pickles_as_its_call(protocol: int) -> None:
    task = Task(add, (1,), {"y": 2}, priority=3, name="sum", callback_func=note, store_return=True)
    revived = copied(task, protocol)
    assert (revived.state, revived.fn, revived.args, revived.kwargs) == ("PENDING", add, (1,), {"y": 2})
    assert (revived.priority, revived.name, revived.callback_func) == (3, "sum", note)
    assert revived() == 3
    assert task() == 3  # the original is untouched


def test_revived_task_can_be_submitted() -> None:
    with ThreadPool(1) as pool:
        assert pool.submit(copied(Task(add, (1, 2)))).result(LIMIT) == 3


@pytest.mark.parametrize("inject", [True, False])
def test_options_of_a_pending_task_survive(inject: bool) -> None:
    revived = copied(Task(give_back, inject_task=inject, store_return=False))
    assert not revived.store_return
    stored = copied(Task(give_back, inject_task=inject))
    assert stored() == ({"TaskObject": stored} if inject else {})


def test_running_task_pickles_as_its_call() -> None:
    started, go = threading.Event(), threading.Event()
    with ThreadPool(1) as pool:
        task: Task[Any] = Task(add, (1, 2), semaphore=None, callback_func=None)
        blocker = pool.submit(lambda: (started.set(), go.wait(LIMIT)))
        pool.submit(task)
        assert started.wait(LIMIT)
        queued = copied(task)
        assert (queued.state, queued()) == ("PENDING", 3)
        go.set()
        blocker.result(LIMIT)


def test_task_that_pickles_itself_while_running() -> None:
    with ThreadPool(1) as pool:
        revived = pickle.loads(pool.submit(pickle_own).result(LIMIT))
    assert (revived.state, revived.fn) == ("PENDING", pickle_own)


def pickle_own(TaskObject: Task[Any]) -> bytes:
    return pickle.dumps(TaskObject)


@pytest.mark.parametrize("value", [None, 0, {"a": [1, 2]}, ValueError("a value"), ("x", False)])
def test_finished_task_pickles_with_its_result(value: object) -> None:
    task: Task[Any] = Task(add, priority=7, name="n")
    task.set_result(value)
    revived = copied(task)
    assert (revived.state, revived.done(), revived.priority, revived.name) == ("FINISHED", True, 7, "n")
    assert repr(revived.result(0)) == repr(value)
    assert repr(revived.results) == repr(value)
    with pytest.raises(RuntimeError):
        revived()


def test_failed_task_pickles_with_its_exception() -> None:
    task: Task[Any] = Task(int, ("x",))
    with pytest.raises(ValueError, match="invalid literal"):
        task()
    revived = copied(task)
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            revived.result(0)
    assert repr(revived.exception()) == repr(task.exception())


def test_cancelled_task_pickles_as_cancelled() -> None:
    task: Task[Any] = Task(add)
    task.cancel()
    revived = copied(task)
    assert revived.cancelled()
    with pytest.raises(TaskCancelled):
        revived.result(0)


def test_ended_copy_tells_observers_at_once() -> None:
    task: Task[Any] = Task(add, (1,))
    task()
    seen: list[object] = []
    revived = copied(task)
    revived.add_done_callback(seen.append)
    assert seen == [revived]
    assert revived.wait(0)


def test_subclass_and_copy_module() -> None:
    task = SpecialTask(add, (1, 2))
    assert copied(task)() == 3
    assert copy.copy(task)() == 3


def test_task_that_holds_what_cannot_be_pickled_says_so() -> None:
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        pickle.dumps(Task(lambda: None))
