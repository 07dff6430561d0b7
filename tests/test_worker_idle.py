"""Idle workers cost nothing: their threads are not even looked at by the scheduler."""

import queue
import sys
import threading
import time
from typing import Any

import pytest

from recorded_calls import LIMIT, Calls
from waiting import until, what_it_does
from windlass import BackgroundEventWorker, BackgroundQueueWorker, BackgroundWorker

HOUR = 3600.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc"),
]


def test_workers_that_wait_are_never_woken() -> None:
    calls = Calls()

    async def coroutine() -> None:
        calls()

    workers: list[Any] = [
        BackgroundWorker("idle", calls, interval=HOUR, poll_delay=0.01),
        BackgroundWorker("idle", calls, interval=HOUR, realtime=True, poll_delay=0.01),
        BackgroundWorker("idle", calls, delay=HOUR, poll_delay=0.01),
        BackgroundWorker("idle", calls, delay=HOUR, watchdog=0.01, on_miss=calls),
        BackgroundWorker("idle", coroutine, delay=HOUR),
        BackgroundQueueWorker("idle", calls, poll_delay=0.01),
        BackgroundQueueWorker("idle", calls, queue=queue.SimpleQueue(), duration=HOUR),
        BackgroundEventWorker("idle", calls, poll_delay=0.01, watchdog=0.01),
        BackgroundEventWorker("idle", calls, event=threading.Event()),
    ]
    for worker in workers:
        worker.start()
        if isinstance(worker, BackgroundQueueWorker):
            worker.put(1)
        elif isinstance(worker, BackgroundEventWorker):
            worker.trigger()
    calls.wait_for(len(workers))
    threads = [thread.native_id or 0 for thread in threading.enumerate() if thread.name.startswith("idle")]
    assert len(threads) == len(workers) + 3  # two overseers and an event loop

    def all_sleep_for_a_second() -> bool:
        before = [what_it_does(thread) for thread in threads]
        time.sleep(1)
        return [what_it_does(thread) for thread in threads] == before

    until(all_sleep_for_a_second)  # not at once: they are on their way, and the watchdogs have yet to look
    for worker in workers:
        assert worker.stop(timeout=LIMIT)
    assert calls.count == len(workers)
