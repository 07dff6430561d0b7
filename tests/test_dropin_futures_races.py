"""Races: who is first of cancel, run, drop, shutdown, notice; Ctrl-C; the collector and the switch at every step."""

import gc
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent import futures as standard
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from dropin_peers import LIMIT, both, occupied
from waiting import is_asleep, run_threads, start, until
from windlass.dropin import futures as ours

pytestmark = pytest.mark.stress


@pytest.fixture(autouse=True, params=["switching", "collecting"])
def at_every_step(request: pytest.FixtureRequest) -> Iterator[None]:
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    if request.param == "switching":
        sys.setswitchinterval(1e-6)
    else:
        gc.set_threshold(1)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


@both
def test_a_call_is_made_or_cancelled_and_never_both(futures: Any) -> None:
    ran: list[int] = []
    heard: list[int] = []
    cancelled: set[int] = set()
    with futures.ThreadPoolExecutor(3) as executor:
        for turn in range(10):
            batch = range(turn * 40, turn * 40 + 40)
            submitted = [executor.submit(ran.append, number) for number in batch]
            for number, future in zip(batch, submitted, strict=True):
                future.add_done_callback(lambda _, number=number: heard.append(number))

            def cancel_all(batch: range = batch, submitted: list[Any] = submitted) -> None:
                for number, future in zip(batch, submitted, strict=True):
                    if future.cancel():
                        cancelled.add(number)

            run_threads(cancel_all, cancel_all)
            assert futures.wait(submitted, LIMIT).not_done == set()
    assert sorted([*ran, *cancelled]) == list(range(400))
    assert sorted(heard) == list(range(400))


@pytest.mark.parametrize("functions", [standard, ours], ids=["standard_functions", "our_functions"])
def test_no_waiter_misses_a_notice(functions: Any) -> None:
    # Beside the standard ones, for waiters of both kinds on our futures.
    with ours.ThreadPoolExecutor(2) as executor:
        for _ in range(10):
            submitted = [executor.submit(int) for _ in range(20)]
            run_threads(
                lambda submitted=submitted: [future.cancel() for future in submitted[::2]],
                lambda submitted=submitted: functions.wait(submitted, LIMIT).not_done and pytest.fail("not told"),
                lambda submitted=submitted: list(functions.as_completed(submitted, LIMIT)),
                lambda submitted=submitted: ours.wait(submitted, LIMIT).not_done and pytest.fail("not told"),
            )
            assert all(future._waiters == [] for future in submitted)


def submit_until_refused(executor: Any, accepted: "queue.SimpleQueue[Any]") -> None:
    with suppress(RuntimeError):  # from where the shutdown came on
        for _ in range(50):
            accepted.put(executor.submit(abs, -1))


@both
def test_shutdown_beside_submits(futures: Any) -> None:
    for turn in range(10):
        executor = futures.ThreadPoolExecutor(3)
        accepted: queue.SimpleQueue[Any] = queue.SimpleQueue()
        submit_all = partial(submit_until_refused, executor, accepted)
        run_threads(submit_all, submit_all, lambda executor=executor, turn=turn: executor.shutdown(bool(turn % 2)))
        while not accepted.empty():
            assert accepted.get().result(LIMIT) == 1


@both
def test_cancelling_shutdown_beside_submits(futures: Any) -> None:
    for _ in range(10):
        executor = futures.ThreadPoolExecutor(2)
        accepted: queue.SimpleQueue[Any] = queue.SimpleQueue()
        submit_all = partial(submit_until_refused, executor, accepted)
        run_threads(submit_all, submit_all, lambda executor=executor: executor.shutdown(cancel_futures=True))
        while not accepted.empty():
            future = accepted.get()
            assert future.cancelled() or future.result(0) == 1


@both
def test_dropped_in_the_middle_of_its_work(futures: Any) -> None:
    before = set(threading.enumerate())
    kept = []
    for _ in range(20):
        executor = futures.ThreadPoolExecutor(2)
        kept += [executor.submit(abs, -number) for number in range(10)]
        kept[-3].cancel()
        del executor
    assert all(future.cancelled() or future.result(LIMIT) == at % 10 for at, future in enumerate(kept))
    for thread in set(threading.enumerate()) - before:
        thread.join(LIMIT)
        assert not thread.is_alive()


@both
def test_emptying_the_queue_beside_workers_and_cancels(futures: Any) -> None:
    ran: list[int] = []
    taken: list[Any] = []
    with futures.ThreadPoolExecutor(2) as executor:
        submitted = [executor.submit(ran.append, number) for number in range(300)]

        def take_all() -> None:
            while True:
                try:
                    item = executor._work_queue.get_nowait()
                except queue.Empty:
                    return
                item.future.cancel()
                taken.append(item.future)

        run_threads(take_all, take_all, lambda: [future.cancel() for future in submitted[::3]])
        assert executor._work_queue.qsize() == 0
        assert executor.submit(abs, -1).result(LIMIT) == 1
    assert all(future.done() for future in submitted)
    assert len(ran) + sum(future.cancelled() for future in submitted) == 300


def test_claims_by_hand_beside_workers() -> None:
    # The standard worker dies of a future that somebody else has claimed.
    with ours.ThreadPoolExecutor(2) as executor:
        submitted = [executor.submit(int) for _ in range(300)]

        def claim_all() -> None:
            for future in submitted:
                try:
                    if future.set_running_or_notify_cancel():
                        future.set_result(-1)
                except RuntimeError:
                    pass  # a worker was first

        run_threads(claim_all, claim_all, lambda: [future.cancel() for future in submitted[::5]])
        ours.wait(submitted, LIMIT)
        assert all(future.cancelled() or future.result(0) in (0, -1) for future in submitted)
        assert executor._work_queue.qsize() == 0
    assert executor._crew.counters()[:4] == (0, 0, 0, 0)


@both
@pytest.mark.parametrize("place", ["result", "wait", "as_completed", "map"])
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
def test_ctrl_c_ends_the_wait_and_nothing_else(futures: Any, place: str) -> None:
    waits: dict[str, Any] = {
        "result": lambda: partial(executor.submit(int).result, LIMIT),
        "wait": lambda: partial(futures.wait, [executor.submit(int)], LIMIT),
        "as_completed": lambda: partial(next, futures.as_completed([executor.submit(int)], LIMIT)),
        "map": lambda: partial(next, executor.map(abs, [1, 2], timeout=LIMIT)),
    }
    me, my_number = threading.get_ident(), threading.get_native_id()
    is_inside = threading.Event()

    def interrupt() -> None:
        until(lambda: is_inside.is_set() and is_asleep(my_number))
        signal.pthread_kill(me, signal.SIGINT)

    with futures.ThreadPoolExecutor(1) as executor:
        with occupied(executor):
            wait, interrupter = waits[place](), start(interrupt)
            with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - not before this
                is_inside.set()
                wait()
            interrupter.result(LIMIT)
            if place == "map":
                assert all(item.future.cancelled() for item in _rest(executor))
        assert executor.submit(abs, -1).result(LIMIT) == 1


def _rest(executor: Any) -> Iterator[Any]:
    while not executor._work_queue.empty():
        try:
            yield executor._work_queue.get_nowait()
        except queue.Empty:
            return
