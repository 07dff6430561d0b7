"""Injection: a parameter named TaskObject receives the task; ``**kwargs`` alone does not count."""

import functools
import threading
from typing import Any

import pytest

from windlass import Task, ThreadPool

LIMIT = 10


def wants(x: int = 0, TaskObject: Any = None) -> tuple[int, Any]:
    return x, TaskObject


def keyword_only(*, TaskObject: Any) -> Any:
    return TaskObject


def positional_only(TaskObject: Any = "default", /) -> Any:
    return TaskObject


def takes_any(*args: Any, **kwargs: Any) -> dict[str, Any]:
    return kwargs


def local_variable() -> Any:
    TaskObject = "local"
    return TaskObject


class Owner:
    def method(self, TaskObject: Any = None) -> Any:
        return TaskObject

    @classmethod
    def class_method(cls, TaskObject: Any = None) -> Any:
        return TaskObject

    @staticmethod
    def static_method(TaskObject: Any = None) -> Any:
        return TaskObject

    def __call__(self, TaskObject: Any = None) -> Any:
        return TaskObject


class Made:
    def __init__(self, TaskObject: Any = None) -> None:
        self.task = TaskObject


@pytest.mark.parametrize(
    "fn",
    [
        keyword_only,
        Owner().method,
        Owner.class_method,
        Owner.static_method,
        Owner(),
        functools.partial(keyword_only),
        functools.partial(functools.partial(Owner().method)),
        lambda TaskObject: TaskObject,
    ],
    ids=str,
)
def test_parameter_receives_the_task(fn: Any) -> None:
    task = Task(fn)
    assert task() is task
    with ThreadPool(1) as pool:
        for submitted in (pool.submit(fn), *pool.map(fn, [((), {})])):
            assert submitted.result(LIMIT) is submitted


def test_arguments_come_beside_the_task() -> None:
    with ThreadPool(1) as pool:
        task = pool.submit(wants, 5)
        assert task.result(LIMIT) == (5, task)


def test_class_with_such_a_parameter_receives_it() -> None:
    task = Task(Made)
    made = task()
    assert made is not None
    assert made.task is task


@pytest.mark.parametrize(
    ("fn", "value"), [(takes_any, {}), (positional_only, "default"), (local_variable, "local"), (dict, {})]
)
def test_others_receive_nothing(fn: Any, value: object) -> None:
    with ThreadPool(1) as pool:
        assert pool.submit(fn).result(LIMIT) == value
    assert Task(fn)() == value


def test_inject_task_true_forces_it_and_false_forbids_it() -> None:
    forced = Task(takes_any, inject_task=True)
    assert forced() == {"TaskObject": forced}
    assert Task(wants, inject_task=False)() == (0, None)
    with ThreadPool(1) as pool:
        task = pool.options(inject_task=True).submit(takes_any)
        assert task.result(LIMIT) == {"TaskObject": task}
        assert pool.options(inject_task=False).submit(wants).result(LIMIT) == (0, None)


def test_functions_made_from_one_code_object_agree() -> None:
    def make(number: int) -> Any:
        return lambda TaskObject: (number, TaskObject)

    for number in range(3):
        task = Task(make(number))
        assert task() == (number, task)


def test_callers_mapping_is_not_changed() -> None:
    arguments: dict[str, Any] = {"x": 1}
    with ThreadPool(1) as pool:
        for task in pool.map(wants, [((), arguments)] * 3):
            assert task.result(LIMIT) == (1, task)
        task = pool.options(inject_task=True).submit(takes_any, **arguments)
        assert task.result(LIMIT) == {"x": 1, "TaskObject": task}
    assert arguments == {"x": 1}


def test_injected_task_is_running_in_its_worker() -> None:
    def look(TaskObject: Task[Any]) -> tuple[str, bool]:
        return TaskObject.state, TaskObject.worker is threading.current_thread()

    with ThreadPool(1) as pool:
        assert pool.submit(look).result(LIMIT) == ("RUNNING", True)
