"""Where the figures come from: versions, processor, and how much of it this run really had."""

import os
import platform
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

STEAL = 7  # column of /proc/stat's cpu line, after its name: ticks another guest of the host took


def describe() -> dict[str, str]:
    """Return what a reader needs to compare these figures with others."""
    return {
        "windlass": _version("windlass"),
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
        spent = [now - then for now, then in zip(self.ticks, earlier.ticks, strict=True)]
        return 100 * spent[STEAL] / sum(spent) if any(spent) else None


def describe_load(before: Load, after: Load) -> str:
    """Say how busy the machine was between two readings."""
    steal = after.steal_since(before)
    averages = "unknown" if before.average is None else f"{before.average:.2f} to {after.average:.2f}"
    return f"load average {averages}, steal {'unknown' if steal is None else f'{steal:.1f} %'}"


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


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
