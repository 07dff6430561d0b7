"""What a type checker must see of processed functions: run by `mypy` and `pyright`, never executed."""

import asyncio
from collections.abc import Callable
from typing import Any, assert_type

from windlass import Limiter, MultiProcessor, Processed, ProcessPool, ProcessWorker, Task
from windlass.dropin import pymultitasking, pypfp


@Processed
def length(text: str, *, times: int = 1) -> int:
    return len(text) * times


@Processed
async def fetch(page: int) -> bytes:
    await asyncio.sleep(0)
    return bytes(page)


@Processed(daemon=True, callback_func=print, _task_priority=3, _worker_name="notes")
def note(line: str) -> None: ...


@Processed(pool_name="pages", _pool_max_workers=2)
async def load(page: int) -> str:
    return str(page)


@Limiter(2, blocking=False)
@Processed
def limited_above(text: str) -> int:
    return len(text)


@Processed
@Limiter(2)
def limited_below(text: str) -> int:
    return len(text)


class Account:
    balance = 0

    @Processed
    def add(self, amount: int) -> int:
        return self.balance + amount

    @Processed(daemon=True)
    async def add_later(self, amount: int) -> int:
        return self.balance + amount

    @staticmethod
    @Processed
    def fee(amount: int) -> float:
        return amount / 10

    @classmethod
    @Processed
    def open(cls) -> "Account":
        return cls()


def a_call_returns_a_task_of_what_the_function_returns() -> None:
    assert_type(length("a", times=2), Task[int])
    assert_type(length("a").result(), int)
    assert_type(fetch(3), Task[bytes])
    assert_type(note("a"), Task[None])
    assert_type(load(3), Task[str])
    assert_type(limited_above("a"), Task[int])
    assert_type(limited_below("a"), Task[int])


def parameters_are_kept() -> None:
    length(3)  # type: ignore[arg-type]
    length("a", time=2)  # type: ignore[call-arg]
    fetch("a")  # type: ignore[arg-type]
    note()  # type: ignore[call-arg]


def methods(account: Account) -> None:
    assert_type(account.add(3), Task[int])
    assert_type(account.add_later(3), Task[int])
    assert_type(Account.fee(3), Task[float])
    assert_type(Account.open(), Task[Account])
    account.add("a")  # type: ignore[arg-type]


def functions_are_decorated_by_hand(worker: ProcessWorker, pool: ProcessPool, plain: Callable[[int], str]) -> None:
    assert_type(Processed(plain)(3), Task[str])
    assert_type(Processed(daemon=worker)(plain)(3), Task[str])
    assert_type(Processed(pool=pool)(plain)(3), Task[str])
    assert_type(pymultitasking.Processed(plain)(3), Task[str])
    Processed(daemon="yes")  # type: ignore[call-overload]


def workers(worker: ProcessWorker) -> None:
    def add(a: int, b: int = 1) -> int:
        return a + b

    assert_type(worker.submit(add, 1, b=2), Task[int])
    assert_type(worker.stop(), list[Task[Any]])
    assert_type(worker.pid, int | None)
    worker.submit(add, "a")  # type: ignore[arg-type]


def several_functions(processor: MultiProcessor, older: pypfp.MultiProcessor) -> None:
    processor.register_function(f=print, f_args={"a": 1}, timeout=1.5)
    assert_type(processor.execute_parallel(), list[Any])
    assert_type(older.results, list[Any])
    result = pypfp.Result(function_name="print")
    assert_type(result.error, BaseException | None)
