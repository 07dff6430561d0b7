"""Whether an exception came from a signal handler, whatever kind of callable that is."""

import signal
from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any

import pytest

from waiting import start
from windlass._core.interrupts import is_interrupt


class Alarm(Exception):
    """Raised by handlers."""


class Handler:
    """Has handlers of several kinds."""

    def __call__(self, number: int, frame: Any, text: str = "") -> None:
        raise Alarm(text)

    def method(self, number: int, frame: Any, text: str = "") -> None:
        """Raise."""
        raise Alarm(text)

    @classmethod
    def class_method(cls, number: int, frame: Any) -> None:
        """Raise."""
        raise Alarm


def function(text: str, number: int, frame: Any) -> None:
    """Raise, by way of another function."""
    Handler()(number, frame, text)


@wraps(function)
def wrapper(number: int, frame: Any) -> None:
    """Raise, under another one's name."""
    raise Alarm


HANDLERS: dict[str, Callable[[int, Any], Any]] = {
    "lambda": lambda number, frame: Handler()(number, frame),
    "method": Handler().method,
    "class method": Handler.class_method,
    "object": Handler(),
    "partial": partial(function, "time is over"),
    "partial of a partial": partial(partial(function), "time is over"),
    "partial of a method": partial(Handler().method, text="time is over"),
    "partial of an object": partial(Handler(), text="time is over"),
    "wrapper": wrapper,
}


def raised_by(call: Callable[..., Any], *args: Any) -> BaseException:
    """Return what a call raises, as who asks gets it: with a frame of its own."""
    try:
        call(*args)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.fixture(params=HANDLERS)
def handler(request: pytest.FixtureRequest) -> Iterator[Callable[[int, Any], Any]]:
    """A handler of SIGUSR1."""
    handler = HANDLERS[request.param]
    before = signal.signal(signal.SIGUSR1, handler)
    yield handler
    signal.signal(signal.SIGUSR1, before)


def test_an_exception_of_a_handler_is_one(handler: Callable[[int, Any], Any]) -> None:
    error = raised_by(signal.raise_signal, signal.SIGUSR1)
    assert isinstance(error, Alarm)
    assert is_interrupt(error)


def test_any_other_is_none(handler: Callable[[int, Any], Any]) -> None:
    def fail() -> None:
        raise Alarm

    assert not is_interrupt(raised_by(fail))
    assert not is_interrupt(raised_by(int, "x"))
    assert not is_interrupt(raised_by(signal.Signals, "x"))  # what stands for no handler is an enumeration, too
    assert not is_interrupt(Alarm())


def test_ctrl_c_is_one_on_the_main_thread_alone() -> None:
    assert is_interrupt(KeyboardInterrupt())
    assert start(lambda: is_interrupt(KeyboardInterrupt())).result(20) is False
