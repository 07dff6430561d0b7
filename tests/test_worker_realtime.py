"""Scheduling class and processors on request: what is granted is told, and what is refused stops nobody."""

import os
import sys
from typing import Any

import pytest

from recorded_calls import LIMIT, Calls
from windlass import BackgroundWorker

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux's scheduling classes")


def test_nothing_asked_nothing_told() -> None:
    worker = BackgroundWorker(func=Calls(), max_ticks=1)
    worker.start()
    assert worker.join(LIMIT)
    assert worker.granted is None


def test_processors() -> None:
    seen: list[set[int]] = []
    cpu = min(os.sched_getaffinity(0))
    before = os.sched_getaffinity(0)
    worker = BackgroundWorker(func=lambda: seen.append(os.sched_getaffinity(0)), cpus=[cpu], max_ticks=1)
    worker.start()
    granted = worker.granted
    assert granted is not None
    assert granted.cpus == (cpu,)
    assert granted.refused == ()
    assert worker.join(LIMIT)
    assert seen == [{cpu}]
    assert os.sched_getaffinity(0) == before


def test_refusal_is_told_and_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def refuse(*args: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    calls = Calls()
    worker = BackgroundWorker("anna", calls, sched="fifo", sched_priority=10, max_ticks=1)
    worker.start()
    granted = worker.granted
    assert worker.join(LIMIT)
    assert calls.count == 1
    assert granted is not None
    assert len(granted.refused) == 1
    assert "fifo" in granted.refused[0]
    assert "not permitted" in granted.refused[0]
    assert "anna" in caplog.text
    assert "RLIMIT_RTPRIO" in caplog.text


def test_class_is_asked_for_with_its_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(os, "sched_setscheduler", lambda *args: asked.append(args))
    worker = BackgroundWorker(func=Calls(), sched="rr", sched_priority=7, max_ticks=1)
    worker.start()
    assert worker.join(LIMIT)
    pid, policy, parameters = asked[0]
    assert (pid, policy & ~os.SCHED_RESET_ON_FORK, parameters.sched_priority) == (0, os.SCHED_RR, 7)
