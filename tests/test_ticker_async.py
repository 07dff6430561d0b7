"""`async for`: the same grid for a coroutine, which never blocks its event loop."""

import asyncio
import contextlib
import gc
import os
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

import windlass.ticker_alarm
from loop_threads import LIMIT
from windlass import Ticker


@pytest.fixture(params=["timer file", "loop's own timer"], autouse=True)
def alarm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run every test with the exact timer, and with what other systems have; return which."""
    if request.param != "timer file":
        monkeypatch.setattr(windlass.ticker_alarm, "open_timer", lambda: None)
    return str(request.param)


def run(body: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(body, LIMIT))


def test_grid_holds_while_others_run() -> None:
    async def main() -> None:
        ticker = Ticker(0.002)
        turns = 0

        async def other() -> None:
            nonlocal turns
            while not ticker.stopped:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        before = None
        async for tick in ticker:
            assert tick.lateness_ns >= 0
            if before is not None:
                assert tick.release_ns == before + (tick.missed + 1) * 2_000_000
            before = tick.release_ns
            if tick.number >= 10 and turns > 10:  # more than 10: late ticks give the other one turn each
                ticker.stop()
        await task
        assert ticker.ticks == tick.number + 1

    run(main())


def test_others_run_beside_a_loop_that_is_always_late() -> None:
    async def main() -> None:
        ticker = Ticker(1e-9)
        stopper = asyncio.create_task(asyncio.sleep(0.01))
        stopper.add_done_callback(lambda _: ticker.stop())
        async for tick in ticker:
            assert tick.number < 10**6, "nobody else gets a turn"
        assert stopper.done()

    run(main())


def test_stop_and_new_interval_from_another_thread_wake_the_coroutine() -> None:
    async def main() -> None:
        ticker = Ticker(3600)
        numbers = []
        threading.Timer(0.02, lambda: setattr(ticker, "interval", 0.001)).start()
        async for tick in ticker:
            numbers.append(tick.number)
            if tick.number == 2:
                ticker.interval = 3600
                threading.Timer(0.02, ticker.stop).start()
        assert numbers == [0, 1, 2]

    run(main())


def test_pause_and_resume_reach_the_coroutine() -> None:
    async def main() -> None:
        ticker = Ticker(0.001)
        await anext(ticker)
        ticker.pause()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(anext(ticker), 0.02)
        threading.Timer(0.02, ticker.resume).start()
        assert (await anext(ticker)).number == 1

    run(main())


def test_cancelled_wait_leaves_the_tick_to_come() -> None:
    async def main() -> None:
        ticker = Ticker(0.01, start="next")
        task = asyncio.create_task(anext(ticker))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await anext(ticker)).number == 0

    run(main())


def test_second_coroutine_that_waits_is_refused() -> None:
    async def main() -> None:
        ticker = Ticker(3600, start="next")
        first = asyncio.create_task(anext(ticker))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="another coroutine waits"):
            await anext(ticker)
        ticker.stop()
        with pytest.raises(StopAsyncIteration):
            await first

    run(main())


def test_ticker_goes_on_in_another_event_loop() -> None:
    ticker = Ticker(0.001)

    async def once(number: int) -> None:
        for _ in range(3):
            tick = await anext(ticker)
        assert tick.number == number

    run(once(2))
    run(once(5))
    ticker.stop()  # its listener's event loop is closed


def open_timers() -> int:
    """Return how many timer files are open. Of other files, threads of earlier tests may still close some."""
    count = 0
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile, as that of the listing
            count += "timerfd" in os.readlink(f"/proc/self/fd/{name}")
    return count


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_files_are_closed(alarm: str) -> None:
    async def main() -> None:
        for _ in range(20):
            ticker = Ticker(0.0005)
            await anext(ticker)
            await anext(ticker)
        assert (open_timers() > before) is (alarm == "timer file")
        del ticker
        gc.collect()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert open_timers() == before

    gc.collect()  # what other tests have left
    before = open_timers()
    run(main())
    ticker = Ticker(0.0005)
    run(first_tick(ticker))
    del ticker  # after its event loop has closed
    gc.collect()
    assert open_timers() == before


async def first_tick(ticker: Ticker) -> None:
    assert (await anext(ticker)).number == 0
