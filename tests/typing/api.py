"""What a type checker must see of the public interface: run by `mypy`, never executed.

A wrong inference fails `assert_type`; a mistake that is no longer noticed leaves an unused `type: ignore`.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, assert_type

from windlass import (
    PoolStatistics,
    Priority,
    PriorityTaskQueue,
    Task,
    ThreadPool,
    Tick,
    Ticker,
    TickerStatistics,
    as_completed,
    current_task,
    realtime_thread,
    wait,
)
from windlass._core.chunk_stream import ChunkStream


def length(text: str, *, times: int = 1) -> int:
    return len(text) * times


def tasks_carry_the_type_of_their_value() -> None:
    task = Task(length, ("a",), {"times": 2}, priority=Priority.HIGH)
    assert_type(task, Task[int])
    assert_type(task(), int | None)
    assert_type(task.result(), int)
    assert_type(task.result(timeout=1.5), int)
    assert_type(task.results, int | None)
    assert_type(task.exception(), BaseException | None)
    assert_type(task.wait(1), bool)
    assert_type(task.state, str)
    assert_type(task.run_time, float | None)
    assert_type(task.uuid, str)


def take_future(future: Future[int]) -> None: ...


def tasks_are_standard_futures(task: Task[int], other: Task[str]) -> None:
    take_future(task)
    take_future(other)  # type: ignore[arg-type]


def callbacks_get_the_task(task: Task[int]) -> None:
    def take_task(ended: Task[int]) -> None:
        assert_type(ended.result(), int)

    def take_text(ended: Task[str]) -> None: ...

    task.add_done_callback(take_task)
    task.add_done_callback(take_future)
    task.add_done_callback(take_text)  # type: ignore[arg-type]


async def tasks_can_be_awaited(task: Task[int]) -> None:
    assert_type(await task, int)
    assert_type(await asyncio.wrap_future(task), int)


def submit_gives_a_task_of_what_the_callable_returns(pool: ThreadPool, task: Task[int]) -> None:
    assert_type(pool.submit(length, "a", times=2), Task[int])
    assert_type(pool.submit(length, "a", submit_task_priority=1, submit_task_timeout=0.5), Task[int])
    assert_type(pool.submit(lambda: "a").result(), str)
    assert_type(pool.submit(task), Task[int])
    pool.submit(3)  # type: ignore[call-overload]
    pool.submit(length, "a", submit_task_timeout="soon")  # type: ignore[call-overload]


def many_calls(pool: ThreadPool) -> None:
    assert_type(pool.submit_many(length, ["a", "b"], priority=1), list[Task[int]])
    assert_type(pool.map(length, [(("a",), {"times": 2}), (["b"], None)]), list[Task[int]])
    pool.submit_many(length, [1])  # type: ignore[arg-type]


def imap_is_an_iterator_that_can_be_closed(pool: ThreadPool) -> None:
    values = pool.imap(length, ["a", "b"], ordered=False)
    assert_type(iter(values), ChunkStream[int])
    assert_type(next(values), int)
    assert_type(sum(values), int)
    values.close()


def options_keep_the_types(pool: ThreadPool) -> None:
    urgent = pool.options(priority=Priority.CRITICAL, name="urgent")
    assert_type(urgent.submit(length, "a", times=2), Task[int])
    assert_type(urgent.submit_many(length, ["a"]), list[Task[int]])
    assert_type(urgent.map(length, [(("a",), None)]), list[Task[int]])
    assert_type(next(urgent.imap(length, ["a"])), int)
    urgent.submit(length, 3)  # type: ignore[arg-type]


def waiting_gives_back_what_it_was_given(tasks: list[Task[int]], futures: list[Future[str]]) -> None:
    assert_type(as_completed(tasks, timeout=1), Iterator[Task[int]])
    assert_type(ThreadPool.as_completed(tasks), Iterator[Task[int]])
    assert_type(as_completed(futures), Iterator[Future[str]])
    done, _ = wait(tasks, timeout=1)
    assert_type(done, set[Task[int]])
    assert_type(wait(tasks).not_done, set[Task[int]])
    assert_type(current_task(), Task[Any] | None)


def pools() -> None:
    with ThreadPool(max_workers=2, name="pages", rejection="reject", idle_timeout=None) as pool:
        assert_type(pool, ThreadPool)
        assert_type(pool.statistics(), PoolStatistics)
        assert_type(pool.statistics().wait_mean, float)
        assert_type(pool.shutdown(cancel_futures=True), bool)
        assert_type(pool.stop(), list[Task[Any]])
    assert_type(ThreadPool.get_pool_by_name("pages"), ThreadPool | None)
    assert_type(ThreadPool.get_pools(), list[ThreadPool])


def queues(queue: PriorityTaskQueue) -> None:
    queue.put("item", 0.5, timeout=1)
    queue.put("item", "first")  # type: ignore[arg-type]
    assert_type(queue.qsize(), int)
    assert_type(queue.remove("item"), bool)
    assert_type(queue.clear(), list[Any])
    queue.maxsize = 3
    queue.closed = True  # type: ignore[misc]


def loops() -> None:
    with Ticker(0.001, missed="burst", max_burst=None, spin=0, gil="early", align=1) as ticker:
        assert_type(ticker, Ticker)
        for tick in ticker:
            assert_type(tick, Tick)
            assert_type(tick.lateness, float)
            assert_type(tick.missed, int)
        assert_type(ticker.wait(0.5), Tick | None)
        ticker.interval = 0.002
        ticker.ticks = 3  # type: ignore[misc]
        assert_type(ticker.statistics(reset=True), TickerStatistics)
        assert_type(ticker.statistics().lateness.p99, float | None)
    with realtime_thread("fifo", priority=50, cpus=[0]) as grant:
        assert_type(grant.refused, tuple[str, ...])


async def loops_of_coroutines(ticker: Ticker) -> None:
    async for tick in ticker:
        assert_type(tick, Tick)
