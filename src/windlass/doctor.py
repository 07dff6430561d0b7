"""``windlass doctor``: what this machine and this interpreter offer to windlass.

Every probe answers None where the question makes no sense, which is shown as "not available here", and none
changes the process: realtime scheduling is tried in a thread that ends at once.
"""

import contextlib
import importlib
import importlib.metadata
import os
import platform
import sys
import sysconfig
import threading
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, TextIO

from windlass._version import __version__

PR_GET_TIMERSLACK = 30  # <linux/prctl.h>
CAP_SYS_NICE = 23  # <linux/capability.h>
EXTRAS = ("rich", "tqdm", "matplotlib")

Section = dict[str, Any]
Read = Callable[[str], str | None]


def examine() -> dict[str, Any]:
    """Return all findings: a dict for each section and a list of advice, as in ``windlass doctor --json``."""
    findings: dict[str, Section] = {
        "versions": versions(),
        "build": build(),
        "cores": cores(),
        "interpreter": interpreter(),
        "timing": timing(),
        "realtime": realtime(),
        "extras": {name: _version(name) for name in EXTRAS},
    }
    return {**findings, "advice": advice(findings)}


def print_findings(findings: dict[str, Any], stream: TextIO) -> None:
    """Print the findings, one line each, under the names of their sections."""
    for title, section in findings.items():
        print(title, file=stream)
        if isinstance(section, dict):
            lines = [f"{name.replace('_', ' '):28}{_words(value)}" for name, value in section.items()]
        else:
            lines = section
        print(*(f"  {line}" for line in lines or ["not available here"]), sep="\n", file=stream)


def _words(value: Any) -> str:
    if value is None:
        return "not available here"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value) or "none"


def read_text(path: str) -> str | None:
    """Return the text of a file of /proc or /sys; None if there is no such thing here."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def versions() -> Section:
    """Return the versions of windlass and of what it stands on."""
    return {
        "windlass": __version__,
        "windlass_in": str(Path(__file__).parent),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "python_compiler": platform.python_compiler(),
        "cython": build().get("cython"),
        "libc": " ".join(platform.libc_ver()).strip() or None,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def build() -> Section:
    """Return how the core was compiled, as the core itself tells; empty when it does not."""
    try:
        core: Any = importlib.import_module("windlass._core.build")
    except ImportError:
        return {}
    return dict(core.info())


def cores() -> Section:
    """Return how many cores this process may use, and what limits them."""
    affinity = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    kind, quota = cpu_quota(read_text)
    limits = [n for n in (os.cpu_count(), affinity and len(affinity), quota) if n]
    return {
        "machine": os.cpu_count(),
        "affinity": affinity,
        "cgroup": kind,
        "cgroup_quota": "none" if kind and quota is None else quota,
        "usable": min(limits, default=None),
    }


def cpu_quota(read: Read) -> tuple[str | None, float | None]:
    """Return the kind of CPU cgroup this process is in and its quota in cores.

    The quota is the smallest on the way from the group up to the root that is visible here; None if no group
    has one. The kind is "v1", "v2", or None where there are no cgroups.

    Args:
        read: Returns the text of a file, or None; `read_text` but for tests.
    """
    kind: str | None = None
    quotas: list[float] = []
    for mount in (read("/proc/self/mountinfo") or "").splitlines():
        # 36 35 98:0 /root/of/mount /mount/point rw,noatime shared:1 - cgroup2 source rw,nsdelegate
        left, _, right = mount.partition(" - ")
        filesystem, _, options = right.partition(" ")
        is_v1 = filesystem == "cgroup" and "cpu" in options.split(" ")[-1].split(",")
        if not (is_v1 or filesystem == "cgroup2"):
            continue
        group = _group(read("/proc/self/cgroup") or "", "cpu" if is_v1 else "")
        if group is None:
            continue
        root, point = left.split(" ")[3:5]
        # Inside a container the group is often told from the host's root, and the mount is the group itself.
        inside = group.removeprefix(root.rstrip("/")) if group.startswith(root) else ""
        folder = PurePosixPath(point + "/" + inside.strip("/"))
        above = [folder, *folder.parents]
        found = [_group_quota(read, str(at), is_v1) for at in above[: above.index(PurePosixPath(point)) + 1]]
        if is_v1 or kind is None:
            kind = "v1" if is_v1 else "v2"
        quotas += [quota for quota in found if quota is not None]
    return kind, min(quotas, default=None)


def _group(text: str, controller: str) -> str | None:
    # /proc/self/cgroup, one line per hierarchy: 3:cpu,cpuacct:/group for v1, 0::/group for v2
    for line in text.splitlines():
        _, controllers, group = line.split(":", 2)
        if controller in controllers.split(","):
            return group
    return None


def _group_quota(read: Read, folder: str, is_v1: bool) -> float | None:
    if is_v1:
        words = [read(f"{folder}/cpu.cfs_{name}_us") or "" for name in ("quota", "period")]
    else:
        words = (read(f"{folder}/cpu.max") or "").split()
    try:
        quota, period = map(int, words)
    except ValueError:  # "max", or no such file
        return None
    return round(quota / period, 3) if quota > 0 and period > 0 else None


def interpreter() -> Section:
    """Return how this interpreter runs threads."""
    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    is_gil_enabled: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)
    return {
        "free_threaded_build": free_threaded,
        "gil": is_gil_enabled(),
        "switch_interval_ms": sys.getswitchinterval() * 1e3,
        "debug_build": hasattr(sys, "gettotalrefcount"),
        "tracing": sys.gettrace() is not None or sys.getprofile() is not None,
    }


def timing() -> Section:
    """Return how exactly a thread can be woken: clock and timer slack, in nanoseconds."""
    slack = read_text("/proc/self/timerslack_ns")
    return {
        "clock": time.get_clock_info("monotonic").implementation,
        "clock_resolution_ns": round(time.get_clock_info("monotonic").resolution * 1e9),
        "timer_slack_main_thread_ns": int(slack) if slack else None,
        "timer_slack_this_thread_ns": own_timer_slack(),
    }


def own_timer_slack() -> int | None:
    """Return by how many nanoseconds the kernel may be late in waking the calling thread."""
    if sys.platform != "linux":
        return None
    try:
        import ctypes  # some builds of Python come without
    except ImportError:
        return None
    arguments = [ctypes.c_ulong(0)] * 4  # prctl reads unsigned longs; plain ints would be passed as int
    slack: int = ctypes.CDLL(None).prctl(PR_GET_TIMERSLACK, *arguments)
    return slack if slack >= 0 else None


def realtime() -> Section:
    """Return whether threads of this process may use realtime scheduling."""
    status = read_text("/proc/self/status") or ""
    capabilities = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:")]
    answer = try_realtime()
    return {
        "permitted": None if answer is None else answer == "",
        "refused_because": answer or ("nothing" if answer == "" else None),
        "rtprio_limit": _rtprio_limit(),
        "cap_sys_nice": bool(capabilities[0] >> CAP_SYS_NICE & 1) if capabilities else None,
    }


def _rtprio_limit() -> str | None:
    if sys.platform != "linux":  # the only system with this limit
        return None
    import resource

    names = {resource.RLIM_INFINITY: "unlimited"}
    soft, hard = (names.get(n, str(n)) for n in resource.getrlimit(resource.RLIMIT_RTPRIO))
    return f"{soft} (soft), {hard} (hard)"


def try_realtime() -> str | None:
    """Ask for the lowest realtime priority and give it back; return the refusal, "" if there was none.

    None where it cannot be tried without changing the process: only Linux sets the scheduling of one thread
    through this call, and the thread is one that ends here.
    """
    if sys.platform != "linux":
        return None
    answers: list[str] = []

    def attempt() -> None:
        policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        except OSError as error:
            answers.append(error.strerror or str(error))
            return
        answers.append("")
        with contextlib.suppress(OSError):  # whatever it says, this thread ends here
            os.sched_setscheduler(0, policy, parameters)

    thread = threading.Thread(target=attempt, name="windlass doctor")
    thread.start()
    thread.join()
    return answers[0] if answers else None


def advice(findings: dict[str, Section]) -> list[str]:
    """Return what the findings mean for the user."""
    compiled, running, cpu = findings["build"], findings["interpreter"], findings["cores"]
    texts = []
    if compiled.get("sanitizer") or compiled.get("linetrace"):
        texts.append("the core is built for tests (sanitizer or line tracing): measure nothing with it")
    if running["free_threaded_build"] and running["gil"]:
        texts.append("the GIL is on in a free-threaded interpreter: a module asked for it, or PYTHON_GIL=1")
    if running["tracing"]:
        texts.append("a tracer or profiler is on: every call is slower")
    if cpu["usable"] is not None and cpu["usable"] < 2:
        texts.append("fewer than two cores: threads take turns, and a spinning wait would only be in the way")
    if findings["realtime"]["permitted"] is False:
        texts.append("no realtime scheduling: raise it with 'ulimit -r 99' or CAP_SYS_NICE for tighter loops")
    return texts or ["nothing stands in the way"]
