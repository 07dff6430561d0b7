"""A task among futures: the standard waits, asyncio, windlass.wait, filling one in by hand."""

import asyncio
import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future, InvalidStateError
from typing import Any

import pytest

import windlass
from waiting import until
from windlass import Task, TaskCancelled, ThreadPool

LIMIT = 10


def finished(value: object = None, error: BaseException | None = None) -> Task[Any]:
    task: Task[Any] = Task(int)
    if error is None:
        task.set_result(value)
    else:
        task.set_exception(error)
    return task


def cancelled() -> Task[Any]:
    task: Task[Any] = Task(int)
    task.cancel()
    return task


# ---- the standard library's own functions ----


def test_standard_wait_takes_tasks_and_futures() -> None:
    go = threading.Event()
    with ThreadPool(1) as ours, futures.ThreadPoolExecutor(1) as theirs:
        mixed: list[Future[Any]] = [pool.submit(go.wait, LIMIT) for pool in (ours, theirs)]
        mixed.append(ours.submit(int, "x"))
        assert futures.wait(mixed, 0).done == set()
        go.set()
        done, not_done = futures.wait(mixed, LIMIT)
    assert done == set(mixed)
    assert not_done == set()


def test_standard_wait_sees_the_first_exception() -> None:
    go = threading.Event()
    with ThreadPool(2) as pool:
        blocked, failing = pool.submit(go.wait, LIMIT), pool.submit(int, "x")
        done, _ = futures.wait([blocked, failing], LIMIT, futures.FIRST_EXCEPTION)
        assert done == {failing}
        go.set()


def test_standard_as_completed_yields_in_order_of_the_end() -> None:
    gates = [threading.Event() for _ in range(4)]
    with ThreadPool(2) as ours, futures.ThreadPoolExecutor(2) as theirs:
        mixed = [pool.submit(gate.wait, LIMIT) for pool, gate in zip([ours, theirs] * 2, gates, strict=True)]
        iterator = futures.as_completed(mixed, LIMIT)
        for at in (2, 1, 3, 0):
            gates[at].set()
            assert next(iterator) is mixed[at]


def test_standard_wait_hears_of_a_cancel() -> None:
    task: Task[int] = Task(int)
    with futures.ThreadPoolExecutor(1) as other:
        waiting = other.submit(futures.wait, [task], LIMIT)
        until(lambda: task._waiters)
        task.cancel()
        assert waiting.result(LIMIT).done == {task}


def test_ended_tasks_are_done_for_the_standard_wait_at_once() -> None:
    tasks = {finished(1), finished(error=ValueError()), cancelled()}
    assert futures.wait(tasks, 0).done == tasks


def test_wrap_future_and_await_give_the_outcome() -> None:
    async def main() -> None:
        with ThreadPool(2) as pool:
            assert await asyncio.wrap_future(pool.submit(int, "5")) == 5
            assert await pool.submit(int, "6") == 6
            with pytest.raises(ValueError, match="invalid literal"):
                await pool.submit(int, "x")
            with pytest.raises(asyncio.CancelledError):
                await cancelled()
            values = await asyncio.gather(*pool.map(int, [((number,), None) for number in range(50)]))
            assert values == list(range(50))

    asyncio.run(main())


def test_cancelling_the_await_cancels_a_pending_task() -> None:
    async def main() -> None:
        task: Task[int] = Task(int)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.wrap_future(task), 0.001)
        assert task.cancelled()

    asyncio.run(main())


def test_run_in_executor_takes_the_pool() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        with ThreadPool(1) as pool:
            assert await loop.run_in_executor(pool, divmod, 7, 2) == (3, 1)
            with pytest.raises(ZeroDivisionError):
                await loop.run_in_executor(pool, divmod, 7, 0)

    asyncio.run(main())


def test_loop_closed_before_the_end_hurts_no_worker(caplog: pytest.LogCaptureFixture) -> None:
    go = threading.Event()
    with ThreadPool(1) as pool:

        async def main() -> None:
            waiting = asyncio.wrap_future(pool.submit(go.wait, LIMIT))
            assert not waiting.done()

        asyncio.run(main())
        go.set()
        assert pool.submit(int).result(LIMIT) == 0


# ---- filled in by hand ----


def test_set_result_and_set_exception_finish_a_task_once() -> None:
    task = finished(5)
    assert (task.state, task.result(0), task.wait_time, task.run_time) == ("FINISHED", 5, None, None)
    error = ValueError("by hand")
    failed = finished(error=error)
    for _ in range(3):
        with pytest.raises(ValueError, match="by hand"):
            failed.result(0)
    assert failed.exception() is error
    for ended in (task, failed, cancelled()):
        with pytest.raises(InvalidStateError):
            ended.set_result(1)
        with pytest.raises(InvalidStateError):
            ended.set_exception(error)


def test_set_exception_refuses_what_is_none() -> None:
    task: Task[int] = Task(int)
    for bad in (None, "x", ValueError):
        with pytest.raises(TypeError):
            task.set_exception(bad)  # type: ignore[arg-type]
    assert task.state == "PENDING"


def test_set_running_claims_it() -> None:
    task: Task[int] = Task(int)
    assert task.set_running_or_notify_cancel()
    assert task.running()
    assert not task.cancel()
    with pytest.raises(RuntimeError):
        task.set_running_or_notify_cancel()
    task.set_result(3)
    assert task.result(0) == 3
    assert not cancelled().set_running_or_notify_cancel()


# ---- windlass.wait ----


def test_wait_for_all_of_them() -> None:
    with ThreadPool(2) as pool:
        tasks = pool.submit_many(abs, range(100))
        answer = windlass.wait(tasks, LIMIT)
    assert answer.done == set(tasks)
    assert answer.not_done == set()


@pytest.mark.parametrize("outcome", [lambda: 1, lambda: 1 / 0], ids=["value", "exception"])
def test_wait_for_the_first(outcome: Callable[[], object]) -> None:
    go = threading.Event()
    with ThreadPool(2) as pool:
        blocked = pool.submit(go.wait, LIMIT)
        first = pool.submit(outcome)
        done, not_done = windlass.wait([blocked, first], LIMIT, windlass.FIRST_COMPLETED)
        assert (done, not_done) == ({first}, {blocked})
        go.set()


def test_wait_for_the_first_exception() -> None:
    go = threading.Event()
    with ThreadPool(2) as pool:
        blocked, good = pool.submit(go.wait, LIMIT), pool.submit(int)
        bad = pool.submit(int, "x")
        done, not_done = windlass.wait([blocked, good, bad], LIMIT, windlass.FIRST_EXCEPTION)
        assert bad in done
        assert not_done == {blocked}
        go.set()
        done, not_done = windlass.wait([blocked, good], LIMIT, windlass.FIRST_EXCEPTION)
        assert not not_done


def test_wait_counts_a_cancel_as_an_end_but_not_as_an_exception() -> None:
    pending: Task[int] = Task(int)
    gone = cancelled()
    assert windlass.wait([pending, gone], 0, windlass.FIRST_COMPLETED) == ({gone}, {pending})
    assert windlass.wait([pending, gone], 0, windlass.FIRST_EXCEPTION) == ({gone}, {pending})


@pytest.mark.parametrize("timeout", [0, -1, 0.01])
@pytest.mark.parametrize("when", [windlass.ALL_COMPLETED, windlass.FIRST_EXCEPTION])
def test_wait_gives_up_and_keeps_nothing_behind(timeout: float, when: str) -> None:
    pending, done = Task(int), finished()
    assert windlass.wait([pending, done, done], timeout, when) == ({done}, {pending})
    pending()
    assert windlass.wait([pending, done], timeout, when) == ({done, pending}, set())


def test_wait_of_nothing_and_of_a_generator() -> None:
    assert windlass.wait([]) == (set(), set())
    assert len(windlass.wait(finished() for _ in range(3)).done) == 3


def test_wait_takes_standard_futures_too() -> None:
    future: Future[int] = Future()
    future.set_result(1)
    task = finished()
    assert windlass.wait([future, task], LIMIT) == ({future, task}, set())


def test_wait_refuses_an_unknown_condition() -> None:
    with pytest.raises(ValueError, match="return_when"):
        windlass.wait([], return_when="SOME_COMPLETED")


# ---- results after a cancel ----


def test_result_of_a_cancelled_task_wakes_its_waiter() -> None:
    task: Task[int] = Task(int)
    caught: list[type[BaseException]] = []

    def wait_for_it() -> None:
        try:
            task.result(LIMIT)
        except TaskCancelled as error:
            caught.append(type(error))

    thread = threading.Thread(target=wait_for_it)
    thread.start()
    task.cancel()
    thread.join(LIMIT)
    assert caught == [TaskCancelled]


def test_claimed_by_hand_though_a_pool_holds_it() -> None:
    go = threading.Event()
    with ThreadPool(1) as pool:
        pool.submit(go.wait, 10)
        task = pool.submit(int)
        assert task.set_running_or_notify_cancel()
        assert pool.num_queued_tasks == 0
        go.set()
        assert pool.submit(abs, -1).result(10) == 1
        until(lambda: (pool.num_queued_tasks, pool.unfinished_tasks) == (0, 1))
        task.set_result(5)
        assert pool.wait_completion(10)
    assert pool.statistics().done == 3
