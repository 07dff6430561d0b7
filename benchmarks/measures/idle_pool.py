"""What a pool does while it has nothing to do: context switches and CPU time, watched from outside.

The pool lives in a process of its own whose main thread blocks in a read, so any switch is the pool's. The
watcher reads ``/proc``, which wakes nobody.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from children import run_child
from contenders import EXECUTOR, POOLS
from interleave import Figures, Measure, Row, Trial

WORKERS = 4
SETTLE = 0.5  # seconds for the workers to go to sleep after their first task


def measure(quick: bool) -> Measure:
    """Measure an idle pool of 4 for 3 seconds, each worker having run a task."""
    seconds = 0.5 if quick else 3.0
    return Measure(
        "idle-pool",
        {name: partial(_trial, name, seconds) for name in POOLS},
        [
            Row("idle pool of 4, wake-ups in 3 s", "switches", "switches", EXECUTOR, goal="none", most=0),
            Row("idle pool of 4, CPU time in 3 s", "cpu", "us", EXECUTOR, goal="none", most=0),
        ],
        warm_up=False,
        most_rounds=3,
    )


@contextmanager
def _trial(name: str, seconds: float) -> Iterator[Trial]:
    with run_child("idle_pool", name, str(WORKERS)) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n", "the child did not start"
        time.sleep(SETTLE)
        yield Trial(partial(watch, child.pid, seconds), _figures)
        child.stdin.write("stop\n")


def watch(pid: int, seconds: float) -> Figures:
    """Return what the threads of process ``pid`` did in the next ``seconds``; nothing without /proc."""
    threads = Path(f"/proc/{pid}/task")
    if not threads.exists():
        return {}
    before = _switches_and_cpu(threads)
    time.sleep(seconds)
    after = _switches_and_cpu(threads)
    assert after[0] == before[0] >= WORKERS + 1, "threads came or went"
    return {"switches": after[1] - before[1], "cpu": (after[2] - before[2]) / 1e3}


def _switches_and_cpu(threads: Path) -> tuple[int, int, int]:
    tasks = list(threads.iterdir())
    status = [line.split() for task in tasks for line in (task / "status").read_text().splitlines()]
    switches = sum(int(words[1]) for words in status if words[0].endswith("voluntary_ctxt_switches:"))
    cpu_ns = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
    return len(tasks), switches, cpu_ns


def _figures(result: Figures, _elapsed: float) -> Figures:
    return result
