"""Functions for a MultiProcessor, in a module that worker processes import."""

import asyncio
import inspect
import os
import signal
import sys
import threading
import time
from typing import Any

from process_calls import Gate
from windlass import Result

seen = 0


def tells(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    frame = inspect.currentframe()
    assert frame is not None
    result = Result(function_name=frame.f_code.co_name)
    result.result.update(args, context=context, pid=os.getpid())
    q.put(result)


def counts_in_its_module(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    global seen
    seen += 1
    q.put(seen)


def passes_through(q: Any, context: dict[str, Gate], args: dict[str, Any]) -> None:
    q.put(context["gate"].pass_through(args))


def puts_nothing(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None: ...


def puts_several(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    for number in range(args.get("n", 3)):
        q.put_nowait(number)


def puts_what_it_changes(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    value = [1]
    q.put(value)
    value.append(2)
    q.put(value, True, 5)


def puts_much(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    q.put(b"x" * 20_000_000)
    q.put(bytearray(b"y" * 20_000_000))


async def puts_later(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    await asyncio.sleep(0)
    q.put("later")


def raises(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    q.put("before")
    raise ValueError("on purpose")


def raises_what_cannot_be_sent(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    class Local(Exception):
        def __init__(self, one: int, two: int) -> None:
            super().__init__("local")

    raise Local(1, 2)


def exits(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    sys.exit(4)


def dies(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    os._exit(0)


def is_killed(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def hangs(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    time.sleep(600)


def puts_what_does_not_pickle(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    q.put("before")
    q.put(threading.Lock())


class Bomb:
    """Pickles, and cannot be unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return int, ("no number",)


def puts_a_bomb(q: Any, context: dict[str, Any], args: dict[str, Any]) -> None:
    q.put(Bomb())
    q.put("after")
