"""What a type checker must see of the decorators: run by `mypy` and `pyright`, never executed."""

import asyncio
from collections.abc import Callable
from typing import Any, assert_type

from windlass import Limit, Limiter, Task, Threaded, ThreadPool, ThreadWorker
from windlass.dropin import pymultitasking


@Threaded
def length(text: str, *, times: int = 1) -> int:
    return len(text) * times


@Threaded
async def fetch(page: int) -> bytes:
    await asyncio.sleep(0)
    return bytes(page)


@Threaded(daemon=True, callback_func=print, _task_priority=3)
def note(line: str) -> None: ...


@Threaded(pool_name="pages", _pool_max_workers=2)
async def load(page: int) -> str:
    return str(page)


@Limiter(2)
def limited(text: str) -> int:
    return len(text)


@Limiter(2, blocking=False)
@Threaded
def both(text: str) -> int:
    return len(text)


@Threaded
@Limiter(Limit(2))
def both_in_the_other_order(text: str) -> int:
    return len(text)


@Limiter(1)
async def limited_async(page: int) -> bytes:
    return bytes(page)


class Account:
    balance = 0

    @Threaded
    def add(self, amount: int) -> int:
        return self.balance + amount

    @Threaded(daemon=True)
    async def add_later(self, amount: int) -> int:
        return self.balance + amount

    @staticmethod
    @Threaded
    def fee(amount: int) -> float:
        return amount / 10

    @classmethod
    @Threaded
    def open(cls) -> "Account":
        return cls()

    @Limiter(1)
    def limited(self, amount: int) -> int:
        return amount


def a_call_returns_a_task_of_what_the_function_returns() -> None:
    assert_type(length("a", times=2), Task[int])
    assert_type(length("a").result(), int)
    assert_type(fetch(3), Task[bytes])
    assert_type(note("a"), Task[None])
    assert_type(load(3), Task[str])
    assert_type(both("a"), Task[int])
    assert_type(both_in_the_other_order("a"), Task[int])


def parameters_are_kept() -> None:
    length(3)  # type: ignore[arg-type]
    length("a", time=2)  # type: ignore[call-arg]
    fetch("a")  # type: ignore[arg-type]
    note()  # type: ignore[call-arg]
    both(3)  # type: ignore[arg-type]
    limited(3)  # type: ignore[arg-type]


async def a_limiter_keeps_the_type() -> None:
    assert_type(limited("a"), int)
    assert_type(await limited_async(3), bytes)


def methods(account: Account) -> None:
    assert_type(account.add(3), Task[int])
    assert_type(account.add_later(3), Task[int])
    assert_type(Account.fee(3), Task[float])
    assert_type(Account.open(), Task[Account])
    assert_type(account.limited(3), int)
    account.add("a")  # type: ignore[arg-type]


def functions_are_decorated_by_hand(worker: ThreadWorker, pool: ThreadPool, plain: Callable[[int], str]) -> None:
    assert_type(Threaded(plain)(3), Task[str])
    assert_type(Threaded(daemon=worker)(plain)(3), Task[str])
    assert_type(Threaded(pool=pool)(plain)(3), Task[str])
    assert_type(pymultitasking.Threaded(plain)(3), Task[str])
    assert_type(pymultitasking.Limiter(2)(plain)(3), str)
    Threaded(daemon="yes")  # type: ignore[call-overload]
    Limiter("2")  # type: ignore[arg-type]


def workers(worker: ThreadWorker) -> None:
    def add(a: int, b: int = 1) -> int:
        return a + b

    assert_type(worker.submit(add, 1, b=2), Task[int])
    assert_type(worker.stop(), list[Task[Any]])
    worker.submit(add, "a")  # type: ignore[arg-type]


def limits(limit: Limit, pool: ThreadPool) -> None:
    assert_type(limit.acquire(timeout=1.5), bool)
    assert_type(limit.free, int)
    with limit as entered:
        assert_type(entered, Limit)
    assert_type(pool.options(semaphore=limit).submit(len, "a"), Task[int])
