"""Threaded: which functions it takes, what it keeps of them, and what a call returns."""

import asyncio
import functools
import inspect
import pickle
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windlass import Limiter, Task, Threaded, current_task

LIMIT = 10


@Threaded
def divide(a: float, b: float = 2, *, digits: int = 2) -> float:
    """Divide."""
    return round(a / b, digits)


@Threaded(_task_name="plain")
async def divide_async(a: float, b: float = 2) -> float:
    await asyncio.sleep(0)
    return a / b


@Limiter(2)
def limited(value: int) -> int:
    return value


@Limiter(2, blocking=False)
@Threaded
def limited_threaded(value: int) -> int:
    return value


class Account:
    """Two of these must share nothing."""

    interest = 3

    def __init__(self, balance: int) -> None:
        self.balance = balance

    @Threaded
    def add(self, amount: int = 1) -> int:
        self.balance += amount
        return self.balance

    @Threaded(daemon=True)
    def add_in_order(self, amount: int = 1) -> int:
        self.balance += amount
        return self.balance

    @Threaded
    async def add_async(self, amount: int = 1) -> int:
        return self.balance + amount

    @staticmethod
    @Threaded
    def inner_static(value: int) -> int:
        return value

    @Threaded
    @staticmethod
    def outer_static(value: int) -> int:
        return value

    @classmethod
    @Threaded
    def inner_class(cls) -> int:
        return cls.interest

    @Threaded
    @classmethod
    def outer_class(cls) -> int:
        return cls.interest

    @property
    @Threaded
    def total(self) -> int:
        return self.balance


class Savings(Account):
    interest = 5


def test_a_call_returns_a_task_of_the_value() -> None:
    task = divide(1, 3, digits=3)
    assert isinstance(task, Task)
    assert task.result(LIMIT) == 0.333
    assert task.worker is not threading.current_thread()
    assert divide_async(5).result(LIMIT) == 2.5
    assert divide_async(5).name == "plain"


def test_what_the_function_is_called_with_and_called_by_stays_known() -> None:
    assert divide.__name__ == divide.__qualname__ == "divide"
    assert divide.__doc__ == "Divide."
    assert divide.__module__ == __name__
    assert divide.__wrapped__(9, 3) == 3  # type: ignore[attr-defined]
    assert list(inspect.signature(divide).parameters) == ["a", "b", "digits"]
    assert divide.__annotations__["digits"] is int
    assert not inspect.iscoroutinefunction(divide_async)


@pytest.mark.parametrize(
    "function", [divide, divide_async, limited, limited_threaded, Account.add, Account.inner_static]
)
def test_a_decorated_function_pickles(function: Any) -> None:
    assert pickle.loads(pickle.dumps(function)) is function


def test_a_bound_method_pickles() -> None:
    add = pickle.loads(pickle.dumps(Account(4).add))
    assert add(5).result(LIMIT) == 9


def test_instances_share_no_state() -> None:
    accounts = [Account(100 * number) for number in range(20)]
    for add in ("add", "add_in_order"):
        tasks = [getattr(account, add)(number) for number, account in enumerate(accounts)]
        assert [task.result(LIMIT) for task in tasks] == [account.balance for account in accounts]
    assert [account.balance for account in accounts] == [102 * number for number in range(20)]
    tasks = [account.add_async() for account in accounts]
    assert [task.result(LIMIT) for task in tasks] == [102 * number + 1 for number in range(20)]


@pytest.mark.parametrize("kind", [Account, Savings])
def test_static_and_class_methods_in_either_order(kind: type[Account]) -> None:
    for owner in (kind, kind(0)):
        assert owner.inner_static(4).result(LIMIT) == 4
        assert owner.outer_static(4).result(LIMIT) == 4
        assert owner.inner_class().result(LIMIT) == kind.interest
        assert owner.outer_class().result(LIMIT) == kind.interest


def test_a_property_above_works_and_one_below_is_refused() -> None:
    assert Account(7).total.result(LIMIT) == 7
    with pytest.raises(TypeError, match="cannot wrap a property"):
        Threaded(property(lambda self: 1))  # type: ignore[call-overload]


def test_caches_above_and_below() -> None:
    calls: list[int] = []

    def square(value: int) -> int:
        calls.append(value)
        return value * value

    below = Threaded(functools.cache(square))
    assert [below(3).result(LIMIT) for _ in range(3)] == [9, 9, 9]
    above = functools.cache(Threaded(square))
    assert above(4) is above(4)
    assert above(4).result(LIMIT) == 16
    assert calls == [3, 4]


def test_callables_that_are_no_functions() -> None:
    class Adder:
        def __call__(self, a: int, b: int = 1) -> int:
            return a + b

    assert Threaded(Adder())(2).result(LIMIT) == 3
    assert Threaded(functools.partial(divide.__wrapped__, b=4))(8).result(LIMIT) == 2  # type: ignore[attr-defined]
    assert Threaded(len)("abc").result(LIMIT) == 3
    assert Threaded(int)("12").result(LIMIT) == 12
    assert Threaded(functools.partial(divide_async.__wrapped__, b=4))(8).result(LIMIT) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("wrong", [3, "f", [len], divide], ids=repr)
def test_what_cannot_be_threaded_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="Threaded"):
        Threaded(wrong)


def test_the_task_is_injected_where_there_is_a_parameter() -> None:
    @Threaded
    def named(TaskObject: Any = None) -> Any:
        return TaskObject

    @Threaded
    async def named_async(*, TaskObject: Any = None) -> Any:
        return TaskObject, current_task()

    task, other = named(), named_async()
    assert task.result(LIMIT) is task
    assert other.result(LIMIT) == (other, other)


def test_a_threaded_function_may_wait_for_others() -> None:
    @Threaded(pool=True, _pool_max_workers=1)
    def fibonacci(n: int) -> int:
        return n if n < 2 else fibonacci(n - 1).result(LIMIT) + fibonacci(n - 2).result(LIMIT)

    assert fibonacci(12).result(LIMIT) == 144

    @Threaded(pool=True, _pool_max_workers=1)
    async def sum_to(n: int) -> int:
        return n + sum_to(n - 1).result(LIMIT) if n else 0

    assert sum_to(5).result(LIMIT) == 15


def test_an_async_function_finds_its_own_loop_again_after_it_has_helped() -> None:
    @Threaded(pool=True, _pool_max_workers=1)
    async def nested(depth: int) -> list[int]:
        mine = asyncio.get_running_loop()
        loops = nested(depth - 1).result(LIMIT) if depth else []
        await asyncio.sleep(0)
        assert asyncio.get_running_loop() is mine
        return [*loops, id(mine)]

    loops = nested(3).result(LIMIT)
    assert len(set(loops)) == 4


NAMES = st.text(st.characters(categories=["Ll", "Lu"], max_codepoint=0x17F), min_size=1, max_size=6)
KEYWORDS = st.dictionaries(
    st.one_of(
        NAMES,
        NAMES.map("_task_{}".format).filter(lambda name: name.removeprefix("_task_") not in {"name", "priority"}),
        st.sampled_from(
            ["fn", "self", "args", "kwargs", "function", "target", "pool", "daemon", "callback_func", "priority"]
        ),
        st.sampled_from(
            ["submit_task_priority", "submit_task_timeout", "submit_task_nowait", "_pool_x", "_worker_name"]
        ),
    ),
    st.integers(),
)
FORMS: list[Any] = [
    Threaded,
    Threaded(daemon=True),
    Threaded(pool=True, _pool_max_workers=2),
    Threaded(_task_priority=3),
    lambda f: Limiter(2, blocking=False)(Threaded(f)),
    lambda f: Limiter(2)(Threaded(f)),
    lambda f: Threaded(Limiter(2)(f)),
    lambda f: Threaded(Limiter(2, blocking=False)(f)),
]


def everything(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return args, kwargs


async def everything_async(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return args, kwargs


DECORATED = [form(function) for form in FORMS for function in (everything, everything_async)]


@given(st.lists(st.integers(), max_size=4), KEYWORDS, st.sampled_from(DECORATED))
def test_no_argument_is_lost_on_any_path(args: list[int], kwargs: dict[str, int], decorated: Any) -> None:
    assert decorated(*args, **kwargs).result(LIMIT) == (tuple(args), kwargs)
