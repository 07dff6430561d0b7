"""Signals: handlers that re-enter the library, and Ctrl-C while the main thread waits in any call."""

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from interrupts import check_interrupted
from windlass import PriorityTaskQueue, Task, ThreadPool, as_completed, wait

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    release = threading.Timer(60, event.set)  # a wait that Ctrl-C does not end must fail, not hang
    release.daemon = True
    release.start()
    yield event
    event.set()
    release.cancel()


WAITS: dict[str, Callable[[ThreadPool, Task[Any]], object]] = {
    "result": lambda pool, task: task.result(),
    "exception": lambda pool, task: task.exception(),
    "wait": lambda pool, task: task.wait(),
    "result_timeout": lambda pool, task: task.result(12),
    "wait_function": lambda pool, task: wait([task]),
    "as_completed": lambda pool, task: next(iter(as_completed([task]))),
    "wait_completion": lambda pool, task: pool.wait_completion(),
    "wait_completion_block": lambda pool, task: pool.wait_completion(block=True),
    "submit_to_full_pool": lambda pool, task: [pool.submit(int) for _ in range(3)],
    "imap": lambda pool, task: list(pool.imap(int, ["1"] * 40, chunksize=1)),
    "remove_worker": lambda pool, task: pool.remove_worker(),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WAITS)
def test_ctrl_c_ends_a_wait_and_leaves_the_pool_usable(name: str, gate: threading.Event) -> None:
    with ThreadPool(1, max_queue=2) as pool:
        task = pool.submit(gate.wait)
        check_interrupted(lambda: WAITS[name](pool, task))
        assert not task.done()
        gate.set()
        assert task.result(10)
        assert pool.submit(int, "5").result(10) == 5
        assert pool.wait_completion(10)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["join", "shutdown", "leaving_with"])
def test_ctrl_c_ends_the_wait_for_the_end_and_the_next_one_waits_again(name: str, gate: threading.Event) -> None:
    pool = ThreadPool(1)
    task, last = pool.submit(gate.wait), pool.submit(int, "6")
    call: dict[str, Callable[[], object]] = {
        "join": pool.join,
        "shutdown": pool.shutdown,
        "leaving_with": lambda: pool.__exit__(None, None, None),
    }
    check_interrupted(call[name])
    assert not pool.join(0.01), "the interrupted wait made the pool believe its thread had ended"
    assert not task.done()
    gate.set()
    assert pool.shutdown(timeout=10)
    assert task.done()
    assert last.result(0) == 6


@pytest.mark.parametrize("name", ["get", "put", "join"])
def test_ctrl_c_ends_a_wait_on_a_queue(name: str) -> None:
    queue = PriorityTaskQueue(1)
    if name != "get":
        queue.put("a")
    call: dict[str, Callable[[], object]] = {"get": queue.get, "put": lambda: queue.put("b"), "join": queue.join}
    check_interrupted(call[name])
    if name != "get":
        assert queue.get_nowait() == "a"
    assert queue.empty()
    queue.put("c", timeout=0)
    assert queue.get(5) == "c"


@pytest.mark.slow
def test_ctrl_c_in_imap_loses_no_value(gate: threading.Event) -> None:
    with ThreadPool(1) as pool:
        values = pool.imap(lambda item: (gate.wait(), item)[1], range(6), chunksize=2)
        check_interrupted(lambda: next(values))
        gate.set()
        assert list(values) == list(range(6))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_two_hundred_interrupts_lose_nothing() -> None:
    rng = random.Random(5)
    armed, handled = threading.Event(), threading.Semaphore(0)
    seen = 0

    def on_interrupt(*_: object) -> None:
        nonlocal seen
        seen += 1
        handled.release()
        raise KeyboardInterrupt

    def send() -> None:
        for _ in range(200):
            if not armed.wait(10):
                return
            armed.clear()
            time.sleep(rng.random() * 0.002)
            os.kill(os.getpid(), signal.SIGINT)
            handled.acquire(timeout=10)

    # Workers leave at once: Ctrl-C also meets submits in the middle of starting a thread.
    pool = ThreadPool(2, idle_timeout=1e-4)
    tasks: list[Task[int]] = []
    previous = signal.signal(signal.SIGINT, on_interrupt)
    sender = threading.Thread(target=send)
    sender.start()
    try:
        while (before := seen) < 200 and sender.is_alive():
            try:
                armed.set()
                while seen == before:  # else it was raised in a finalizer or a weakref callback, and went no further
                    for number in range(4):
                        tasks.append(pool.submit(int, number))
                    assert tasks[-1].result() == 3
                    time.sleep(rng.choice((0, 2e-4)))
                    assert sender.is_alive() or seen == 200
            except KeyboardInterrupt:
                pass
    finally:
        signal.signal(signal.SIGINT, previous)
        sender.join(10)
    assert seen == 200
    assert all(task.wait(10) for task in tasks)
    assert pool.submit(int, "8").result(10) == 8
    assert pool.wait_completion(10)
    counts = pool.statistics()
    assert counts.submitted == counts.done
    assert counts.workers <= 2
    assert (counts.queued, counts.running) == (0, 0)
    assert pool.shutdown(timeout=10)


@pytest.mark.slow
@pytest.mark.stress
def test_handler_that_submits_five_thousand_times_never_deadlocks() -> None:
    rng = random.Random(6)
    pool, queue = ThreadPool(2, idle_timeout=1e-3), PriorityTaskQueue(0)
    from_handler: list[Task[int]] = []
    items = 0
    sleeper = pool.submit(int)

    def on_alarm(*_: object) -> None:
        nonlocal items
        task = pool.submit(int, len(from_handler))
        from_handler.append(task)
        assert task.uuid
        assert task._condition  # what concurrent.futures.wait locks
        sleeper.add_done_callback(lambda _: None)
        queue.put(items)
        items += 1
        pool.statistics()
        if len(from_handler) < 5_000:
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(50e-6, 300e-6))

    previous = signal.signal(signal.SIGALRM, on_alarm)
    deadline = time.monotonic() + 300
    submitted: list[Task[int]] = []
    taken = 0
    try:
        signal.setitimer(signal.ITIMER_REAL, 1e-3)
        while len(from_handler) < 5_000:
            assert time.monotonic() < deadline, f"stuck after {len(from_handler)} signals"
            task = pool.submit(int, len(submitted))
            submitted.append(task)
            assert task.uuid
            assert task._condition
            if len(submitted) % 64 == 0:
                assert task.result() == len(submitted) - 1
            taken += len(queue.clear())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert [task.result(10) for task in from_handler] == list(range(5_000))
    assert all(task.result(10) == number for number, task in enumerate(submitted))
    assert taken + queue.qsize() == items
    assert pool.unfinished_tasks == 0 or pool.wait_completion(10)
    assert pool.shutdown(timeout=10)
