"""Small measures whose contenders do well, crash, hang, lie or are missing, each in a process of its own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import bench_suite  # noqa: F401 - makes the next import possible
from interleave import Figures, Measure, Row, Shape, Trial, Unavailable

LIMIT = 5.0  # seconds for one round: what a test of a hang takes, and enough for all others on a busy machine


def measure(quick: bool) -> Measure:
    """Run everyone there is."""
    return Measure(
        "sums",
        {name: partial(_trial, run, quick) for name, run in RUNS.items()},
        [Row("sum of 0 to 9", "time", "ns", name) for name in RUNS if name != "windlass"],
        time_limit=LIMIT,
        shapes=[Shape("times", "times", "us")],
    )


def peaceful(quick: bool) -> Measure:
    """Run only those who do well."""
    return Measure(
        "peace",
        {name: partial(_trial, RUNS[name], quick) for name in ("windlass", "slow")},
        [Row("sum of 0 to 9", "time", "ns", "slow"), Row("small sizes", "quick", "", "slow")],
        time_limit=60,
    )


def failing(quick: bool) -> Measure:
    """Let windlass fail."""
    runs = {"windlass": _raise, "slow": _sum}
    return Measure(
        "failure",
        {name: partial(_trial, run, quick) for name, run in runs.items()},
        [Row("sum of 0 to 9", "time", "ns", "slow")],
    )


def broken(quick: bool) -> Measure:
    """Fail before there is a contender."""
    raise RuntimeError("no such luck")


def in_parent_only(quick: bool) -> Measure:
    """Be a measure in the process of the tests, but not in that of a contender."""
    if "pytest" not in sys.modules:
        broken(quick)
    return peaceful(quick)


def _sum() -> int:
    return sum(range(10))


def _crash() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def _exit() -> int:
    os._exit(3)


def _hang() -> int:
    threading.Event().wait()
    return 0


def _hang_with_child() -> int:
    """Leave a process behind that would outlive us, and holds our pipes."""
    print(f"child {subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid}", file=sys.stderr)
    return _hang()


def _lie() -> int:
    return 46


def _raise() -> int:
    raise OSError("out of luck")


def _refuse() -> int:
    raise Unavailable("needs a better machine")


def _miss_a_module() -> int:
    import no_such_peer  # type: ignore[import-not-found]  # noqa: F401

    return 0


def _miss_our_own() -> int:
    from windlass.errors import NoSuchError  # type: ignore[attr-defined]  # noqa: F401

    return 0


def _chatter() -> int:
    print('{"figures": {"time": 0}}', flush=True)
    os.write(1, b"not an answer\n")
    return _sum()


RUNS: dict[str, Callable[[], int]] = {
    "windlass": _sum,
    "crashing": _crash,
    "exiting": _exit,
    "hanging": _hang_with_child,
    "wrong": _lie,
    "raising": _raise,
    "refusing": _refuse,
    "missing": _miss_a_module,
    "broken": _miss_our_own,
    "chattering": _chatter,
    "slow": _sum,
}


@contextmanager
def _trial(run: Callable[[], int], quick: bool) -> Iterator[Trial]:
    yield Trial(run, partial(_figures, quick), batches=3, samples=lambda _: {"times": [0.0, 1.0, 1.0]})


def _figures(quick: bool, total: Any, elapsed: float) -> Figures:
    assert total == 45, f"the sum is 45, not {total}"
    return {"time": elapsed, "pid": float(os.getpid()), "quick": float(quick)}
