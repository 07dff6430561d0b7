"""Task: states, outcome, cancel, direct calls, looks, and what an outcome may be."""

import threading
import traceback
from concurrent.futures import CancelledError, Future
from uuid import UUID

import pytest

from windlass import Task, TaskCancelled, ThreadPool, WaitTimeout, current_task

LIMIT = 10  # seconds; only a hang reaches it


class Falsey(Exception):
    def __bool__(self) -> bool:
        return False


def fail_with(error: BaseException) -> None:
    raise error


def test_task_goes_from_pending_over_running_to_finished() -> None:
    started, go = threading.Event(), threading.Event()

    def work() -> int:
        started.set()
        assert go.wait(LIMIT)
        return 7

    task = Task(work)
    assert isinstance(task, Future)
    assert (task.state, task.done(), task.running(), task.is_set(), task.results) == (
        "PENDING",
        False,
        False,
        False,
        None,
    )
    assert task.wait_time is None
    assert task.run_time is None
    with ThreadPool(1) as pool:
        assert pool.submit(task) is task
        assert started.wait(LIMIT)
        assert (task.state, task.done(), task.running(), task.results) == ("RUNNING", False, True, None)
        assert not task.cancel()
        assert task.worker in pool.workers
        go.set()
        assert task.wait(LIMIT)
    assert (task.state, task.done(), task.running(), task.is_set(), task.results) == (
        "FINISHED",
        True,
        False,
        True,
        7,
    )
    assert task.result() == 7
    assert task.exception() is None
    assert not task.cancelled()
    assert not task.cancel()
    assert task.wait_time is not None
    assert task.wait_time >= 0
    assert task.run_time is not None
    assert task.run_time >= 0


def test_cancelled_task_never_runs_and_says_so() -> None:
    ran: list[int] = []
    task = Task(ran.append, (1,))
    assert task.cancel()
    assert task.cancel()
    assert (task.state, task.cancelled(), task.done(), task.is_set()) == ("CANCELLED", True, True, True)
    assert task.wait(0)
    assert task.results is None
    for ask in (task.result, task.exception):
        with pytest.raises(TaskCancelled):
            ask()
        with pytest.raises(CancelledError):
            ask(0)
    with pytest.raises(RuntimeError, match="CANCELLED"):
        task()
    with ThreadPool(1) as pool, pytest.raises(ValueError, match="CANCELLED"):
        pool.submit(task)
    assert ran == []


def test_task_cancelled_in_a_queue_is_skipped() -> None:
    go, ran = threading.Event(), []
    with ThreadPool(1) as pool:
        pool.submit(go.wait, LIMIT)
        victims = [pool.submit(ran.append, number) for number in range(200)]
        assert all(task.cancel() for task in victims[::2])
        go.set()
    assert ran == list(range(1, 200, 2))
    assert [task.cancelled() for task in victims] == [True, False] * 100


def test_waits_on_a_pending_task_time_out() -> None:
    task = Task(int)
    for timeout in (0, -1, 0.001):
        assert task.wait(timeout) is False
        with pytest.raises(WaitTimeout):
            task.result(timeout)
        with pytest.raises(TimeoutError):
            task.exception(timeout)
    assert task() == 0
    assert task.result(0) == 0


def test_direct_call_runs_once_and_returns_the_value() -> None:
    calls: list[tuple[object, ...]] = []

    def work(*args: object, **kwargs: object) -> str:
        calls.append((args, kwargs))
        return "done"

    task = Task(work, (1, 2), {"three": 3})
    assert (task.fn, task.args, task.kwargs) == (work, (1, 2), {"three": 3})
    assert task() == "done"
    with pytest.raises(RuntimeError, match="only once"):
        task()
    assert calls == [((1, 2), {"three": 3})]
    assert task.worker is None
    assert (task.fn, task.args, task.kwargs) == (None, None, None)


def test_direct_call_raises_what_the_function_raised() -> None:
    task = Task(fail_with, (KeyError("x"),))
    with pytest.raises(KeyError):
        task()
    assert task.state == "FINISHED"
    with pytest.raises(KeyError):
        _ = task.results


def test_direct_call_of_a_queued_task_keeps_the_worker_off_it() -> None:
    go, ran = threading.Event(), []
    with ThreadPool(1) as pool:
        pool.submit(go.wait, LIMIT)
        task = pool.submit(ran.append, 1)
        task()
        go.set()
        assert pool.wait_completion(LIMIT)
    assert ran == [1]
    assert pool.statistics().done == 2


@pytest.mark.parametrize(
    "error",
    [ValueError("v"), StopIteration(3), Falsey(), SystemExit(2), KeyboardInterrupt(), GeneratorExit()],
    ids=lambda error: type(error).__name__,
)
def test_any_exception_goes_into_the_task_and_the_worker_lives(error: BaseException) -> None:
    with ThreadPool(1) as pool:
        task = pool.submit(fail_with, error)
        assert task.exception(LIMIT) is error
        with pytest.raises(type(error)) as caught:
            task.result(LIMIT)
        assert caught.value is error
        assert f"raised {type(error).__name__}" in repr(task)
        assert pool.submit(threading.get_ident).result(LIMIT) == task.worker.ident


def test_exception_returned_is_a_value() -> None:
    error = ValueError("a value")
    with ThreadPool(1) as pool:
        task = pool.submit(lambda: error)
        assert task.result(LIMIT) is error
        assert task.exception() is None
        assert task.results is error


def test_traceback_does_not_grow_with_result_calls() -> None:
    with ThreadPool(1) as pool:
        task = pool.submit(fail_with, ValueError("x"))
        lengths = set()
        for _ in range(1_000):
            try:
                task.result(LIMIT)
            except ValueError as error:
                lengths.add(len(traceback.extract_tb(error.__traceback__)))
    assert len(lengths) == 1, lengths
    error = task.exception()
    assert error is not None
    assert "fail_with" in "".join(traceback.format_tb(error.__traceback__))


def test_store_return_false_keeps_no_value() -> None:
    with ThreadPool(1) as pool:
        task = pool.options(store_return=False).submit(lambda: 5)
        assert task.result(LIMIT) is None
        assert task.results is None
        assert not task.store_return
    failing = Task(fail_with, (ValueError("kept"),), store_return=False)
    with pytest.raises(ValueError, match="kept"):
        failing()


def test_semaphore_is_held_during_the_call_and_released_by_failures() -> None:
    semaphore = threading.Semaphore(1)
    held: list[bool] = []

    def work() -> None:
        free = semaphore.acquire(blocking=False)
        held.append(not free)
        raise ValueError

    with ThreadPool(2) as pool:
        tasks = [pool.submit(Task(work, semaphore=semaphore)) for _ in range(10)]
        assert [type(task.exception(LIMIT)) for task in tasks] == [ValueError] * 10
    assert held == [True] * 10
    assert semaphore.acquire(blocking=False)


def test_current_task_is_the_innermost() -> None:
    seen: list[object] = []
    inner = Task(lambda: seen.append(current_task()))

    def work() -> None:
        seen.append(current_task())
        inner()
        seen.append(current_task())

    assert current_task() is None
    with ThreadPool(1) as pool:
        outer = pool.submit(work)
        outer.result(LIMIT)
        again = pool.submit(current_task)
        assert again.result(LIMIT) is again
    assert seen == [outer, inner, outer]
    assert current_task() is None


def test_uuid_is_its_own_and_stays() -> None:
    tasks = [Task(int), Task(int, name="named"), Task(int)]
    ids = [task.uuid for task in tasks]
    assert len(set(ids)) == 3
    assert all(str(UUID(text)) == text for text in ids)
    for task in tasks:
        task()
    assert [task.uuid for task in tasks] == ids


def test_repr_tells_state_and_call() -> None:
    task = Task(fail_with, (ValueError("x"),), name="the loader")
    assert "pending the loader" in repr(task)
    assert "fail_with" in repr(Task(fail_with))
    assert task.exception_or_none() is None
    with pytest.raises(ValueError, match="x"):
        task()
    assert "raised ValueError" in repr(task)
    done = Task(int)
    done()
    assert "finished returned int" in repr(done)


def test_tasks_order_by_priority_and_are_equal_only_to_themselves() -> None:
    low, high, other = Task(int, priority=20), Task(int, priority=0.5), Task(int, priority=20)
    assert high < low
    assert low > high
    assert sorted([low, high]) == [high, low]
    assert low != other
    assert len({low, high, other}) == 3
