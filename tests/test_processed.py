"""Processed: which functions it takes, what it keeps of them, and what a call returns."""

import copy
import functools
import inspect
import os
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import processed_functions
from processed_functions import Account, Savings, divide, divide_async
from windlass import Limiter, Processed, Task, TaskTimeout, Threaded, TransferError, WorkerDied

LIMIT = 60


def test_a_call_returns_a_task_of_the_value_from_another_process() -> None:
    task = divide(1, 3, digits=3)
    assert isinstance(task, Task)
    assert task.result(LIMIT) == 0.333
    assert divide_async(5).result(LIMIT) == 2.5
    assert divide_async(5).name == "plain"
    assert processed_functions.where().result(LIMIT)[0] != os.getpid()


def test_what_the_function_is_called_with_and_called_by_stays_known() -> None:
    assert divide.__name__ == divide.__qualname__ == "divide"
    assert divide.__doc__ == "Divide."
    assert divide.__module__ == "processed_functions"
    assert divide.__wrapped__(9, 3) == 3  # type: ignore[attr-defined]
    assert list(inspect.signature(divide).parameters) == ["a", "b", "digits"]
    assert list(inspect.signature(Account(1).add).parameters) == ["amount"]
    assert divide.__annotations__["digits"] is int
    assert not inspect.iscoroutinefunction(divide_async)
    assert "divide" in repr(divide)
    assert "divide" in repr(divide(1))


@pytest.mark.parametrize(
    "function",
    [divide, divide_async, processed_functions.limited_above, processed_functions.limited_below, Account.inner_static],
)
def test_a_processed_function_pickles(function: Any) -> None:
    assert pickle.loads(pickle.dumps(function)) is function


def test_a_copy_is_the_function_itself() -> None:
    local = Processed(daemon=True)(lambda: 1)
    assert copy.copy(local) is copy.deepcopy([local])[0] is local


def test_methods_send_their_instance_along_and_leave_it_as_it_was() -> None:
    accounts = [Account(100 * number) for number in range(20)]
    tasks = [account.add(number) for number, account in enumerate(accounts)]
    assert [task.result(LIMIT) for task in tasks] == [101 * number for number in range(20)]
    assert [account.balance for account in accounts] == [100 * number for number in range(20)]
    assert [account.add_async(1).result(LIMIT) for account in accounts] == [100 * number + 1 for number in range(20)]
    add = pickle.loads(pickle.dumps(Account(4).add))
    assert add(5).result(LIMIT) == 9
    assert Account(7).total.result(LIMIT) == 7
    assert Account(8).limited().result(LIMIT) == 8


@pytest.mark.parametrize("kind", [Account, Savings])
def test_static_and_class_methods_in_either_order(kind: type[Account]) -> None:
    for owner in (kind, kind(0)):
        assert owner.inner_static(4).result(LIMIT) == 4
        assert owner.outer_static(4).result(LIMIT) == 4
        assert owner.inner_class().result(LIMIT) == kind.interest
        assert owner.outer_class().result(LIMIT) == kind.interest


def test_callables_that_are_no_functions() -> None:
    assert Processed(len)("abc").result(LIMIT) == 3
    assert Processed(int)("12").result(LIMIT) == 12
    assert Processed(functools.partial(int, base=2))("101").result(LIMIT) == 5
    assert Processed(Account(3).__init__)(4).result(LIMIT) is None
    assert [processed_functions.cached(3).result(LIMIT) for _ in range(2)] == [9, 9]
    above = functools.cache(processed_functions.by_hand)
    assert above(4) is above(4)
    assert above(4).result(LIMIT) == -4


@pytest.mark.parametrize(
    "wrong",
    [3, "f", [len], divide, Threaded(len), processed_functions.limited_above, processed_functions.count_up],
    ids=repr,
)
def test_what_cannot_be_processed_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="Processed"):
        Processed(wrong)


def test_a_property_below_is_refused() -> None:
    with pytest.raises(TypeError, match="@property over @Processed"):
        Processed(property(lambda self: 1))  # type: ignore[call-overload]


# ---- what becomes of a call ----


def test_an_exception_comes_with_the_traceback_of_the_worker() -> None:
    error = processed_functions.fail("on purpose").exception(LIMIT)
    assert (type(error), str(error)) == (ValueError, "on purpose")
    assert "raise ValueError(text)" in str(error.__cause__)  # type: ignore[union-attr]


def test_a_worker_that_dies_costs_its_own_call() -> None:
    dead, others = processed_functions.leave(3), [divide(number) for number in range(20)]
    error = dead.exception(LIMIT)
    assert isinstance(error, WorkerDied)
    assert error.exit_code == 3
    assert [task.result(LIMIT) for task in others] == [number / 2 for number in range(20)]


def test_arguments_that_do_not_pickle_fail_that_call() -> None:
    assert isinstance(divide(processed_functions.UNPICKLABLE).exception(LIMIT), TransferError)  # type: ignore[arg-type]
    assert divide(2).result(LIMIT) == 1


def test_a_call_may_have_a_time_limit() -> None:
    hang: Any = processed_functions.hang
    assert isinstance(hang(_task_task_timeout=0.05).exception(LIMIT), TaskTimeout)
    decorated = Processed(_task_task_timeout=0.05)(hang.__wrapped__)
    assert isinstance(decorated().exception(LIMIT), TaskTimeout)


def test_the_callback_is_called_in_this_process() -> None:
    values: list[Any] = []
    noting = Processed(callback_func=values.append)(processed_functions.plain)
    silent = Processed(callback_func=values.append, _task_store_return=False)(processed_functions.plain)
    assert noting(3).result(LIMIT) == -3
    assert silent(4).result(LIMIT) is None
    assert values == [-3, -4]
    assert isinstance(noting("a").exception(LIMIT), TypeError)  # type: ignore[arg-type]
    assert values == [-3, -4]


def test_options_of_a_call_are_taken_out_of_its_arguments() -> None:
    call: Any = processed_functions.where
    task = call(1, _task_name="mine", _task_priority=3)
    assert (task.name, task.priority) == ("mine", 3)
    assert task.result(LIMIT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"_task_kind": 1},
        {"_worker_size": 1},
        {"priority": 1},
        {"_task_priority": "high"},
        {"_task_task_timeout": float("nan")},
        {"_task_task_timeout": 0},
        {"_task_inject_task": True},
        {"pool": True, "_pool_size": 1},
        {"pool": True, "_pool_max_workers": 0},
        {"_pool_max_workers": 1},
        {"pool": 3},
        {"daemon": "yes"},
        {"pool_name": 3},
        {"daemon": True, "pool": True},
        {"daemon": True, "_worker_start_method": "by hand"},
        {"pool": True, "_worker_name": "a"},
    ],
    ids=str,
)
def test_bad_keywords_are_refused_where_they_are_given(wrong: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        Processed(**wrong)(processed_functions.plain)


def test_a_keyword_that_is_unknown_names_this_decorator() -> None:
    with pytest.raises(TypeError, match="priority is no keyword of Processed"):
        Processed(priority=3)
    with pytest.raises(TypeError, match="waits for one limit only"):
        Processed(_task_semaphore=Limiter)(processed_functions.limited)


NAMES = st.text(st.characters(categories=["Ll", "Lu"], max_codepoint=0x17F), min_size=1, max_size=6)
KEYWORDS = st.dictionaries(
    st.one_of(
        NAMES,
        st.sampled_from(["fn", "self", "args", "kwargs", "function", "instance", "pool", "callback_func", "priority"]),
        st.sampled_from(["submit_task_priority", "submit_task_timeout", "_pool_x", "_worker_name", "_task_x"]),
    ),
    st.integers(),
)
FORMS: list[Any] = [
    Processed,
    Processed(_task_priority=3),
    lambda f: Limiter(2, blocking=False)(Processed(f)),
    lambda f: Processed(Limiter(2)(f)),
]
DECORATED = [form(processed_functions.everything) for form in FORMS]


@settings(max_examples=50)
@given(st.lists(st.integers(), max_size=4), KEYWORDS, st.sampled_from(DECORATED))
def test_no_argument_is_lost_on_any_path(args: list[int], kwargs: dict[str, int], decorated: Any) -> None:
    assert decorated(*args, **kwargs).result(LIMIT) == (tuple(args), kwargs)
