"""Where the figures come from: versions, processor, and how much of it this run really had."""

import os
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from windlass._version import __version__ as windlass_version

# Columns of /proc/stat's cpu line, after its name.
IDLE, WAITING = 3, 4  # ticks without work, and without work but for a disk
STEAL = 7  # ticks that another guest of the host took

LOOK = 2.0  # seconds to watch the machine before a run
CROWDED = 5  # per cent of processor time; a machine busier than this before the run gives other figures


def describe() -> dict[str, str]:
    """Return what a reader needs to compare these figures with others."""
    return {
        "windlass": windlass_version,
        "Python": f"{platform.python_version()} ({platform.python_compiler()}, {_gil()})",
        "system": f"{platform.system()} {platform.release()}",
        "CPU": f"{_cpu_model()}, {_cores()} cores for this process",
        "switch interval": f"{sys.getswitchinterval() * 1e3:g} ms",
    }


@dataclass(frozen=True)
class Load:
    """A reading of the machine's own books, to be compared with a later one."""

    average: float | None  # load average over the last minute
    ticks: tuple[int, ...]  # the columns of /proc/stat; empty where there is none

    @classmethod
    def now(cls) -> "Load":
        """Take a reading."""
        average = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
        stat = Path("/proc/stat")
        columns = stat.read_text().split("\n", 1)[0].split()[1:9] if stat.exists() else []
        return cls(average, tuple(map(int, columns)))

    def steal_since(self, earlier: "Load") -> float | None:
        """Return the processor time, in per cent, that other guests took; None where it is not known."""
        spent = self._spent_since(earlier)
        return 100 * spent[STEAL] / sum(spent) if any(spent) else None

    def busy_since(self, earlier: "Load") -> float | None:
        """Return the processor time, in per cent, that went into work; None where it is not known."""
        spent = self._spent_since(earlier)
        return 100 * (1 - (spent[IDLE] + spent[WAITING]) / sum(spent)) if any(spent) else None

    def _spent_since(self, earlier: "Load") -> list[int]:
        return [now - then for now, then in zip(self.ticks, earlier.ticks, strict=True)]


def other_work() -> str:
    """Watch the idle process for a moment; return a warning if the machine is busy all the same, else nothing."""
    before = Load.now()
    time.sleep(LOOK)
    busy = Load.now().busy_since(before)
    if busy is None or busy <= CROWDED:
        return ""
    return f"other programs took {busy:.0f} % of the processors before this run: do not quote its figures"


def describe_load(before: Load, after: Load) -> str:
    """Say how busy the machine was between two readings."""
    steal = after.steal_since(before)
    averages = "unknown" if before.average is None else f"{before.average:.2f} to {after.average:.2f}"
    return f"load average {averages}, steal {'unknown' if steal is None else f'{steal:.1f} %'}"


def _gil() -> str:
    enabled = getattr(sys, "_is_gil_enabled", lambda: True)()
    return "GIL" if enabled else "no GIL"


def _cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
