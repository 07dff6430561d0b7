"""ThreadPoolExecutor(...): the same arguments, defaults and refusals, and the same types to ask for."""

import concurrent.futures.process
import concurrent.futures.thread
import inspect
import os
from concurrent import futures as standard
from typing import Any

import pytest

import windlass.dropin.futures.process
import windlass.dropin.futures.thread
from dropin_peers import LIMIT, both
from windlass.dropin import futures as ours


@both
def test_arguments_may_be_positional(futures: Any) -> None:
    ran: list[int] = []
    with futures.ThreadPoolExecutor(3, "mine", ran.append, (7,)) as executor:
        executor.submit(int).result(LIMIT)
        assert executor._max_workers == 3
        assert executor._thread_name_prefix == "mine"
        assert [thread.name for thread in executor._threads] == ["mine_0"]
    assert ran == [7]


@both
def test_names_and_defaults_of_the_arguments(futures: Any) -> None:
    given = inspect.signature(futures.ThreadPoolExecutor).parameters.values()
    expected = [("max_workers", None), ("thread_name_prefix", ""), ("initializer", None), ("initargs", ())]
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    assert [(each.name, each.default) for each in given if each.kind not in kinds] == expected


@both
def test_default_is_the_cpus_and_four(futures: Any) -> None:
    cpus = getattr(os, "process_cpu_count", os.cpu_count)() or 1
    assert futures.ThreadPoolExecutor()._max_workers == min(32, cpus + 4)
    assert futures.ThreadPoolExecutor(None)._max_workers == min(32, cpus + 4)


@both
@pytest.mark.parametrize("number", [0, -1, -0.5])
def test_too_few_workers(futures: Any, number: float) -> None:
    with pytest.raises(ValueError, match=r"^max_workers must be greater than 0$"):
        futures.ThreadPoolExecutor(number)


@both
@pytest.mark.parametrize("wrong", ["2", [], object()])
def test_workers_that_are_no_number(futures: Any, wrong: object) -> None:
    with pytest.raises(TypeError):
        futures.ThreadPoolExecutor(wrong)


@both
def test_a_float_is_a_number_of_workers(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1.5) as executor:
        assert list(executor.map(abs, [-1, -2])) == [1, 2]


def test_nan_workers_are_refused() -> None:
    # The standard class accepts NaN and never starts a thread: every future hangs.
    with pytest.raises(ValueError, match="max_workers"):
        ours.ThreadPoolExecutor(float("nan"))  # type: ignore[arg-type]


@both
def test_initializer_must_be_callable(futures: Any) -> None:
    with pytest.raises(TypeError, match=r"^initializer must be a callable$"):
        futures.ThreadPoolExecutor(initializer=7)


@both
def test_class_keeps_its_name(futures: Any) -> None:
    # CPython's own tests write `from concurrent.futures import <name of the class>` into programs.
    assert futures.ThreadPoolExecutor.__name__ == "ThreadPoolExecutor"
    assert futures.Future.__name__ == "Future"
    assert getattr(futures, futures.ThreadPoolExecutor.__name__) is futures.ThreadPoolExecutor


@both
def test_a_subclass_may_add_arguments_and_attributes(futures: Any) -> None:
    class Named(futures.ThreadPoolExecutor):
        def __init__(self, name: str, **rest: Any) -> None:
            super().__init__(**rest)
            self.name = name

    with Named("n", max_workers=1) as executor:
        assert executor.name == "n"
        assert executor.submit(int, "3").result(LIMIT) == 3


@both
def test_a_subclass_that_forgets_the_constructor_gets_an_exception(futures: Any) -> None:
    class Forgetful(futures.ThreadPoolExecutor):
        def __init__(self) -> None:
            pass

    for use in (lambda executor: executor.submit(int), lambda executor: executor.shutdown()):
        with pytest.raises((AttributeError, RuntimeError)):
            use(Forgetful())
    with pytest.raises((AttributeError, RuntimeError)):
        list(Forgetful().map(abs, [1]))


def test_classes_are_subclasses_of_the_standard_ones() -> None:
    executor, future = ours.ThreadPoolExecutor(1), ours.Future()  # type: ignore[var-annotated]
    assert isinstance(executor, standard.ThreadPoolExecutor)
    assert isinstance(executor, standard.Executor)
    assert isinstance(future, standard.Future)
    assert issubclass(ours.ThreadPoolExecutor, standard.ThreadPoolExecutor)
    assert issubclass(ours.Future, standard.Future)
    with executor:
        assert type(executor.submit(int)) is ours.Future


def test_none_of_the_standard_state_is_used() -> None:
    with ours.ThreadPoolExecutor(1) as executor:
        future = executor.submit(int)
        assert future.result(LIMIT) == 0
        assert not {"_work_queue", "_threads", "_idle_semaphore", "_broken", "_shutdown"} & set(vars(executor))
        assert not {"_state", "_result", "_exception", "_done_callbacks", "_condition", "_waiters"} & set(vars(future))


def test_everything_that_the_standard_module_exports_is_here() -> None:
    assert sorted(ours.__all__) == sorted(standard.__all__)
    assert set(ours.__all__) <= set(dir(ours))
    for name in standard.__all__:
        assert getattr(ours, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = ours.nonsense


def test_exceptions_and_constants_are_the_same_objects() -> None:
    names = ["CancelledError", "TimeoutError", "InvalidStateError", "BrokenExecutor", "Executor"]
    names += ["ALL_COMPLETED", "FIRST_COMPLETED", "FIRST_EXCEPTION"]
    for name in names:
        assert getattr(ours, name) is getattr(standard, name)
    assert windlass.dropin.futures.thread.BrokenThreadPool is concurrent.futures.thread.BrokenThreadPool
    assert windlass.dropin.futures.process.BrokenProcessPool is concurrent.futures.process.BrokenProcessPool
