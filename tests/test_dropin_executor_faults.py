"""Drop-in ProcessPoolExecutor: deaths, failed transfers and initializers, beside the standard class."""

import contextlib
import logging
import multiprocessing
import pickle
import queue
import signal
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest

from dropin_calls import (
    Unreceivable,
    Unsendable,
    a_lock,
    die,
    fail_to_start,
    kill_self,
    pid,
    square,
    stay,
    unreceivable,
    unsendable,
)
from dropin_processes import FORK, SECONDS, each_executor, each_method
from process_calls import Gate
from waiting import until
from windlass import TransferError, WorkerDied
from windlass.dropin.futures.process import ProcessPoolExecutor

FORKSERVER = multiprocessing.get_context("forkserver")


@each_executor
@pytest.mark.parametrize("act", [die, kill_self])
def test_a_death_breaks_the_executor(kind: Any, act: Any) -> None:
    with kind(2, FORK) as executor:
        assert executor._broken is False
        long = executor.submit(stay)
        waiting = [executor.submit(square, n) for n in range(20)]
        crash = executor.submit(act)  # the last: no submit meets a broken executor
        assert isinstance(crash.exception(SECONDS), BrokenProcessPool)
        assert isinstance(long.exception(SECONDS), BrokenProcessPool)
        for call in waiting:  # done before the crash, or broken
            assert call.exception(SECONDS) is None or isinstance(call.exception(), BrokenProcessPool)
        assert executor._broken
        with pytest.raises(BrokenProcessPool):
            executor.submit(square, 1)
        with pytest.raises(BrokenProcessPool):
            executor.map(square, [1])


@each_executor
def test_an_idle_death_breaks_the_executor_at_once(kind: Any) -> None:
    with kind(2, FORK) as executor:
        assert executor.submit(square, 2).result(SECONDS) == 4
        manager = executor._executor_manager_thread
        next(iter(executor._processes.values())).kill()
        manager.join(SECONDS)
        assert not manager.is_alive()
        assert executor._broken
        with pytest.raises(BrokenProcessPool, match="terminated abruptly"):
            executor.submit(square, 2)


def test_the_death_is_the_cause() -> None:
    with ProcessPoolExecutor(1, FORK) as executor:
        error = executor.submit(kill_self, signal.SIGTERM).exception(SECONDS)
        assert isinstance(error, BrokenProcessPool)
        assert isinstance(error.__cause__, WorkerDied)
        assert error.__cause__.signal_number == signal.SIGTERM
        with pytest.raises(BrokenProcessPool) as refused:
            executor.submit(square, 1)
        assert refused.value.__cause__ is error.__cause__


# The cases of CPython's test_deadlock.py and loky's crash matrix: what happens when, and to what. Where the standard
# class breaks for a fault of one call, that call alone fails here, with an exception of the same class.
MATRIX = {
    "error at pickling the call": (square, (Unsendable("error"),), pickle.PicklingError, True),
    "exit at pickling the call": (square, (Unsendable("exit"),), SystemExit, True),
    "error at unpickling the call": (square, (Unreceivable("error"),), BrokenProcessPool, True),
    "exit at unpickling the call": (square, (Unreceivable("exit"),), BrokenProcessPool, True),
    "crash at unpickling the call": (square, (Unreceivable("crash"),), BrokenProcessPool, False),
    "crash in the call": (die, (), BrokenProcessPool, False),
    "error at pickling the result": (unsendable, ("error",), pickle.PicklingError, True),
    "exit at pickling the result": (unsendable, ("exit",), SystemExit, True),
    "crash at pickling the result": (unsendable, ("crash",), BrokenProcessPool, False),
    "error at unpickling the result": (unreceivable, ("error",), BrokenProcessPool, True),
    "exit at unpickling the result": (unreceivable, ("exit",), BrokenProcessPool, True),
    "a result that never pickles": (a_lock, (), TypeError, True),
}


@pytest.mark.parametrize("from_callback", [False, True], ids=["direct", "callback"])
@pytest.mark.parametrize("case", MATRIX)
def test_fault_matrix(case: str, from_callback: bool) -> None:
    fn, arguments, error, lives = MATRIX[case]
    with ProcessPoolExecutor(2, FORK) as executor:
        submitted: queue.SimpleQueue[Any] = queue.SimpleQueue()
        if from_callback:
            first = executor.submit(square, 1)
            first.add_done_callback(lambda _: submitted.put(executor.submit(fn, *arguments)))
        else:
            submitted.put(executor.submit(fn, *arguments))
        call = submitted.get(timeout=SECONDS)
        assert isinstance(call.exception(SECONDS), error)
        if lives:
            assert executor.submit(square, 3).result(SECONDS) == 9
            assert executor._broken is False
        else:
            assert executor._broken


def test_what_cannot_be_unpickled_fails_alone_with_both_kinds_of_error() -> None:
    with ProcessPoolExecutor(1, FORK) as executor:
        error = executor.submit(unreceivable, "error").exception(SECONDS)
        assert isinstance(error, TransferError)
        assert isinstance(error, BrokenProcessPool)
        assert isinstance(error.__cause__, pickle.UnpicklingError)
        assert "the result cannot be unpickled: UnpicklingError: as planned" in str(error)


@each_executor
def test_what_does_not_pickle_names_the_place(kind: Any) -> None:
    with kind(1, FORK) as executor:
        error = executor.submit(square, a_lock()).exception(SECONDS)
        assert type(error) is TypeError
        assert "cannot pickle" in str(error)
        assert type(error.__cause__).__name__ == "_RemoteTraceback"
        assert executor.submit(square, 2).result(SECONDS) == 4


@each_executor
def test_failing_initializer_breaks_the_executor(kind: Any) -> None:
    with kind(2, FORK, fail_to_start) as executor:
        assert isinstance(executor.submit(square, 1).exception(SECONDS), BrokenProcessPool)
        with pytest.raises(BrokenProcessPool):
            executor.submit(square, 1).result(SECONDS)


def test_failing_initializer_is_logged_here(caplog: pytest.LogCaptureFixture) -> None:
    # The standard class logs in the child, where nobody reads it unless the child sets up logging.
    with ProcessPoolExecutor(1, FORKSERVER, fail_to_start) as executor:
        error = executor.submit(square, 1).exception(SECONDS)
    assert isinstance(error, BrokenProcessPool)
    assert isinstance(error.__cause__, ValueError)
    records = [record for record in caplog.records if record.name == "concurrent.futures"]
    assert [record.levelno for record in records] == [logging.CRITICAL]
    assert "no start today" in str(records[0].exc_text)


@pytest.mark.slow
@each_method
def test_death_in_the_initializer_breaks_the_executor(method: str) -> None:
    with ProcessPoolExecutor(2, multiprocessing.get_context(method), die) as executor:
        calls = []
        with contextlib.suppress(BrokenProcessPool):  # who comes after the death is refused
            for n in range(3):
                calls.append(executor.submit(square, n))
        assert calls
        for call in calls:
            assert isinstance(call.exception(SECONDS), BrokenProcessPool)


@pytest.mark.slow
@pytest.mark.parametrize("tasks", [1, 2])
def test_processes_are_replaced_after_their_number_of_calls(tasks: int) -> None:
    # The standard class may hang here: python/cpython#115634.
    with ProcessPoolExecutor(1, FORKSERVER, max_tasks_per_child=tasks) as executor:
        pids = [call.result(SECONDS) for call in [executor.submit(pid) for _ in range(4)]]
    assert [pids.count(one) for one in dict.fromkeys(pids)] == [tasks] * (4 // tasks)


@pytest.mark.parametrize("end", ["terminate_workers", "kill_workers"])
def test_ending_the_workers(end: str) -> None:
    executor = ProcessPoolExecutor(1, FORK)
    at_work = executor.submit(stay)
    waiting = [executor.submit(square, n) for n in range(5)]
    processes = list(executor._processes.values())  # type: ignore[union-attr]
    getattr(executor, end)()
    for call in waiting:
        assert call.cancelled() or isinstance(call.exception(SECONDS), BrokenProcessPool)
    for process in processes:
        process.join(SECONDS)
        assert not process.is_alive()
    assert at_work.cancelled() or isinstance(at_work.exception(SECONDS), BrokenProcessPool)
    with pytest.raises(RuntimeError):
        executor.submit(square, 1)
    executor.shutdown()
    getattr(executor, end)()  # of nothing


@pytest.mark.parametrize("end", ["terminate_workers", "kill_workers"])
@pytest.mark.parametrize("on_crash", ["break", "fail", "retry"])
def test_ended_workers_have_no_successors(on_crash: str, end: str, gate: Gate) -> None:
    executor = ProcessPoolExecutor(2, FORKSERVER, gate.pass_through, on_crash=on_crash)
    at_work = executor.submit(stay)
    gate.wait_for_arrival()
    gate.let_go()
    until(at_work.running)
    waiting = executor.submit(square, 1)
    gate.wait_for_arrival()  # the second is in its initializer
    getattr(executor, end)()
    assert waiting.cancelled()
    assert isinstance(at_work.exception(SECONDS), BrokenProcessPool)
    with pytest.raises(RuntimeError):
        executor.submit(square, 1)
    assert executor._crew.join_workers(SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_many_crashes_at_once_settle_every_future_once(workers: int) -> None:
    for _ in range(5):
        settled: list[Any] = []
        with ProcessPoolExecutor(workers, FORK) as executor:
            calls = []
            try:
                for n in range(40):
                    calls.append(executor.submit(die) if n % 3 == 0 else executor.submit(square, n))
                    calls[-1].add_done_callback(settled.append)
            except BrokenProcessPool:
                pass
        assert sorted(map(id, settled)) == sorted(map(id, calls))
