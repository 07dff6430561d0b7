"""os.fork with a live pool: the child neither hangs nor runs what is the parent's."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent import futures

import pytest

from forking import reap, status_of_child
from windlass import BrokenPool, PriorityTaskQueue, Task, ThreadPool, as_completed, wait

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]


def test_child_can_use_the_inherited_pool() -> None:
    with ThreadPool(2) as pool:
        assert pool.submit(int, "1").result(10) == 1

        def child() -> None:
            assert pool.submit(int, "2").result(5) == 2
            assert [task.result(5) for task in pool.submit_many(int, range(20))] == list(range(20))
            assert pool.wait_completion(5)
            assert pool.shutdown(timeout=5)

        assert status_of_child(child) == 0
        assert pool.submit(int, "3").result(10) == 3


def test_an_initializer_that_fails_while_the_parent_tells_of_it_breaks_the_childs_pool_too() -> None:
    statuses: list[int] = []

    def child() -> None:
        with pytest.raises(BrokenPool):
            pool.submit(int).result(5)

    class Forking(logging.Handler):
        def emit(self, _: logging.LogRecord) -> None:
            if not statuses:
                statuses.append(-1)
                statuses.append(status_of_child(child))

    def fail() -> None:
        raise ValueError("on purpose")

    logger, handler = logging.getLogger("windlass"), Forking()
    logger.addHandler(handler)
    try:
        with ThreadPool(1, initializer=fail) as pool:
            assert isinstance(pool.submit(int).exception(10), BrokenPool)
    finally:
        logger.removeHandler(handler)
    assert statuses == [-1, 0]


def test_parents_queued_tasks_never_run_in_the_child() -> None:
    read, write = os.pipe()
    gate = threading.Event()
    with ThreadPool(2) as pool:
        busy = [pool.submit(gate.wait, 10) for _ in range(2)]
        for _ in range(100):
            pool.submit(lambda: os.write(write, b"%d\n" % os.getpid()))

        def child() -> None:
            assert pool.num_queued_tasks == pool.unfinished_tasks == 0
            assert pool.submit(int, "2").result(5) == 2
            assert pool.wait_completion(5)
            assert pool.shutdown(timeout=5)

        assert status_of_child(child) == 0
        gate.set()
        assert all(task.result(10) for task in busy)
        assert pool.wait_completion(10)
    os.close(write)
    with os.fdopen(read) as pipe:
        assert Counter(map(int, pipe)) == {os.getpid(): 100}


@pytest.mark.parametrize("how", ["plain", "by_hand", "helped"])
def test_fork_inside_a_task_does_not_go_on_serving(how: str) -> None:
    read, write = os.pipe()
    with ThreadPool(1) as pool:
        gate = threading.Event()

        def fork() -> int:
            gate.wait(10)
            return os.fork()

        calls: dict[str, Callable[[], int]] = {
            "plain": fork,
            "by_hand": Task(fork),
            "helped": lambda: pool.submit(fork).result(),
        }
        task = pool.submit(calls[how])
        for _ in range(50):
            pool.submit(lambda: os.write(write, b"%d\n" % os.getpid()))
        gate.set()
        child = task.result(10)  # in the child nobody asks: its only thread ends after the task
        assert reap(child) == 0
        assert pool.wait_completion(10)
    os.close(write)
    with os.fdopen(read) as pipe:
        assert Counter(map(int, pipe)) == {os.getpid(): 50}


def test_child_that_waits_for_the_parents_tasks_hears_that_they_are_cancelled() -> None:
    gate = threading.Event()
    with ThreadPool(1) as pool:
        started = threading.Event()

        def inner() -> bool:
            started.set()
            return gate.wait(10)

        outer = pool.submit(lambda: pool.submit(inner).result())  # its worker is at two tasks
        pending = pool.submit(int)
        assert started.wait(10)

        def child() -> None:
            for task in (outer, pending):
                for call in (task.result, task.exception):
                    with pytest.raises(futures.CancelledError):
                        call(5)
            assert {task.cancelled() for task in as_completed([outer, pending], 5)} == {True}
            assert wait([outer, pending], 5).not_done == set()
            assert not futures.wait([outer, pending], 5).not_done

        assert status_of_child(child) == 0
        gate.set()
        assert outer.result(10)
        assert pending.result(10) == 0


def test_a_queue_is_usable_in_the_child_though_threads_of_the_parent_wait_on_it() -> None:
    queue = PriorityTaskQueue(1)
    waiter = threading.Thread(target=queue.get)
    waiter.start()
    time.sleep(0.05)  # lets it fall asleep; if it has not yet, the test only shows less

    def child() -> None:
        queue.put("x", timeout=5)
        assert queue.get(5) == "x"

    assert status_of_child(child) == 0
    queue.put("y")
    waiter.join(10)
    assert not waiter.is_alive()


@pytest.mark.slow
@pytest.mark.stress
def test_a_hundred_forks_while_four_threads_hammer() -> None:
    stop = threading.Event()
    counts = [0] * 4
    with ThreadPool(3, idle_timeout=1e-3) as pool:

        def hammer(at: int) -> None:
            while not stop.is_set():
                tasks = [pool.submit(int, number) for number in range(8)]
                assert tasks[-1]._condition
                assert tasks[-1].uuid
                assert sum(task.result(10) for task in tasks) == 28
                counts[at] += 8
                stop.wait(1e-4)

        threads = [threading.Thread(target=hammer, args=(at,)) for at in range(4)]
        for thread in threads:
            thread.start()

        def child() -> None:
            task = pool.submit(int, "7")
            assert task.uuid
            assert task._condition
            assert task.result(5) == 7
            assert pool.shutdown(timeout=5)

        try:
            assert [status_of_child(child) for _ in range(100)] == [0] * 100
        finally:
            stop.set()
            for thread in threads:
                thread.join(10)
        assert pool.wait_completion(10)
        assert pool.statistics().done == sum(counts)


SCRIPT = """
import os, sys, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from windlass import ThreadPool
pool = ThreadPool(2)
gate = threading.Event()
for _ in range(10):
    pool.submit(gate.wait)
child = os.fork()
if child == 0:
    assert pool.submit(int, "3").result(5) == 3
    print("child", flush=True)
    sys.exit(4)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
gate.set()
print("parent", status)
"""


@pytest.mark.slow
def test_child_exits_in_the_ordinary_way() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "child\nparent 4\n", "")
