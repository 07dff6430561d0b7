"""What a worker does when its function raises: log, stop, restart, call back; and its state afterwards."""

import itertools
import threading
import time
import weakref
from typing import Any

import pytest

from recorded_calls import LIMIT, Calls
from windlass import BackgroundEventWorker, BackgroundQueueWorker, BackgroundWorker, Restart

NO_EXCEPTIONS = [SystemExit, KeyboardInterrupt, GeneratorExit, BaseException]


def test_log_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    calls = Calls(raises=ValueError("spilt milk"))
    worker = BackgroundWorker("anna", calls, max_ticks=3)
    worker.start()
    assert worker.join(LIMIT)
    assert calls.count == 3
    assert worker.statistics().errors == 3
    assert [record.name for record in caplog.records] == ["windlass"] * 3
    assert "anna" in caplog.records[0].getMessage()
    assert "spilt milk" in caplog.text


def test_stop_ends_with_a_true_state(caplog: pytest.LogCaptureFixture) -> None:
    calls = Calls(raises=ValueError("spilt milk"))
    worker = BackgroundWorker(func=calls, error_policy="stop")
    worker.start()
    assert worker.join(LIMIT)
    assert not worker.is_active()
    assert calls.count == 1
    assert len(caplog.records) == 1
    assert "ends" in caplog.records[0].getMessage()
    assert worker.start()  # anew
    assert worker.join(LIMIT)
    assert calls.count == 2


def test_restart_pauses_longer_each_time_and_gives_up() -> None:
    times: list[float] = []

    def fn() -> None:
        times.append(time.monotonic())
        raise ValueError

    worker = BackgroundWorker(func=fn, on_error=lambda e: None, error_policy=Restart(3, backoff=(0.005, 0.01)))
    worker.start()
    assert worker.join(LIMIT)
    assert len(times) == 4
    pauses = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert all(pause >= least for pause, least in zip(pauses, (0.005, 0.01, 0.01), strict=True))


def test_restart_counts_failures_in_a_row() -> None:
    outcomes = iter([ValueError, ValueError, None, ValueError, ValueError, None, False])

    def fn() -> Any:
        outcome = next(outcomes)
        if outcome is ValueError:
            raise ValueError
        return outcome

    worker = BackgroundWorker(func=fn, on_error=lambda e: None, error_policy=Restart(2, backoff=(0, 0)))
    worker.start()
    assert worker.join(LIMIT)
    assert next(outcomes, "none left") == "none left"


def test_backoff_of_an_hour_ends_with_a_stop() -> None:
    calls = Calls(raises=ValueError())
    worker = BackgroundWorker(func=calls, on_error=calls, error_policy=Restart(backoff=(3600, 3600)))
    worker.start()
    calls.wait_for(1)
    assert worker.stop(timeout=LIMIT)


def test_pauses_are_computed() -> None:
    policy = Restart(5, (0.1, 1.0))
    assert [policy.pause(n) for n in range(1, 7)] == [0.1, 0.2, 0.4, 0.8, 1.0, None]
    assert Restart(None, (0.1, 5.0)).pause(10**6) == 5.0


@pytest.mark.parametrize("kind", [BackgroundWorker, BackgroundQueueWorker, BackgroundEventWorker])
@pytest.mark.parametrize("error", NO_EXCEPTIONS)
def test_what_is_no_exception_ends_the_worker(kind: Any, error: Any, caplog: pytest.LogCaptureFixture) -> None:
    calls = Calls(raises=error("away"))
    worker = kind(func=calls, error_policy="log")
    if kind is not BackgroundWorker:
        (worker.put if kind is BackgroundQueueWorker else worker.trigger)(*[1] * (kind is BackgroundQueueWorker))
    worker.start()
    assert worker.join(LIMIT)
    assert calls.count == 1
    assert not worker.is_active()
    assert error.__name__ in caplog.text
    assert worker.statistics().errors == 1


def test_on_error_gets_the_exception_and_its_arguments(caplog: pytest.LogCaptureFixture) -> None:
    told = Calls()
    error = ValueError("spilt milk")
    given = {"where": "kitchen"}
    worker = BackgroundWorker(func=Calls(raises=error), on_error=told, on_error_kwargs=given, max_ticks=2)
    worker.start()
    assert worker.join(LIMIT)
    assert told.made == [((), {"where": "kitchen", "e": error})] * 2
    assert given == {"where": "kitchen"}
    assert not caplog.records


@pytest.mark.parametrize("error", [ValueError, *NO_EXCEPTIONS])
def test_on_error_that_raises_is_logged_with_what_it_was_told(error: Any, caplog: pytest.LogCaptureFixture) -> None:
    worker = BackgroundWorker(func=Calls(raises=KeyError("first")), on_error=Calls(raises=error("second")), max_ticks=2)
    worker.start()
    assert worker.join(LIMIT)
    assert len(caplog.records) == 2  # it went on
    assert "first" in caplog.text
    assert "second" in caplog.text


def test_a_loop_of_ones_own_that_raises(caplog: pytest.LogCaptureFixture) -> None:
    begun: list[int] = []

    class Own(BackgroundWorker):
        def loop(self) -> None:
            begun.append(1)
            raise OSError("no line")

    worker = Own(error_policy=Restart(2, backoff=(0, 0)))
    worker.start()
    assert worker.join(LIMIT)
    assert len(begun) == 3
    assert len(caplog.records) == 3


def test_exceptions_do_not_keep_arguments_alive() -> None:
    class Thing:
        """Can be referred to weakly."""

    worker = BackgroundQueueWorker(func=Calls(raises=ValueError()), on_error=lambda e: None)
    worker.run = lambda task: 1 / 0  # type: ignore[method-assign]
    thing = Thing()
    gone = threading.Event()
    _finalizer = weakref.finalize(thing, gone.set)
    worker.put(thing)
    del thing
    worker.start()
    worker.queue.join()
    worker.put(None)
    assert gone.wait(LIMIT)
    assert worker.stop(timeout=LIMIT)


def test_a_handler_that_raises_in_the_log_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    import logging

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(logging.getLogger("windlass"), "error", fail)
    calls = Calls(raises=ValueError())
    worker = BackgroundWorker(func=calls, max_ticks=3)
    worker.start()
    assert worker.join(LIMIT)
    assert calls.count == 3
