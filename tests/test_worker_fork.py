"""os.fork while workers run: the child runs nothing of the parent's, and can start them anew."""

import os
import queue
import threading
from typing import Any

import pytest

from forking import reap, status_of_child
from recorded_calls import LIMIT, Calls, Gated
from windlass import (
    BackgroundEventWorker,
    BackgroundQueueWorker,
    BackgroundWorker,
    background_task,
)

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]

KINDS: dict[str, Any] = {
    "loop": lambda fn: BackgroundWorker(func=fn),
    "delay": lambda fn: BackgroundWorker(func=fn, delay=0.0005),
    "interval": lambda fn: BackgroundWorker(func=fn, interval=0.001),
    "hour": lambda fn: BackgroundWorker(func=fn, interval=3600),
    "queue": lambda fn: BackgroundQueueWorker(func=fn),
    "event": lambda fn: BackgroundEventWorker(func=fn, watchdog=3600),
}


@pytest.mark.parametrize("kind", KINDS)
def test_child_can_start_it_anew(kind: str) -> None:
    calls = Calls()
    worker = KINDS[kind](calls)
    push = getattr(worker, "trigger", None) or (lambda: worker.put(1) if kind == "queue" else None)
    worker.start()
    push()
    calls.wait_for(1)

    def child() -> None:
        mine = Calls()
        worker.run = mine
        assert not worker.is_active()
        assert worker.stop(timeout=LIMIT)
        assert worker.join(LIMIT)
        assert worker.start()
        push()
        mine.wait_for(1)
        assert worker.stop(timeout=LIMIT)

    for _ in range(5):
        assert status_of_child(child) == 0
    assert worker.is_active()
    seen = calls.count
    push()
    if kind != "hour":
        calls.wait_for(seen + 1)
    assert worker.stop(timeout=LIMIT)


def test_parents_tasks_are_not_the_childs() -> None:
    calls = Gated()
    worker = BackgroundQueueWorker(func=calls)
    worker.start()
    for task in range(3):
        worker.put(task)
    calls.wait_for(1)

    def child() -> None:
        assert worker.queue.qsize() == 0
        mine = Calls()
        worker.run = mine  # type: ignore[method-assign]
        worker.put("mine")
        worker.start()
        assert worker.close(timeout=LIMIT)
        assert mine.tasks == ["mine"]

    assert status_of_child(child) == 0
    calls.release(3)
    assert worker.close(timeout=LIMIT)
    assert calls.tasks == [0, 1, 2]


def test_a_run_that_forks_leaves_its_loop_in_the_child() -> None:
    statuses: queue.Queue[int] = queue.Queue()
    read, write = os.pipe()
    parent = os.getpid()

    def fn() -> None:
        if os.getpid() != parent:
            os.write(write, b"!")  # a second run
            return
        child = os.fork()
        if child:
            statuses.put(reap(child))
            worker.terminate()

    worker = BackgroundWorker(func=fn)
    worker.start()
    assert statuses.get(timeout=LIMIT) == 0
    assert worker.stop(timeout=LIMIT)
    os.set_blocking(read, False)
    with pytest.raises(BlockingIOError):
        os.read(read, 1)
    os.close(read)
    os.close(write)


@pytest.mark.stress
def test_forks_while_threads_start_and_stop() -> None:
    worker = BackgroundWorker(func=Calls(), interval=0.0005)
    end = threading.Event()

    def storm() -> None:
        while not end.is_set():
            worker.start()
            worker.stop(timeout=LIMIT)

    threads = [threading.Thread(target=storm) for _ in range(2)]
    for thread in threads:
        thread.start()

    def child() -> None:
        calls = Calls()
        worker.run = calls  # type: ignore[method-assign]
        worker.start()
        calls.wait_for(2)
        assert worker.stop(timeout=LIMIT)

    try:
        for _ in range(30):
            assert status_of_child(child) == 0
    finally:
        end.set()
        for thread in threads:
            thread.join(LIMIT)
    assert worker.stop(timeout=LIMIT)


def test_background_tasks_start_anew() -> None:
    task = background_task(int)
    assert task("1").result(LIMIT) == 1

    def child() -> None:
        assert task("2").result(LIMIT) == 2

    assert status_of_child(child) == 0
