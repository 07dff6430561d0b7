"""The job of ``windlass jitter``: how punctual a loop is on this machine, and whether more is to be had.

    run             main thread    load on; in turn: the loop for a while, the floor for a while; load off
      loop          its own        a Ticker under realtime_thread; what is measured is what users get
      sleep_floor   main thread    clock_nanosleep in C, in the same run and under the same load
    verdict                        which of host, GIL and windlass sets the limit

The loop and the floor take turns of about a second, so that both see the same machine.
"""

import contextlib
import dataclasses
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from windlass._core.histogram import Histogram
from windlass._core.sleep_floor import sleep_floor
from windlass._version import __version__
from windlass.realtime import RealtimeGrant, realtime_thread
from windlass.ticker import Ticker
from windlass.ticker_statistics import distribution

LOADS = ("none", "gil", "cpu")
TURN = 1.0  # seconds, about: the loop's turn; the floor gets a quarter of that
FLOOR_SHARE = 0.25
CLOSE = 1.25  # a p99 up to so many times the floor's is the host's doing
GIL_SHARE = 0.5  # if waiting for the GIL is so much of the lateness, it is the GIL's doing


@dataclasses.dataclass(frozen=True)
class JitterOptions:
    """What to measure. Times are in seconds.

    Attributes:
        interval: Between releases.
        duration: Of the loop's turns together.
        spin: As in `Ticker`.
        gil: As in `Ticker`.
        load: "none"; "gil": a thread that computes in pure Python; "cpu": a busy process for each processor.
        policy: Scheduling class of the loop's thread, as in `realtime_thread`.
        priority: Within that class.
        cpus: Processors for the loop's thread.
    """

    interval: float = 1e-3
    duration: float = 10.0
    spin: float = 100e-6
    gil: str = "auto"
    load: str = "none"
    policy: str | None = None
    priority: int | None = None
    cpus: tuple[int, ...] | None = None


@dataclasses.dataclass(frozen=True)
class Jitter:
    """What was found. Histograms are in nanoseconds.

    Attributes:
        options: What was measured.
        grant: What the loop's thread had.
        ticks: Releases that were run.
        missed: Releases that were not.
        cpu: Share of one processor that the loop's thread took, 0 to 1.
        lateness: Start minus release.
        period_jitter: Error of the time between two starts.
        gil_wait: Waits for the GIL.
        floor: Lateness of the loop in C; None where there is none to be had.
        interrupted: Ctrl-C ended it early.
    """

    options: JitterOptions
    grant: RealtimeGrant
    ticks: int
    missed: int
    cpu: float
    lateness: Histogram
    period_jitter: Histogram
    gil_wait: Histogram
    floor: Histogram | None
    interrupted: bool = False


class _Loop:
    """The loop to be measured, in a thread of its own; paused while it is not its turn."""

    def __init__(self, options: JitterOptions) -> None:
        self.ticker = Ticker(options.interval, spin=options.spin, gil=options.gil)
        self.ticker.pause()
        self.options = options
        self.grant: RealtimeGrant | None = None
        self.cpu = 0.0
        self.had = 0.0  # seconds of its turns
        self._wishes = realtime_thread(options.policy, priority=options.priority, cpus=options.cpus)
        self._thread = threading.Thread(target=self._run, name="windlass jitter", daemon=True)

    def _run(self) -> None:
        with self._wishes as self.grant:
            before = time.thread_time()
            for _ in self.ticker:
                pass
            self.cpu = time.thread_time() - before

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self.ticker.stop()
            self._thread.join()

    def take_turn(self, turn: float, watch: Callable[[Ticker, float], None]) -> None:
        """Run for a while; look in four times a second at most, since looking takes the GIL."""
        begin, had = time.monotonic(), self.had
        over = threading.Event()
        self.ticker.resume()
        try:
            while (left := begin + turn - time.monotonic()) > 0:
                over.wait(min(left, 0.25))
                self.had = had + time.monotonic() - begin
                watch(self.ticker, self.had)
        finally:
            self.ticker.pause()


def run(options: JitterOptions, watch: Callable[[Ticker, float], None]) -> Jitter:
    """Measure.

    Args:
        options: What to measure.
        watch: Called a few times a second, with the ticker and the seconds that the loop has had so far.

    Raises:
        ValueError, TypeError: An option makes no sense.
    """
    loop = _Loop(options)
    floor: Histogram | None = None
    interrupted = False
    with _load(options.load), loop.running():
        try:
            while (left := options.duration - loop.had) > 0:
                turn = min(max(TURN, 2 * options.interval), left)
                loop.take_turn(turn, watch)
                found = sleep_floor(round(options.interval * 1e9), round(turn * FLOOR_SHARE * 1e9))
                if found is not None:
                    floor = Histogram() if floor is None else floor
                    floor.merge(found)
        except KeyboardInterrupt:
            interrupted = True
    assert loop.grant is not None
    return Jitter(
        options=options,
        grant=loop.grant,
        ticks=loop.ticker.ticks,
        missed=loop.ticker.total_missed,
        cpu=loop.cpu / loop.had if loop.had else 0.0,
        lateness=loop.ticker.histogram("lateness"),
        period_jitter=loop.ticker.histogram("period_jitter"),
        gil_wait=loop.ticker.histogram("gil_wait"),
        floor=floor,
        interrupted=interrupted,
    )


@contextlib.contextmanager
def _load(kind: str) -> Iterator[None]:
    """Keep the GIL or the processors busy meanwhile."""
    if kind == "gil":
        over = threading.Event()
        thread = threading.Thread(target=_compute, args=[over], name="windlass jitter load", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        return
    children: list[subprocess.Popen[bytes]] = []
    try:
        if kind == "cpu":
            # They end with their parent, whatever ends it: its end of the pipe is then closed. Ctrl-C is for it alone.
            program = "import select\nwhile not select.select([0], [], [], 0)[0]:\n    sum(range(10_000))"
            for _ in range(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1):
                command = [sys.executable, "-S", "-c", program]
                children.append(subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True))
        yield
    finally:
        for child in children:
            child.communicate()


def _compute(over: threading.Event) -> None:
    while not over.is_set():
        sum(number * number for number in range(100))


def verdict(found: Jitter) -> str:
    """Say in one sentence what keeps the loop from being more punctual."""
    lateness, gil = found.lateness.percentile(99), found.gil_wait.percentile(99) or 0
    if lateness is None:
        return "nothing was measured: the loop has not run"
    floor = found.floor.percentile(99) if found.floor is not None else None
    if floor is not None and lateness <= CLOSE * floor:
        return (
            f"the host is the limit, not windlass: a bare clock_nanosleep loop in C was {in_us(floor)} us late"
            f" in the same run, the loop {in_us(lateness)} us (p99)"
        )
    if gil >= GIL_SHARE * lateness:
        advice = "a longer interval" if found.options.gil != "after" else "gil 'auto'"
        return (
            f"the GIL is the limit: the loop waited {in_us(gil)} us for it (p99), while the switch interval is"
            f" {sys.getswitchinterval() * 1e6:g} us; a shorter sys.setswitchinterval or {advice} helps"
        )
    if floor is None:
        return "whether the host is the limit is not known here: there is no clock_nanosleep to compare with"
    return (
        f"the host allows more: a bare clock_nanosleep loop in C was {in_us(floor)} us late in the same run,"
        f" the loop {in_us(lateness)} us (p99)"
    )


def in_us(nanoseconds: float) -> str:
    """Write a time in microseconds, with three digits."""
    microseconds = nanoseconds / 1e3
    return f"{microseconds:.0f}" if microseconds >= 100 else f"{microseconds:.3g}"


def document(found: Jitter) -> dict[str, Any]:
    """Return everything, ready for JSON; times are in seconds, buckets (lowest, highest, count) in nanoseconds."""
    return {
        "windlass": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "options": dataclasses.asdict(found.options),
        "grant": dataclasses.asdict(found.grant),
        "ticks": found.ticks,
        "missed": found.missed,
        "cpu": found.cpu,
        "interrupted": found.interrupted,
        "verdict": verdict(found),
    } | {
        name: None if times is None else dataclasses.asdict(distribution(times)) | {"buckets": times.buckets()}
        for name, times in (
            ("lateness", found.lateness),
            ("period_jitter", found.period_jitter),
            ("gil_wait", found.gil_wait),
            ("floor", found.floor),
        )
    }
