"""Functions for jobs in child processes, which must be able to import them."""

import os
import signal
import sys
import threading
import time
from typing import Any


def add(x: int, y: int = 0) -> int:
    return x + y


def process_id() -> int:
    return os.getpid()


def fails(text: str) -> None:
    raise ValueError(text)


def leaves() -> None:
    sys.exit(5)


def interrupts() -> None:
    raise KeyboardInterrupt


def dies(how: str) -> None:
    if how == "exit":
        os._exit(3)
    os.kill(os.getpid(), signal.SIGKILL)


def gives_what_cannot_be_sent() -> Any:
    return threading.Lock()


class TwoArguments(Exception):
    """Cannot be unpickled: it asks for two arguments and passes on one."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)


def fails_with_two_arguments() -> None:
    raise TwoArguments("first", "second")


def sleeps(path: str) -> None:
    """Say in a file who runs this, and do not come back."""
    with open(path + ".part", "w") as file:
        file.write(str(os.getpid()))
    os.rename(path + ".part", path)
    time.sleep(600)
