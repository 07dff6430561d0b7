"""``windlass doctor``: it finds out without changing anything, and works where a question makes no sense."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from windlass import doctor
from windlass.cli import main

LIMIT = 120  # seconds; only a hang reaches it
# A free-threaded interpreter warns when a module turns its GIL on: children keep it off if we did.
GIL = [] if getattr(sys, "_is_gil_enabled", lambda: True)() else ["-X", "gil=0"]
SECTIONS = ["versions", "build", "cores", "interpreter", "timing", "realtime", "extras", "advice"]


def files(**contents: str) -> Callable[[str], str | None]:
    """Stand in for /proc and /sys: path with ``__`` for ``/`` -> text."""
    texts = {"/" + name.replace("__", "/").replace("_dot_", "."): text for name, text in contents.items()}
    return texts.get


def test_doctor_command_prints_every_section(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "dev", "-W", "error", *GIL, "-m", "windlass", "doctor"]
    done = subprocess.run(
        [*command, "--json", str(tmp_path / "d.json")],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [line for line in done.stdout.splitlines() if not line.startswith(" ")] == SECTIONS
    assert list(json.loads((tmp_path / "d.json").read_text())) == SECTIONS


def test_doctor_json_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json", "-"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["versions"]["windlass"]
    assert document["interpreter"]["switch_interval_ms"] == pytest.approx(sys.getswitchinterval() * 1e3)
    assert document["cores"]["machine"] == os.cpu_count()
    assert captured.err.startswith("versions\n")


def test_build_tells_what_the_core_tells() -> None:
    assert set(doctor.build()) >= {"cython", "gil_disabled", "parker", "sanitizer", "linetrace"}
    assert doctor.versions()["cython"] == doctor.build()["cython"]


def test_build_is_empty_when_the_core_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "windlass._core.build", None)  # what makes an import fail
    assert doctor.build() == {}
    assert doctor.versions()["cython"] is None
    out = io.StringIO()
    doctor.print_findings({"build": doctor.build()}, out)
    assert out.getvalue() == "build\n  not available here\n"


def test_doctor_says_so_where_nothing_is_available(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(doctor, "read_text", lambda path: None)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert main(["doctor"]) == 0
    lines = {line[2:30].strip(): line[30:] for line in capsys.readouterr().out.splitlines()}
    for name in (
        "affinity",
        "cgroup",
        "cgroup quota",
        "timer slack main thread ns",
        "timer slack this thread ns",
        "permitted",
        "refused because",
        "rtprio limit",
        "cap sys nice",
    ):
        assert lines[name] == "not available here"
    assert lines["machine"] == lines["usable"] == str(os.cpu_count())


def test_extras_tell_versions_or_nothing() -> None:
    extras = doctor.examine()["extras"]
    assert list(extras) == ["rich", "tqdm", "matplotlib"]
    assert doctor._version("windlass-has-no-such-extra") is None


V2 = "30 23 0:26 {root} /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = "32 31 0:29 {root} /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        pytest.param({}, (None, None), id="no cgroups"),
        pytest.param(
            {"proc__self__mountinfo": V2.format(root="/"), "proc__self__cgroup": "0::/\n"},
            ("v2", None),
            id="v2 root",
        ),
        pytest.param(
            {
                "proc__self__mountinfo": V2.format(root="/"),
                "proc__self__cgroup": "0::/user/job\n",
                "sys__fs__cgroup__user__job__cpu_dot_max": "max 100000\n",
                "sys__fs__cgroup__user__cpu_dot_max": "150000 100000\n",
                "sys__fs__cgroup__cpu_dot_max": "300000 100000\n",
            },
            ("v2", 1.5),
            id="v2 smallest on the way up",
        ),
        pytest.param(
            {
                "proc__self__mountinfo": V2.format(root="/docker/abc"),
                "proc__self__cgroup": "0::/docker/abc\n",
                "sys__fs__cgroup__cpu_dot_max": "50000 100000\n",
            },
            ("v2", 0.5),
            id="v2 in a container",
        ),
        pytest.param(
            {
                "proc__self__mountinfo": V2.format(root="/"),
                "proc__self__cgroup": "0::/../other\n",
                "sys__fs__cgroup__cpu_dot_max": "garbage",
            },
            ("v2", None),
            id="v2 unreadable",
        ),
        pytest.param(
            {
                "proc__self__mountinfo": V1.format(root="/")
                + V2.format(root="/").replace("cgroup rw", "cgroup/u rw", 1),
                "proc__self__cgroup": "3:cpu,cpuacct:/job\n1:name=systemd:/\n0::/\n",
                "sys__fs__cgroup__cpu__job__cpu_dot_cfs_quota_us": "200000\n",
                "sys__fs__cgroup__cpu__job__cpu_dot_cfs_period_us": "100000\n",
                "sys__fs__cgroup__cpu__cpu_dot_cfs_quota_us": "-1\n",
                "sys__fs__cgroup__cpu__cpu_dot_cfs_period_us": "100000\n",
            },
            ("v1", 2.0),
            id="v1 beside v2",
        ),
        pytest.param(
            {
                "proc__self__mountinfo": V1.format(root="/"),
                "proc__self__cgroup": "3:cpu,cpuacct:/\n",
                "sys__fs__cgroup__cpu__cpu_dot_cfs_quota_us": "-1\n",
                "sys__fs__cgroup__cpu__cpu_dot_cfs_period_us": "100000\n",
            },
            ("v1", None),
            id="v1 without quota",
        ),
    ],
)
def test_cpu_quota(contents: dict[str, str], expected: tuple[str | None, float | None]) -> None:
    assert doctor.cpu_quota(files(**contents)) == expected


def test_cores_usable_is_the_smallest_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3, 1, 2}, raising=False)
    monkeypatch.setattr(doctor, "cpu_quota", lambda read: ("v2", 1.5))
    assert doctor.cores() == {
        "machine": 8,
        "affinity": [1, 2, 3],
        "cgroup": "v2",
        "cgroup_quota": 1.5,
        "usable": 1.5,
    }


@pytest.mark.skipif(sys.platform != "linux", reason="timer slack is Linux's")
def test_own_timer_slack_is_that_of_the_calling_thread() -> None:
    import ctypes

    set_timer_slack = 29  # PR_SET_TIMERSLACK
    answers = []

    def ask() -> None:
        ctypes.CDLL(None).prctl(set_timer_slack, *[ctypes.c_ulong(n) for n in (123_000, 0, 0, 0)])
        answers.append(doctor.own_timer_slack())

    before = doctor.own_timer_slack()
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(LIMIT)
    assert answers == [123_000]
    assert doctor.own_timer_slack() == before


@pytest.mark.skipif(sys.platform != "linux", reason="realtime scheduling is tried on Linux only")
def test_try_realtime_leaves_process_and_threads_as_they_were() -> None:
    threads, before = set(threading.enumerate()), (os.sched_getscheduler(0), os.sched_getparam(0).sched_priority)
    doctor.try_realtime()
    assert (os.sched_getscheduler(0), os.sched_getparam(0).sched_priority) == before
    assert set(threading.enumerate()) <= threads


@pytest.mark.skipif(sys.platform != "linux", reason="realtime scheduling is tried on Linux only")
@pytest.mark.parametrize("refusal", [None, PermissionError(1, "Operation not permitted")])
def test_realtime_tells_the_answer(monkeypatch: pytest.MonkeyPatch, refusal: OSError | None) -> None:
    calls = []

    def answer(pid: int, policy: int, parameters: Any) -> None:
        calls.append(policy)
        if refusal is not None:
            raise refusal

    monkeypatch.setattr(os, "sched_setscheduler", answer)
    findings = doctor.realtime()
    assert findings["permitted"] is (refusal is None)
    assert findings["refused_because"] == ("Operation not permitted" if refusal else "nothing")
    assert calls == ([os.SCHED_FIFO] if refusal else [os.SCHED_FIFO, os.sched_getscheduler(0)])


@pytest.mark.parametrize(
    ("section", "change", "words"),
    [
        ("build", {"sanitizer": "thread"}, "built for tests"),
        ("build", {"linetrace": True}, "built for tests"),
        ("interpreter", {"free_threaded_build": True, "gil": True}, "GIL is on"),
        ("interpreter", {"tracing": True}, "tracer"),
        ("cores", {"usable": 1.5}, "fewer than two cores"),
        ("realtime", {"permitted": False}, "no realtime"),
    ],
)
def test_advice_names_what_stands_in_the_way(section: str, change: dict[str, Any], words: str) -> None:
    fine: dict[str, dict[str, Any]] = {
        "build": {"sanitizer": "", "linetrace": False},
        "interpreter": {"free_threaded_build": False, "gil": True, "tracing": False},
        "cores": {"usable": 2},
        "realtime": {"permitted": True},
    }
    assert doctor.advice(fine) == ["nothing stands in the way"]
    fine[section].update(change)
    (text,) = doctor.advice(fine)
    assert words in text
