"""Processed functions, in a module that worker processes import."""

import asyncio
import functools
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from windlass import Limiter, Processed

LIMIT = 20  # seconds that any wait may take

UNPICKLABLE = threading.RLock()  # functions that use it cannot be sent by value


@Processed
def divide(a: float, b: float = 2, *, digits: int = 2) -> float:
    """Divide."""
    with UNPICKLABLE:
        return round(a / b, digits)


@Processed(_task_name="plain")
async def divide_async(a: float, b: float = 2) -> float:
    await asyncio.sleep(0)
    return a / b


@Processed
def where(*_: Any) -> tuple[int, str]:
    return os.getpid(), threading.current_thread().name


@Processed
def fibonacci(n: int) -> int:
    return n if n < 2 else fibonacci(n - 1).result(LIMIT) + fibonacci(n - 2).result(LIMIT)


@Processed
def fail(text: str) -> None:
    raise ValueError(text)


@Processed
def leave(status: int = 3) -> None:
    os._exit(status)


@Processed
def hang() -> None:
    time.sleep(600)


def shouting(function: Callable[..., str]) -> Callable[..., str]:
    """A decorator that has nothing to do with windlass."""

    @functools.wraps(function)
    def shout(*args: Any, **kwargs: Any) -> str:
        with UNPICKLABLE:
            return function(*args, **kwargs) + "!"

    return shout


@Processed
@shouting
@shouting
def greet(name: str) -> str:
    return f"hello {name}"


def plain(value: int) -> int:
    return -value


by_hand = Processed(plain)


@Processed
@functools.cache
def cached(value: int) -> int:
    return value * value


@Limiter(2)
def limited(value: Any) -> Any:
    with UNPICKLABLE:
        return value


@Processed
@Limiter(1)
def limited_below(value: Any) -> Any:
    return value


@Limiter(1)
@Processed
def limited_above(value: Any) -> Any:
    return value


@Limiter(1)
@Processed
def limited_countdown(n: int) -> int:
    return 0 if n == 0 else limited_countdown(n - 1).result(LIMIT) + 1


@Limiter(1)
@Limiter(2, blocking=False)
@Processed
def limited_twice_countdown(n: int) -> int:
    return 0 if n == 0 else limited_twice_countdown(n - 1).result(LIMIT) + 1


@Limiter(1, blocking=False)
@Processed
def limited_above_by_passing(value: Any) -> Any:
    return value


@Processed
@Limiter(1, blocking=False)
def limited_below_by_passing(value: Any) -> Any:
    return value


@Processed
@Limiter(1)
async def limited_async(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


@Processed(pool_name="processed_functions", _pool_max_workers=1, _pool_prepopulate=1)
def in_a_named_pool(value: int) -> int:
    return value


def everything(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return args, kwargs


class Account:
    """Its instances go to the worker by value."""

    interest = 3

    def __init__(self, balance: int) -> None:
        self.balance = balance

    @Processed
    def add(self, amount: int = 1) -> int:
        self.balance += amount
        return self.balance

    @Processed
    async def add_async(self, amount: int = 1) -> int:
        await asyncio.sleep(0)
        return self.balance + amount

    @staticmethod
    @Processed
    def inner_static(value: int) -> int:
        return value

    @Processed
    @staticmethod
    def outer_static(value: int) -> int:
        return value

    @classmethod
    @Processed
    def inner_class(cls) -> int:
        return cls.interest

    @Processed
    @classmethod
    def outer_class(cls) -> int:
        return cls.interest

    @property
    @Processed
    def total(self) -> int:
        return self.balance

    @Limiter(1)
    @Processed
    def limited(self) -> int:
        return self.balance


class Savings(Account):
    interest = 5


def count_up(n: int) -> Iterator[int]:
    yield from range(n)
