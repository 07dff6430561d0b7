"""Drop-in process Pool: deaths, failed transfers, failing initializers, the end by force. No call waits for ever."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
from multiprocessing.pool import MaybeEncodingError  # type: ignore[attr-defined]
from typing import Any

import pytest

from dropin_calls import (
    Unreceivable,
    Unsendable,
    a_lock,
    die,
    die_if_seven,
    fail_to_start,
    kill_self,
    pid,
    raise_system_exit,
    raise_two_arguments,
    square,
    stay,
    unreceivable,
    unsendable,
)
from dropin_processes import FORK, SECONDS, each_method, each_pool, running
from process_calls import await_end
from windlass import BrokenPool, RemoteError, TransferError, WorkerDied
from windlass.dropin.pool import Pool
from windlass.errors import PoolTerminated


@pytest.mark.parametrize("act", [die, kill_self])
def test_a_death_costs_its_call_only(act: Any) -> None:
    # The standard class waits for ever: python/cpython#96062.
    with running() as pool:
        results = [pool.apply_async(act if n == 5 else square, (n,) if n != 5 else ()) for n in range(30)]
        with pytest.raises(WorkerDied):
            results[5].get(SECONDS)
        assert [results[n].get(SECONDS) for n in range(30) if n != 5] == [n * n for n in range(30) if n != 5]
        assert pool.map(square, range(20), 1) == [n * n for n in range(20)]
        assert len(pool._pool) == 2


def test_a_death_in_a_map_fails_the_map() -> None:
    with running() as pool:
        with pytest.raises(WorkerDied):
            pool.map_async(die_if_seven, range(20), 2).get(SECONDS)
        values = pool.imap(die_if_seven, range(10))
        assert [next(values) for _ in range(7)] == list(range(7))
        with pytest.raises(WorkerDied):
            next(values)
        assert list(values) == [8, 9]


def test_an_idle_worker_that_dies_costs_nothing() -> None:
    with running() as pool:
        for _ in range(3):
            pool.map(square, range(4), 1)
            for worker in pool._pool:
                worker.kill()
                worker.join(SECONDS)
                assert (worker.is_alive(), worker.exitcode) == (False, -signal.SIGKILL)
            assert pool.map(square, range(20), 1) == [n * n for n in range(20)]
            assert list(pool.imap(square, range(20))) == [n * n for n in range(20)]


@pytest.mark.parametrize(
    ("fn", "argument", "error"),
    [
        (unsendable, "error", MaybeEncodingError),
        (unsendable, "exit", MaybeEncodingError),
        (a_lock, None, MaybeEncodingError),
        (unsendable, "crash", WorkerDied),
        (unreceivable, "error", TransferError),
        (unreceivable, "exit", TransferError),
        (square, Unsendable("error"), pickle.PicklingError),
        (square, Unsendable("exit"), SystemExit),
        (square, Unreceivable("error"), TransferError),
        (square, Unreceivable("exit"), TransferError),
        (square, Unreceivable("crash"), WorkerDied),
    ],
)
def test_a_fault_on_the_way_is_its_calls(fn: Any, argument: Any, error: type[BaseException]) -> None:
    told: list[Any] = []
    with running() as pool:
        result = pool.apply_async(fn, (argument,), error_callback=told.append)
        with pytest.raises(error):
            result.get(SECONDS)
        assert [type(one) for one in told] == [error]
        with pytest.raises(error):
            pool.map_async(fn, [argument]).get(SECONDS)
        with pytest.raises(error):
            pool.imap(fn, [argument]).next(SECONDS)
        assert pool.map(square, range(5)) == [0, 1, 4, 9, 16]


@each_pool
def test_a_result_that_does_not_pickle_is_described(kind: Any) -> None:
    with running(kind) as pool:
        with pytest.raises(MaybeEncodingError) as caught:
            pool.apply_async(a_lock).get(SECONDS)
        assert "cannot pickle" in caught.value.exc
        assert "lock object at" in caught.value.value
        assert pool.apply(square, (2,)) == 4


def test_exits_and_odd_exceptions_are_results() -> None:
    # With the first, the standard class loses the result; with the second, it waits for ever.
    with running() as pool:
        with pytest.raises(SystemExit):
            pool.apply_async(raise_system_exit).get(SECONDS)
        with pytest.raises(RemoteError, match="5: five"):
            pool.apply_async(raise_two_arguments).get(SECONDS)
        assert pool.apply(square, (2,)) == 4


def test_a_callback_that_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with running() as pool:
        assert pool.apply_async(square, (3,), callback=lambda value: value.nothing).get(SECONDS) == 9
        assert pool.apply_async(square, (4,)).get(SECONDS) == 16
    assert "exception in a callback of" in caplog.text


def test_failing_initializer_breaks_the_pool(caplog: pytest.LogCaptureFixture) -> None:
    # The standard class starts processes and loses them for ever.
    pool = Pool(2, fail_to_start, context=FORK)
    with pytest.raises(BrokenPool, match="initializer fail_to_start raised ValueError"):
        pool.apply(square, (1,))
    with pytest.raises(BrokenPool):
        pool.imap(square, range(5)).next(SECONDS)
    pool.terminate()
    pool.join()
    assert "no start today" in caplog.text


@pytest.mark.slow
@each_method
def test_dying_initializer_breaks_the_pool(method: str) -> None:
    with Pool(2, die, context=multiprocessing.get_context(method)) as pool, pytest.raises(BrokenPool, match="in a row"):
        pool.apply(square, (1,))
    pool.join()


@pytest.mark.slow
@pytest.mark.parametrize("tasks", [1, 3])
def test_processes_are_replaced_after_their_number_of_tasks(tasks: int) -> None:
    with running(processes=1, maxtasksperchild=tasks) as pool:
        pids = pool.map(pid, range(12), 1)
        assert [pids.count(one) for one in dict.fromkeys(pids)] == [tasks] * (12 // tasks)
        results = [pool.apply_async(square, (n,)) for n in range(12)]
    assert [result.get(0) for result in results] == [n * n for n in range(12)]  # close and join lost none


def test_terminate_ends_what_runs_and_what_waits() -> None:
    told: list[Any] = []
    pool = Pool(2, context=FORK)
    results = [pool.apply_async(stay, error_callback=told.append) for _ in range(6)]
    mapped, values = pool.map_async(stay, range(3)), pool.imap(stay, iter([1.0] * 3))
    workers = pool._pool
    pool.terminate()
    pool.join()
    for result in (*results, mapped):
        with pytest.raises(PoolTerminated):
            result.get(SECONDS)
    with pytest.raises(PoolTerminated):
        values.next(SECONDS)
    assert [type(one) for one in told] == [PoolTerminated] * 6
    assert not any(worker.is_alive() for worker in workers)


def test_terminate_while_workers_start() -> None:
    pool = Pool(3, stay, context=FORK)  # an initializer that never ends
    result = pool.apply_async(square, (1,))
    pool.terminate()
    pool.join()
    with pytest.raises(PoolTerminated):
        result.get(SECONDS)
    assert [worker.exitcode for worker in pool._pool] == [-signal.SIGKILL] * 3


def test_with_block_that_raises_ends_the_work() -> None:
    results: list[Any] = []

    def use() -> None:
        with Pool(1, context=FORK) as pool:
            results.append(pool.apply_async(stay))
            raise KeyError

    with pytest.raises(KeyError):
        use()
    (result,) = results
    with pytest.raises(PoolTerminated):
        result.get(SECONDS)


@pytest.mark.stress
def test_kills_at_any_moment_fail_no_more_calls_than_kills() -> None:
    kills = 0
    with running(processes=3) as pool:
        results = [pool.apply_async(pid) for _ in range(2_000)]
        for result in results[::100]:
            result.wait(SECONDS)
            victim = result.get(0) if result.successful() else 0
            for worker in pool._pool:
                if worker.pid == victim:
                    worker.kill()
                    kills += 1
        for result in results:
            result.wait(SECONDS)
        assert all(result.ready() for result in results)
        failures = [result for result in results if not result.successful()]
    assert kills > 0
    assert len(failures) <= kills


@pytest.mark.slow
def test_interpreter_exit_waits_for_no_pool(tmp_path: Any) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "import warnings; warnings.simplefilter('ignore')\n"
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "from dropin_calls import stay\n"
        "from windlass.dropin.pool import Pool\n"
        "import multiprocessing\n"
        "pool = Pool(2, context=multiprocessing.get_context('fork'))\n"
        "pool.map_async(stay, range(4), 1)\n"
        "print(*[worker.pid for worker in pool._pool])\n"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    for worker in run.stdout.split():
        await_end(int(worker))


def test_a_forked_child_has_workers_of_its_own() -> None:
    with running() as pool:
        assert pool.map(square, range(3)) == [0, 1, 4]
        child = os.fork()
        if child == 0:
            try:
                signal.alarm(SECONDS)
                right = pool.map(square, range(4)) == [0, 1, 4, 9]
                pool.terminate()
                os._exit(0 if right else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert pool.map(square, range(3)) == [0, 1, 4]


def test_a_pool_that_can_start_no_process_says_why_however_soon_it_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a process that is being started and imports a program without a main guard.
    monkeypatch.setattr(multiprocessing.current_process(), "_inheriting", True, raising=False)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # which would keep quiet
    spawn = multiprocessing.get_context("spawn")
    for _ in range(50):  # the threads that start the processes may have gone before the pool looks, or not
        with pytest.raises(BrokenPool, match="under if __name__"), Pool(2, context=spawn) as pool:
            pool.imap(abs, [1]).next(SECONDS)
