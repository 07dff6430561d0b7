"""Chaos: everything that can go wrong in tasks at once, and every task accounted for exactly."""

import gc
import logging
import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest

from windlass import Task, ThreadPool

PRODUCERS = 4
EACH = 50_000
NESTED_EVERY = 50  # about so many tasks submit another and wait for it
GC_STRETCH = 12  # submits of a producer with the collector at every allocation

ERRORS = (ValueError, SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration, MemoryError)


@pytest.fixture
def _hostile_interpreter() -> Iterator[None]:
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    logger = logging.getLogger("windlass")
    disabled, logger.disabled = logger.disabled, True  # a hundred thousand tracebacks of callbacks
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)
    logger.disabled = disabled


class Ledger:
    """What each task and each callback did, by number; a list cell has one writer at a time."""

    def __init__(self, size: int) -> None:
        self.runs = [0] * size
        self.calls = [0] * size
        self.cancels = [False] * size


def _produce(
    pool: ThreadPool, ledger: Ledger, first: int, seed: int, tasks: list[Task[int]], inner: list[Task[int]]
) -> None:
    rng = random.Random(seed)

    def call(number: int, fate: int) -> int:
        ledger.runs[number] += 1
        if fate < len(ERRORS):
            raise ERRORS[fate](number)
        if fate >= 100:
            child = pool.submit(int, number)
            inner.append(child)
            return child.result(20) or number
        return number

    for number in range(first, first + EACH):

        def on_end(_: Task[int], number: int = number) -> None:
            ledger.calls[number] += 1
            if number % 3 == 0:
                raise ERRORS[number % len(ERRORS)](number)

        fate = 100 if rng.randrange(NESTED_EVERY) == 0 else rng.randrange(40)
        if rng.randrange(1000) == 0:
            gc.set_threshold(1)
        if number % GC_STRETCH == 0:
            gc.set_threshold(100_000)
        priority = rng.choice((0, 5, 10, 20))
        task = pool.submit(call, number, fate, submit_task_priority=priority)
        tasks.append(task)
        with suppress(*ERRORS):  # of a task that has ended already, the callback runs here
            task.add_done_callback(on_end)
        if rng.randrange(8) == 0:
            victim = rng.randrange(max(first, number - 100), number + 1)
            if tasks[victim - first].cancel():
                ledger.cancels[victim] = True


@pytest.mark.slow
@pytest.mark.stress
@pytest.mark.usefixtures("_hostile_interpreter")
def test_chaos_loses_nothing_and_runs_nothing_twice() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    ledger = Ledger(PRODUCERS * EACH)
    pool = ThreadPool(4, name="chaos")
    tasks: list[list[Task[int]]] = [[] for _ in range(PRODUCERS)]
    inner: list[list[Task[int]]] = [[] for _ in range(PRODUCERS)]
    threads = [
        threading.Thread(target=_produce, args=(pool, ledger, at * EACH, seed + at, tasks[at], inner[at]))
        for at in range(PRODUCERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
        assert not thread.is_alive()
    assert pool.wait_completion(60)
    gc.set_threshold(100_000)

    outer = [task for each in tasks for task in each]
    nested = [task for each in inner for task in each]
    assert len(outer) == PRODUCERS * EACH
    states = Counter(task.state for task in outer)
    assert set(states) <= {"FINISHED", "CANCELLED"}, f"unresolved: {states}"
    assert all(task.state == "FINISHED" for task in nested)

    for number, task in enumerate(outer):
        assert ledger.runs[number] == (0 if task.cancelled() else 1), f"task {number} of seed {seed}"
        assert ledger.calls[number] == 1, f"callback {number} of seed {seed}"
        assert ledger.cancels[number] == task.cancelled()
        if not task.cancelled():
            error = task.exception()
            assert task.result() == number if error is None else error.args == (number,)

    failed = sum(not task.cancelled() and task.exception() is not None for task in outer)
    counts = pool.statistics()
    assert counts.submitted == len(outer) + len(nested)
    assert counts.cancelled == states["CANCELLED"] == sum(ledger.cancels)
    assert counts.failed == failed
    assert counts.done == len(outer) + len(nested) - failed - states["CANCELLED"]
    assert (counts.queued, counts.running, pool.unfinished_tasks) == (0, 0, 0)
    assert pool.shutdown(timeout=10)
