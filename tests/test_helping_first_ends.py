"""A worker that waits for the first of several ends runs none of them while somebody else may; the last awake does."""

import sys
import threading
from collections.abc import Callable
from concurrent import futures as standard
from typing import Any

import pytest

import windlass
from windlass.dropin import futures as dropin

LIMIT = 30

POOLS = {
    "standard": (standard.ThreadPoolExecutor, standard.as_completed, standard.wait),
    "dropin": (dropin.ThreadPoolExecutor, dropin.as_completed, dropin.wait),
    "windlass": (windlass.ThreadPool, windlass.as_completed, windlass.wait),
}
every_pool = pytest.mark.parametrize(("make", "as_completed", "wait"), POOLS.values(), ids=POOLS)
our_pool = pytest.mark.parametrize(("make", "as_completed", "wait"), list(POOLS.values())[1:], ids=list(POOLS)[1:])


@every_pool
def test_a_call_may_wait_for_what_follows_the_first_end(make: Any, as_completed: Any, wait: Any) -> None:
    with make(4) as pool:

        def outer(first: Callable[[list[Any]], Any]) -> bool:
            gate = threading.Event()
            calls = [pool.submit(gate.wait, LIMIT) for _ in range(2)] + [pool.submit(int)]
            first(calls)
            gate.set()
            return all(call.result(LIMIT) is not False for call in calls)

        def first_of(calls: list[Any]) -> None:
            next(iter(as_completed(calls)))

        def first_completed(calls: list[Any]) -> None:
            wait(calls, return_when="FIRST_COMPLETED")

        for first in (first_of, first_completed):
            assert pool.submit(outer, first).result(LIMIT)


@every_pool
def test_a_free_worker_runs_it_while_another_waits(make: Any, as_completed: Any, wait: Any) -> None:
    with make(2) as pool:

        def outer() -> tuple[str, str]:
            (call,) = as_completed([pool.submit(threading.current_thread)])
            return threading.current_thread().name, call.result().name

        mine, its = pool.submit(outer).result(LIMIT)
        assert mine != its


@our_pool
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_all_workers_in_as_completed_at_once(make: Any, as_completed: Any, wait: Any, workers: int) -> None:
    # The standard class deadlocks: nobody is left to make the inner calls.
    all_inside = threading.Barrier(workers)

    with make(workers) as pool:

        def outer(number: int) -> int:
            all_inside.wait(LIMIT)
            calls = [pool.submit(pow, number, power) for power in range(5)]
            return sum(call.result() for call in as_completed(calls))

        outers = [pool.submit(outer, number) for number in range(workers)]
        assert [call.result(LIMIT) for call in outers] == [sum(n**p for p in range(5)) for n in range(workers)]


@our_pool
def test_unordered_and_nested_several_levels(make: Any, as_completed: Any, wait: Any) -> None:
    with make(2) as pool:

        def count(depth: int) -> int:
            if depth == 0:
                return 1
            return sum(call.result() for call in as_completed([pool.submit(count, depth - 1) for _ in range(3)]))

        assert pool.submit(count, 5).result(LIMIT) == 3**5


def test_imap_unordered_on_its_own_only_worker() -> None:
    with windlass.ThreadPool(1) as pool:
        task = pool.submit(lambda: sorted(pool.imap(abs, range(-50, 50), ordered=False, chunksize=1)))
        assert task.result(LIMIT) == sorted(map(abs, range(-50, 50)))


@pytest.mark.parametrize("make", [standard.ThreadPoolExecutor, dropin.ThreadPoolExecutor], ids=["standard", "dropin"])
def test_executor_keeps_a_time_limit_rather_than_make_the_call(make: Any) -> None:
    with make(1) as executor:

        def outer() -> bool:
            gate = threading.Event()
            call = executor.submit(gate.wait, LIMIT)
            with pytest.raises(standard.TimeoutError):
                call.result(timeout=0.001)
            assert standard.wait([call], timeout=0.001).not_done
            assert dropin.wait([call], timeout=0.001).not_done
            with pytest.raises(standard.TimeoutError):
                list(dropin.as_completed([call], timeout=0.001))
            gate.set()
            return call.cancel()

        assert executor.submit(outer).result(LIMIT)


@our_pool
@pytest.mark.parametrize("change", ["fewer", "more"])
def test_the_number_of_threads_changes_under_it(make: Any, as_completed: Any, wait: Any, change: str) -> None:
    with make(2 if change == "fewer" else 1) as pool:
        ready, other_runs, gate = threading.Event(), threading.Event(), threading.Event()

        def other() -> None:
            other_runs.set()
            gate.wait(LIMIT)

        def outer() -> Any:
            calls = [pool.submit(int, "7")]
            ready.set()
            if change == "more":
                gate.wait(LIMIT)
            (call,) = as_completed(calls)
            return call.result()

        def outer_beside_other() -> Any:
            other_runs.wait(LIMIT)
            return outer()

        if change == "fewer":  # the thread that leaves was the last that might have made the call
            waiting = pool.submit(outer_beside_other)
            running = pool.submit(other)
            assert ready.wait(LIMIT)
            set_max_workers(pool, 1)
            gate.set()
            running.result(LIMIT)
        else:  # nobody submits any more, which would start the thread
            waiting = pool.submit(outer)
            assert ready.wait(LIMIT)
            set_max_workers(pool, 2)
            gate.set()
        assert waiting.result(LIMIT) == 7


def set_max_workers(pool: Any, max_workers: int) -> None:
    if isinstance(pool, windlass.ThreadPool):
        pool.set_max_workers(max_workers)
    else:
        pool._max_workers = max_workers


def test_who_is_told_of_a_noticed_cancel_counts_as_awake_at_once() -> None:
    # Else the other one would take itself for the last, and run a call that waits for what it does itself.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(10)  # the one that is told does not run before the other sleeps
    try:
        with dropin.ThreadPoolExecutor(2) as pool:
            gate, waits = threading.Event(), threading.Event()
            cancelled: dropin.Future[int] = dropin.Future()
            cancelled.cancel()

            def told() -> None:
                waits.set()
                dropin.wait([cancelled], return_when="FIRST_COMPLETED")

            def tells() -> bool:
                waits.wait(LIMIT)
                calls: list[Any] = [pool.submit(int)] + [pool.submit(gate.wait, LIMIT) for _ in range(20)]
                cancelled.set_running_or_notify_cancel()
                next(iter(dropin.as_completed(calls)))
                gate.set()
                return all(call.result(LIMIT) is not False for call in calls)

            outer = [pool.submit(told), pool.submit(tells)]
            assert outer[1].result(2 * LIMIT)
    finally:
        sys.setswitchinterval(interval)
