"""Threads that wait at once for the end of one thread join it one after the other: Thread.join cannot bear more."""

import threading
from collections import Counter

import pytest

from recorded_calls import LIMIT, Gated
from waiting import start, until
from windlass import BackgroundWorker, ThreadPool

pytestmark = pytest.mark.slow


@pytest.fixture
def most_joins(monkeypatch: pytest.MonkeyPatch) -> "Counter[threading.Thread]":
    """Count the most joins of a thread at a time; each gives another one the time to begin beside it."""
    most: Counter[threading.Thread] = Counter()
    inside: Counter[threading.Thread] = Counter()
    lock, two, join = threading.Lock(), threading.Event(), threading.Thread.join

    def note(thread: threading.Thread, timeout: float | None = None) -> None:
        with lock:
            inside[thread] += 1
            most[thread] = max(most[thread], inside[thread])
            if inside[thread] > 1:
                two.set()
        two.wait(0.2)
        join(thread, timeout)
        with lock:
            inside[thread] -= 1

    monkeypatch.setattr(threading.Thread, "join", note)
    return most


def test_stops_of_a_background_worker(most_joins: "Counter[threading.Thread]") -> None:
    calls = Gated()
    worker = BackgroundWorker(func=calls)
    worker.start()
    calls.wait_for(1)
    stops = [start(lambda: worker.stop(timeout=LIMIT)) for _ in range(2)]
    until(lambda: not worker.is_active())
    calls.release()
    assert [stop.result(LIMIT) for stop in stops] == [True, True]
    assert set(most_joins.values()) == {1}


def test_shutdowns_of_a_pool(most_joins: "Counter[threading.Thread]") -> None:
    go, pool = threading.Event(), ThreadPool(1)
    pool.submit(go.wait, LIMIT)
    ends = [start(lambda: pool.shutdown(timeout=LIMIT)) for _ in range(2)]
    until(lambda: pool.state == "STOPPING")
    go.set()
    assert [end.result(LIMIT) for end in ends] == [True, True]
    assert set(most_joins.values()) == {1}
