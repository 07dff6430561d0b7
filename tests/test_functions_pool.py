"""FunctionCollection: running on a pool, async functions, and how long each function took."""

import asyncio
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

from process_calls import Gate
from waiting import until
from windlass import FunctionCollection, PoolClosed, ProcessPool, ThreadPool, current_task

LIMIT = 10


def key(name: str) -> str:
    return f"{__name__}.{name}"


def one() -> int:
    return 1


def fails() -> None:
    raise ValueError("of fails")


async def later() -> str:
    await asyncio.sleep(0)
    return "later"


async def fails_later() -> None:
    await asyncio.sleep(0)
    raise ValueError("of fails_later")


def test_functions_run_at_the_same_time_on_the_pool() -> None:
    barrier = threading.Barrier(3)
    with ThreadPool(3) as pool:
        collection = FunctionCollection(pool=pool)
        for name in "abc":
            collection.append(lambda name=name: (barrier.wait(LIMIT), name)[1])  # type: ignore[misc]
        assert list(collection().values()) == ["a", "b", "c"]


def test_priorities_hold_on_the_pool() -> None:
    ran: list[str] = []
    gate = threading.Event()
    with ThreadPool(1) as pool:
        pool.submit(gate.wait, LIMIT)
        collection = FunctionCollection(pool=pool)
        collection.append(lambda: ran.append("last"), priority=20)
        collection.append(lambda: (gate.set(), ran.append("first")), priority=1)
        runner = threading.Thread(target=collection)
        runner.start()
        until(lambda: pool.num_queued_tasks == 2)
        pool.submit(ran.append, "between", submit_task_priority=15)
        gate.set()
        runner.join(LIMIT)
    assert ran == ["first", "between", "last"]


def test_priorities_hold_on_a_pool_of_processes(gate: Gate) -> None:
    with ProcessPool(1) as pool, ThreadPool(1) as runner:
        pool.submit(gate.pass_through)
        gate.wait_for_arrival()
        collection = FunctionCollection(pool=pool)
        collection.append(time.monotonic_ns, priority=20)
        collection.append(time.monotonic, priority=1)
        run = runner.submit(collection)
        until(lambda: pool.num_queued_tasks == 2)
        between = pool.submit(time.monotonic_ns, submit_task_priority=15)
        gate.let_go()
        first, last = run.result(LIMIT).values()
        assert first * 1e9 < between.result(LIMIT) < last


def test_a_worker_of_the_pool_may_run_the_collection() -> None:
    with ThreadPool(1) as pool:
        collection = FunctionCollection(pool=pool)
        collection.append(one)
        collection.append(lambda: current_task().name)  # type: ignore[union-attr]
        results = pool.submit(collection.run).result(LIMIT)
    assert results == {key("one"): 1, key("<lambda>"): key("<lambda>")}


def test_any_executor_will_do() -> None:
    with ThreadPoolExecutor(2) as executor:
        collection = FunctionCollection(pool=executor, include_exceptions=True)
        collection.append(one)
        collection.append(fails)
        results, success = collection.execute()
    assert (results[key("one")], repr(results[key("fails")][0]), success) == (1, "ValueError('of fails')", False)


@pytest.mark.slow
def test_a_process_pool_too() -> None:
    with ProcessPoolExecutor(1, get_context("forkserver")) as executor:
        collection = FunctionCollection(pool=executor, include_exceptions=True)
        collection.append(time.monotonic_ns)
        collection.append(lambda: None)  # cannot be pickled
        collection.append(asyncio.iscoroutinefunction)  # wants an argument
        results, success = collection.execute()
    assert results["time.monotonic_ns"] > 0
    assert not success
    assert all(isinstance(value[0], Exception) for name, value in results.items() if name != "time.monotonic_ns")


def test_a_closed_pool_is_the_callers_error_and_nothing_runs() -> None:
    ran: list[int] = []
    pool = ThreadPool(1)
    pool.shutdown()
    collection = FunctionCollection(pool=pool)
    collection.append(lambda: ran.append(1))
    with pytest.raises(PoolClosed):
        collection()
    assert ran == []


def test_a_function_cancelled_in_the_pool_counts_as_failed() -> None:
    gate = threading.Event()
    started = threading.Event()
    with ThreadPool(1) as pool:
        collection = FunctionCollection(pool=pool, include_exceptions=True)
        collection.append(lambda: (started.set(), gate.wait(LIMIT)))
        collection.append(one)
        outcome: list[Any] = []
        runner = threading.Thread(target=lambda: outcome.append(collection.execute()))
        runner.start()
        assert started.wait(LIMIT)
        until(lambda: pool.num_queued_tasks == 1)
        pool.stop()
        gate.set()
        runner.join(LIMIT)
    ((results, success),) = outcome
    assert (success, type(results[key("one")][0]).__name__) == (False, "TaskCancelled")


# ---- async functions ----


@pytest.mark.parametrize("workers", [0, 2])
def test_async_functions_are_run_to_their_end(workers: int) -> None:
    collection = FunctionCollection(include_exceptions=True)
    for f in (one, later, fails_later):
        collection.append(f)
    if workers:
        collection.pool = ThreadPool(workers)
    results, success = collection.execute()
    if workers:
        collection.pool.shutdown()
    assert (results[key("one")], results[key("later")], success) == (1, "later", False)
    assert repr(results[key("fails_later")][0]) == "ValueError('of fails_later')"


def test_async_functions_of_one_run_share_a_loop() -> None:
    collection = FunctionCollection()
    loops: list[asyncio.AbstractEventLoop] = []

    async def note() -> None:
        loops.append(asyncio.get_running_loop())

    async def note_too() -> None:
        await note()

    collection.append(note)
    collection.append(note_too)
    collection()
    assert loops[0] is loops[1]
    assert loops[0].is_closed()


def test_run_refuses_async_functions_where_a_loop_runs() -> None:
    collection = FunctionCollection()
    ran: list[int] = []
    collection.append(lambda: ran.append(1))
    collection.append(later)

    async def main() -> None:
        with pytest.raises(RuntimeError, match="await run_async"):
            collection.run()

    asyncio.run(main())
    assert ran == []


def test_a_coroutine_that_comes_unannounced_where_a_loop_runs_fails_alone() -> None:
    collection = FunctionCollection(include_exceptions=True)
    collection.append(lambda: later())
    collection.append(one)

    async def main() -> dict[str, Any]:
        return collection.run()

    results = asyncio.run(main())
    assert type(results[key("<lambda>")][0]) is RuntimeError
    assert results[key("one")] == 1


@pytest.mark.parametrize("workers", [0, 1])
def test_run_async_awaits_on_the_callers_loop(workers: int) -> None:
    collection = FunctionCollection(include_exceptions=True)
    with ThreadPool(1) as pool:
        collection.pool = pool if workers else None
        ran_on: dict[str, Any] = {}

        async def where() -> None:
            ran_on["async"] = asyncio.get_running_loop()

        def plainly() -> None:
            ran_on["plain"] = threading.current_thread()

        async def main() -> dict[str, Any]:
            for f in (where, plainly, later, fails, fails_later):
                collection.append(f)
            results = await collection.run_async()
            assert ran_on["async"] is asyncio.get_running_loop()
            return results

        results = asyncio.run(main())
        assert (ran_on["plain"] is threading.current_thread()) is (not workers)
    assert list(results) == [key(name) for name in ("where", "plainly", "later", "fails", "fails_later")]
    assert results[key("later")] == "later"
    assert repr(results[key("fails")][0]) == "ValueError('of fails')"
    assert repr(results[key("fails_later")][0]) == "ValueError('of fails_later')"


def test_run_async_that_is_cancelled_leaves_nothing_in_the_pool() -> None:
    gate = threading.Event()
    started = threading.Event()
    ran: list[int] = []
    with ThreadPool(1) as pool:
        collection = FunctionCollection(pool=pool)
        collection.append(lambda: (started.set(), gate.wait(LIMIT)))
        collection.append(lambda: ran.append(1))

        async def main() -> None:
            run = asyncio.ensure_future(collection.run_async())
            while not started.is_set():
                await asyncio.sleep(1e-3)
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run

        asyncio.run(main())
        gate.set()
    assert ran == []


# ---- timings ----


def test_timings_are_of_the_last_run_and_of_each_function() -> None:
    collection = FunctionCollection(on_error=lambda e: None)
    assert collection.timings == {}
    collection.append(lambda: time.sleep(0.02))
    collection.append(fails)
    begin = time.perf_counter()
    collection()
    elapsed = time.perf_counter() - begin
    timings = collection.timings
    assert timings[key("<lambda>")] >= 0.019
    assert 0 <= timings[key("fails")] <= elapsed - timings[key("<lambda>")]
    collection.remove(fails)
    collection()
    assert list(collection.timings) == [key("<lambda>")]
    timings.clear()
    assert collection.timings != {}


def test_timings_on_a_pool_leave_the_waiting_out() -> None:
    ended: list[float] = []
    with ThreadPool(1) as pool:
        collection = FunctionCollection(pool=pool)
        collection.append(lambda: (time.sleep(0.05), ended.append(time.perf_counter())))
        collection.append(one)
        collection()
    assert 0 <= collection.timings[key("one")] <= time.perf_counter() - ended[0]
