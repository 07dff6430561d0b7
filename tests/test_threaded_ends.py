"""Threaded functions at the end: exceptions, Ctrl-C, forks, the interpreter's exit."""

import os
import subprocess
import sys
import threading

import pytest

from forking import status_of_child
from interrupts import check_interrupted
from windlass import Limiter, Task, Threaded

LIMIT = 10
KINDS = {
    "plain": Threaded,
    "daemon": Threaded(daemon=True),
    "pool": Threaded(pool=True),
    "limited": lambda f: Limiter(1, blocking=False)(Threaded(f)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration])
def test_what_a_call_raises_is_its_tasks_exception(kind: str, error: type[BaseException]) -> None:
    def fail() -> None:
        raise error("on purpose")

    threaded = KINDS[kind](fail)
    task: Task[None] = threaded()
    with pytest.raises(error, match="on purpose"):
        task.result(LIMIT)
    assert type(threaded().exception(LIMIT)) is error


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_what_an_async_call_raises_is_its_tasks_exception(error: type[BaseException]) -> None:
    @Threaded
    async def fail() -> None:
        raise error("on purpose")

    assert type(fail().exception(LIMIT)) is error
    assert type(fail().exception(LIMIT)) is error


def test_what_a_callback_raises_is_logged_and_the_value_stands(caplog: pytest.LogCaptureFixture) -> None:
    def callback(value: int) -> None:
        raise SystemExit

    @Threaded(callback_func=callback)
    def give() -> int:
        return 3

    assert give().result(LIMIT) == 3
    assert "exception in the callback_func of" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_ends_the_wait_for_a_slot_and_leaves_the_limit_in_order() -> None:
    inside = threading.Event()
    go = threading.Event()

    @Limiter(1)
    def hold() -> bool:
        inside.set()
        return go.wait(LIMIT)

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(LIMIT)
    check_interrupted(hold)
    go.set()
    holder.join(LIMIT)
    assert hold()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_a_forked_child_goes_on_calling(kind: str) -> None:
    pid = KINDS[kind](os.getpid)
    assert pid().result(LIMIT) == os.getpid()

    def child() -> None:
        assert [pid().result(LIMIT) for _ in range(3)] == [os.getpid()] * 3

    assert status_of_child(child) == 0
    assert pid().result(LIMIT) == os.getpid()


START = """
import asyncio, atexit, os, sys, threading, time
from windlass import Limiter, PoolClosed, Threaded, ThreadWorker
def write(text):
    time.sleep(0.002)
    os.write(1, text)
"""

# name -> (script, exit status, what it prints)
SCENARIOS = {
    "plain calls are made": ("f = Threaded(write)\nfor _ in range(30): f(b'.')", 0, "." * 30),
    "limited calls are made": (
        "f = Limiter(1, blocking=False)(Threaded(write))\nfor _ in range(30): f(b'.')",
        0,
        "." * 30,
    ),
    "calls that wait for each other": (
        "events = [threading.Event() for _ in range(9)]\n"
        "@Threaded\ndef f(i):\n    events[i].wait()\n    events[i - 1].set()\n    os.write(1, b'.')\n"
        "for i in range(8): f(i)\nThreaded(events[7].set)()",
        0,
        "." * 8,
    ),
    "calls of a pool are made": ("f = Threaded(pool=True)(write)\nfor _ in range(30): f(b'.')", 0, "." * 30),
    "calls that were made by sys.exit": ("f = Threaded(write)\nf(b'.')\nsys.exit(3)", 3, "."),
    "async calls are made": (
        "@Threaded\nasync def f():\n    await asyncio.sleep(0.01)\n    write(b'.')\nfor _ in range(3): f()",
        0,
        "...",
    ),
    "a daemon with an endless call": (
        "@Threaded(daemon=True)\ndef f():\n    while True: time.sleep(0.001)\nf(); f(); time.sleep(0.02)",
        0,
        "",
    ),
    "a daemon that is to be finished": (
        "f = Threaded(daemon=True, _worker_daemon=False)(write)\nfor _ in range(30): f(b'.')",
        0,
        "." * 30,
    ),
    "a worker finishes": ("w = ThreadWorker()\nfor _ in range(30): w.submit(write, b'.')", 0, "." * 30),
    "a worker that never started": ("w = ThreadWorker(write, args=(b'.',))", 0, ""),
    "a call at exit is refused": (
        "f = Threaded(write)\n"
        "def late():\n    try: f(b'.')\n    except PoolClosed as error: os.write(1, str(error).encode())\n"
        "atexit.register(late)",
        0,
        "cannot schedule new tasks after interpreter shutdown",
    ),
    "a renewed pool is refused at exit": (
        "f = Threaded(pool=True)(write)\nf(b'.').result(5)\n"
        "def late():\n    try: f(b'.')\n    except PoolClosed as error: os.write(1, b'no')\n"
        "atexit.register(late)",
        0,
        ".no",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_exit(name: str) -> None:
    script, status, printed = SCENARIOS[name]
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", START + script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, printed, "")
