"""Drop-in ProcessPoolExecutor: construction, calls and their outcomes, beside the standard class."""

import asyncio
import multiprocessing
import sys
import threading
from concurrent import futures as standard
from concurrent.futures.process import _RemoteTraceback  # type: ignore[attr-defined]
from typing import Any

import pytest

from dropin_calls import (
    TwoArguments,
    die,
    echo,
    keep,
    kept,
    kind_of_process,
    pause,
    pid,
    raise_it,
    raise_system_exit,
    raise_two_arguments,
    square,
    use_kept_lock,
    wait_for_kept,
)
from dropin_processes import FORK, SECONDS, each_executor, each_method
from waiting import until
from windlass import RemoteError, WorkerDied
from windlass.dropin import futures as ours
from windlass.dropin.futures import process as ours_process
from windlass.dropin.futures.process import ProcessPoolExecutor


def test_it_is_what_the_module_exports() -> None:
    assert ours.ProcessPoolExecutor is ProcessPoolExecutor
    assert issubclass(ProcessPoolExecutor, standard.ProcessPoolExecutor)
    assert ours_process.BrokenProcessPool is standard.process.BrokenProcessPool


@each_executor
def test_bad_arguments(kind: Any) -> None:
    for workers in (0, -1):
        with pytest.raises(ValueError, match="max_workers must be greater than 0"):
            kind(workers)
    with pytest.raises(TypeError, match="initializer must be a callable"):
        kind(1, None, 5)
    with pytest.raises(ValueError, match="max_tasks_per_child must be >= 1"):
        kind(1, max_tasks_per_child=0)
    with pytest.raises(TypeError, match="max_tasks_per_child must be an integer"):
        kind(1, max_tasks_per_child="5")
    with pytest.raises(ValueError, match="fork"):
        kind(1, FORK, max_tasks_per_child=5)
    with pytest.raises(TypeError):
        kind(1, None, None, (), 5)  # max_tasks_per_child by keyword only


@each_executor
def test_every_keyword_is_the_functions(kind: Any) -> None:
    with kind(1, FORK) as executor:
        assert executor.submit(echo, 1, self=2, fn=3).result(SECONDS) == ((1,), {"self": 2, "fn": 3})
        with pytest.raises(TypeError):
            executor.submit(fn=echo)


@pytest.mark.slow
@each_executor
@each_method
def test_start_method_is_that_of_the_context(kind: Any, method: str) -> None:
    context = multiprocessing.get_context(method)
    with kind(1, context) as executor:
        assert executor._mp_context is context
        assert executor.submit(kind_of_process).result(SECONDS).lower() == f"{method}process"
        assert executor.submit(square, 5).result(SECONDS) == 25


@each_executor
def test_default_start_method_is_the_programs(kind: Any) -> None:
    executor = kind(1)
    assert executor._mp_context.get_start_method() == multiprocessing.get_start_method()
    executor.shutdown()
    executor = kind(1, max_tasks_per_child=3)
    assert executor._mp_context.get_start_method() == "spawn"
    executor.shutdown()


@each_executor
@pytest.mark.parametrize("chunksize", [1, 3, 50])
def test_map(kind: Any, chunksize: int) -> None:
    with kind(2, FORK) as executor:
        assert list(executor.map(pow, range(10), range(10), chunksize=chunksize)) == [n**n for n in range(10)]
        assert list(executor.map(square, [], chunksize=chunksize)) == []
        values = executor.map(divmod, [4, 1, 5], [2, 0, 1], chunksize=1)
        assert next(values) == (2, 0)
        with pytest.raises(ZeroDivisionError):
            next(values)
        with pytest.raises(ValueError, match="chunksize must be >= 1"):
            executor.map(square, [1], chunksize=-1)


@pytest.mark.parametrize("chunksize", [1, 2])
def test_map_reads_no_further_than_its_buffer(chunksize: int) -> None:
    read: list[int] = []

    def numbers() -> Any:
        for number in range(100):
            read.append(number)
            yield number

    with ProcessPoolExecutor(2, FORK) as executor:
        values = executor.map(square, numbers(), chunksize=chunksize, buffersize=3)
        assert [next(values) for _ in range(10)] == [n * n for n in range(10)]
        assert len(read) <= 10 + 4 * chunksize
        assert list(values) == [n * n for n in range(10, 100)]


@each_executor
def test_map_times_out(kind: Any) -> None:
    go = FORK.Event()
    with kind(1, FORK, keep, (go,)) as executor:
        values = executor.map(wait_for_kept, [0], timeout=0.01)
        with pytest.raises(TimeoutError):
            next(values)
        go.set()


@each_executor
def test_exception_brings_its_remote_traceback(kind: Any) -> None:
    with kind(1, FORK) as executor:
        error = executor.submit(raise_it, KeyError(1)).exception(SECONDS)
        assert type(error) is KeyError
        assert error.args == (1,)
        assert type(error.__cause__) is _RemoteTraceback
        assert "raise error  # the line that a remote traceback shows" in error.__cause__.tb
        assert str(error.__cause__) == error.__cause__.tb


@each_executor
def test_system_exit_is_the_calls(kind: Any) -> None:
    with kind(1, FORK) as executor:
        assert isinstance(executor.submit(raise_system_exit).exception(SECONDS), SystemExit)
        assert executor.submit(square, 2).result(SECONDS) == 4


def test_exception_that_cannot_be_rebuilt() -> None:
    # The standard class breaks the executor.
    with ProcessPoolExecutor(1, FORK) as executor:
        error = executor.submit(raise_two_arguments).exception(SECONDS)
        assert isinstance(error, RemoteError)
        assert TwoArguments.__name__ in str(error)
        assert "5: five" in str(error)
        assert executor.submit(square, 2).result(SECONDS) == 4


@pytest.mark.slow
@each_executor
@each_method
def test_initializer_may_be_given_locks_and_queues(kind: Any, method: str) -> None:
    context = multiprocessing.get_context(method)
    with kind(2, context, keep, (context.Lock(), context.Queue())) as executor:
        assert list(executor.map(use_kept_lock, range(4))) == [True] * 4


@each_executor
def test_initializer_may_be_a_closure_under_fork(kind: Any) -> None:
    lock = threading.Lock()  # does not pickle

    def initialize() -> None:
        keep(lock.locked())

    with kind(1, FORK, initialize) as executor:
        assert executor.submit(kept).result(SECONDS) == [False]


@each_executor
def test_forked_workers_see_the_program_at_the_first_submit(kind: Any) -> None:
    with kind(3, FORK) as executor:
        keep("before")
        executor.submit(square, 1).result(SECONDS)
        keep("after")
        assert list(executor.map(kept, range(20))) == [["before"]] * 20
    keep()


@each_executor
def test_asyncio(kind: Any) -> None:
    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        with kind(2, FORK) as executor:
            return await asyncio.gather(*(loop.run_in_executor(executor, square, n) for n in range(20)))

    assert asyncio.run(asyncio.wait_for(main(), SECONDS)) == [n * n for n in range(20)]


@each_executor
def test_wait_and_as_completed(kind: Any) -> None:
    with kind(2, FORK) as executor:
        for module in (standard, ours):
            calls = [executor.submit(square, n) for n in range(10)]
            assert {call.result() for call in module.as_completed(calls, SECONDS)} == {n * n for n in range(10)}
            calls = [executor.submit(raise_it, KeyError(1))]
            assert module.wait(calls, SECONDS, standard.FIRST_EXCEPTION).done == set(calls)


def test_a_crash_may_cost_only_its_call() -> None:
    with ProcessPoolExecutor(2, FORK, on_crash="fail") as executor:
        calls = [executor.submit(die, 3) if n == 5 else executor.submit(square, n) for n in range(30)]
        assert isinstance(calls[5].exception(SECONDS), WorkerDied)
        assert [call.result(SECONDS) for n, call in enumerate(calls) if n != 5] == [n * n for n in range(30) if n != 5]
        assert executor._broken is False
    with pytest.raises(ValueError, match="on_crash must be one of fail, retry, break, not 'ignore'"):
        ProcessPoolExecutor(1, on_crash="ignore")


def test_lambdas_are_sent_where_cloudpickle_is_there() -> None:
    pytest.importorskip("cloudpickle")
    with ProcessPoolExecutor(1, FORK) as executor:
        assert executor.submit(lambda n: n + 1, 1).result(SECONDS) == 2


def count_idle(executor: Any) -> int:
    return int(executor._crew.n_idle if hasattr(executor, "_crew") else executor._idle_worker_semaphore._value)


@each_executor
def test_processes_are_reused(kind: Any) -> None:
    context = multiprocessing.get_context("forkserver" if sys.platform != "win32" else "spawn")
    with kind(4, context) as executor:
        pids = set()
        for _ in range(3):
            pids.add(executor.submit(pid).result(SECONDS))
            until(lambda: count_idle(executor))  # each takes note of it after the result is there
        assert len(pids) == len(executor._processes) == 1


@each_executor
def test_callbacks_come_one_at_a_time(kind: Any) -> None:
    inside, most, seen = 0, 0, 0

    def count(_: Any) -> None:
        nonlocal inside, most, seen
        inside += 1
        most = max(most, inside)
        pause(0.001)
        inside -= 1
        seen += 1

    go = FORK.Event()
    with kind(4, FORK, keep, (go,)) as executor:
        for _ in range(40):
            executor.submit(wait_for_kept).add_done_callback(count)  # late, it would be called right here
        go.set()
    assert (most, seen) == (1, 40)


@each_executor
def test_callback_that_raises_is_logged(kind: Any, caplog: pytest.LogCaptureFixture) -> None:
    with kind(1, FORK) as executor:
        call = executor.submit(pause, 0.05)
        call.add_done_callback(lambda future: future.nothing)
        assert call.result(SECONDS) == 0.05
    assert "exception calling callback for" in caplog.text


def test_what_real_code_reads() -> None:
    go = FORK.Event()
    executor = ProcessPoolExecutor(2, FORK, keep, (go, 2))
    assert (executor._max_workers, executor._max_tasks_per_child, executor._broken) == (2, None, False)
    assert (executor._initializer, executor._initargs, executor._shutdown_thread) == (keep, (go, 2), False)
    assert executor._safe_to_dynamically_spawn_children is False
    with executor._shutdown_lock:
        calls = [executor.submit(wait_for_kept) for _ in range(10)]
    items = executor._pending_work_items
    assert {item.future for item in items.values()} == set(calls)
    assert 8 <= executor._call_queue.qsize() <= len(items) == 10
    assert not executor._work_ids.empty()
    processes = executor._processes
    assert processes is not None
    assert [process.pid for process in processes.values()] == list(processes)
    assert all(process.is_alive() and process.exitcode is None for process in processes.values())
    assert executor._executor_manager_thread is not None
    assert executor._executor_manager_thread.is_alive()
    go.set()
    executor.shutdown()
    assert len(executor._pending_work_items) == executor._call_queue.qsize() == 0
    assert (executor._shutdown_thread, executor._processes, executor._executor_manager_thread) == (True, None, None)
    assert [process.exitcode for process in processes.values()] == [0, 0]
