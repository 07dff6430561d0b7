"""What the drop-in process classes are given to call in the tests; imports little, for each new worker does too."""

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable
from typing import Any


def square(number: int) -> int:
    return number * number


def echo(*args: Any, **kwargs: Any) -> tuple[Any, ...]:
    return args, kwargs


def raise_it(error: BaseException) -> None:
    raise error  # the line that a remote traceback shows


def raise_system_exit() -> None:
    raise SystemExit(3)


def pid(_: Any = None) -> int:
    return os.getpid()


def die(status: int = 1) -> None:
    os._exit(status)


def kill_self(number: int = signal.SIGKILL) -> None:
    os.kill(os.getpid(), number)


def die_if_seven(number: int) -> int:
    if number == 7:
        os._exit(7)
    return number


def stay(seconds: float = 3600) -> None:
    time.sleep(seconds)  # the work of a task that only an end by force can stop


def pause(seconds: float) -> float:
    time.sleep(seconds)  # the work of a task that outlasts a time limit
    return seconds


def kind_of_process() -> str:
    return type(multiprocessing.current_process()).__name__


def a_lock(_: Any = None) -> Any:
    return threading.Lock()  # does not pickle, whoever tries


def make(kind: Callable[[], Any]) -> Any:
    return kind()


state: list[Any] = []


def keep(*values: Any) -> None:
    state[:] = values


def kept(_: Any = None) -> list[Any]:
    return state


def use_kept_lock(_: Any = None) -> bool:
    with state[0]:
        return True


def wait_for_kept(_: Any = None) -> bool:
    go: bool = state[0].wait(20)
    return go


def fail_to_start() -> None:
    raise ValueError("no start today")


class Unsendable:
    """Does something when it is pickled."""

    def __init__(self, act: str) -> None:
        self.act = act

    def __reduce__(self) -> Any:
        return act_out(self.act, pickle.PicklingError)


class Unreceivable:
    """Does something when it is unpickled."""

    def __init__(self, act: str) -> None:
        self.act = act

    def __reduce__(self) -> Any:
        return act_out, (self.act, pickle.UnpicklingError)


def act_out(act: str, error: type[Exception]) -> Any:
    if act == "exit":
        raise SystemExit(4)
    if act == "crash":
        os._exit(5)
    raise error("as planned")


def unsendable(act: str) -> Unsendable:
    return Unsendable(act)


def unreceivable(act: str) -> Unreceivable:
    return Unreceivable(act)


class TwoArguments(Exception):
    """Cannot be rebuilt from ``args``, as many exceptions in the wild."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")


def raise_two_arguments() -> None:
    raise TwoArguments(5, "five")
