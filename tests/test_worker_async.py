"""Coroutine functions as a worker's work: one event loop for all runs, which lives between them."""

import asyncio
import threading
from functools import partial
from typing import Any

import pytest

from recorded_calls import LIMIT
from windlass import BackgroundEventWorker, BackgroundQueueWorker, BackgroundWorker, background_worker


def test_all_runs_share_one_event_loop() -> None:
    loops: list[Any] = []

    @background_worker(interval=0.001, max_ticks=4)
    async def worker(tick: Any, worker_name: str) -> None:
        await asyncio.sleep(0)
        loops.append((asyncio.get_running_loop(), tick.number, worker_name))

    worker.start()
    assert worker.join(LIMIT)
    assert [number for _, number, _ in loops] == [0, 1, 2, 3]
    assert len({id(loop) for loop, _, _ in loops}) == 1
    assert loops[0][0].is_closed()
    assert worker.statistics().ticks == 4


def test_tasks_go_on_between_runs_and_are_cancelled_at_the_end() -> None:
    went_on, cancelled = threading.Event(), threading.Event()
    tasks: list[Any] = []

    async def in_the_background() -> None:
        try:
            for _ in range(10):
                await asyncio.sleep(0.001)
            went_on.set()
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def fn(task: Any) -> None:
        tasks.append(asyncio.ensure_future(in_the_background()))

    worker = BackgroundQueueWorker(func=fn)
    worker.start()
    worker.put(1)
    assert went_on.wait(LIMIT)  # while the worker waits in its queue
    assert worker.stop(timeout=LIMIT)
    assert cancelled.is_set()


def test_false_and_stop_from_inside() -> None:
    runs: list[str] = []

    async def returns(**kwargs: Any) -> bool:
        runs.append("returns")
        return False

    async def stops(_worker: Any) -> None:
        _worker.stop(wait=True)
        await asyncio.sleep(0)
        runs.append("stops")

    for fn in (returns, stops):
        worker = BackgroundWorker(func=fn)
        worker.start()
        assert worker.join(LIMIT)
    assert runs == ["returns", "stops"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_exceptions(error: type[BaseException], caplog: pytest.LogCaptureFixture) -> None:
    runs: list[int] = []

    async def fn() -> None:
        runs.append(1)
        raise error("away")

    worker = BackgroundWorker(func=fn, max_ticks=2)
    worker.start()
    assert worker.join(LIMIT)
    assert len(runs) == (2 if issubclass(error, Exception) else 1)
    # Not all records: asyncio logs a warning of its own where a run took longer than 0.1 s.
    assert [record.name for record in caplog.records].count("windlass") == len(runs)


def test_on_error_may_be_a_coroutine_function_too() -> None:
    told: list[Any] = []

    async def on_error(e: BaseException, key: int) -> None:
        await asyncio.sleep(0)
        told.append((e, key))

    error = ValueError()

    async def fn() -> None:
        raise error

    worker = BackgroundWorker(func=fn, on_error=on_error, on_error_kwargs={"key": 1}, max_ticks=1)
    worker.start()
    assert worker.join(LIMIT)
    assert told == [(error, 1)]


def test_partials_methods_and_objects_are_recognised() -> None:
    seen: list[Any] = []

    class Thing:
        async def method(self, number: int) -> None:
            seen.append(number)

        async def __call__(self) -> None:
            seen.append("called")

    async def fn(number: int) -> None:
        seen.append(number)

    for work in (partial(fn, 1), partial(Thing().method, 2), Thing()):
        worker = BackgroundWorker("name", work, max_ticks=1)
        worker.start()
        assert worker.join(LIMIT)
    assert seen == [1, 2, "called"]


def test_loop_of_ones_own() -> None:
    seen: list[str] = []

    class Own(BackgroundEventWorker):
        async def loop(self, word: str) -> None:  # type: ignore[override]
            await asyncio.sleep(0)
            seen.append(word)

    worker = Own()
    worker.start("done")
    assert worker.join(LIMIT)
    assert seen == ["done"]


def test_trigger_and_restart() -> None:
    seen = threading.Semaphore(0)

    async def fn() -> None:
        seen.release()

    worker = BackgroundEventWorker("comes again", fn)
    for _ in range(3):
        worker.start()
        worker.trigger()
        assert seen.acquire(timeout=LIMIT)
        assert worker.stop(timeout=LIMIT)
    assert not [thread for thread in threading.enumerate() if thread.name == "comes again-asyncio"]


@pytest.mark.parametrize("error_policy", ["log", "stop"])
def test_an_event_loop_that_cannot_be_made_ends_the_worker(error_policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []

    def fail() -> Any:
        raise OSError(24, "Too many open files")

    async def fn() -> None: ...

    worker = BackgroundWorker(func=fn, interval=3600, error_policy=error_policy, on_error=lambda e: heard.append(e))
    monkeypatch.setattr(asyncio.events, "new_event_loop", fail)
    monkeypatch.setattr(asyncio, "new_event_loop", fail)
    worker.start()
    assert worker.join(LIMIT)
    assert not worker.is_active()
    assert [error.errno for error in heard] == [24]
    monkeypatch.undo()
    worker.start()
    assert worker.stop(timeout=LIMIT)
