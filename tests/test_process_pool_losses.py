"""Workers that are lost while idle or cannot be replaced, and what the pool keeps and says of it."""

import errno
import logging
import os
import signal
from multiprocessing.context import ForkServerProcess
from typing import Any

import pytest

from process_calls import LIMIT, METHODS, Gate, add, await_end, die, fail, pid_of, same
from waiting import until
from windlass import PoisonTask, ProcessPool, ThreadPool
from windlass.errors import BrokenPool
from windlass.processes import start


@pytest.mark.slow
@pytest.mark.parametrize("direct", [True, False], ids=["direct", "through the thread"])
@pytest.mark.parametrize("on_crash", ["fail", "retry", "break"])
def test_the_next_task_after_an_idle_workers_death_succeeds(on_crash: str, direct: bool) -> None:
    limit = None if direct else 2 * LIMIT  # with a limit nobody but the seat's thread sends
    with ProcessPool(1, on_crash=on_crash, max_crashes=1, task_timeout=limit) as pool:
        for seen in (True, False):
            for _ in range(3):
                pid = pool.submit(pid_of).result(LIMIT)
                until(lambda: pool.inactive_workers == 1)
                os.kill(pid, signal.SIGKILL)
                if seen:
                    await_end(pid)
                assert pool.submit(add, 1).result(LIMIT) == 2


@pytest.mark.parametrize("method", METHODS)
def test_a_task_that_meets_a_dying_worker_is_not_charged(method: str) -> None:
    # It is sent while the kernel has yet to end the process: nobody has seen the death, and nobody has begun the task.
    with ProcessPool(2, start_method=method, on_crash="break") as pool:
        for round_ in range(10):
            pids = {task.result(LIMIT) for task in pool.submit_many(pid_of, range(8))}
            for pid in pids:
                until(lambda: pool.active_workers == 0)
                os.kill(pid, signal.SIGKILL)
                assert pool.submit(same, round_).result(LIMIT) == round_


def test_a_worker_that_cannot_be_replaced_leaves_its_tasks_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    # It failed all that waited.
    with ProcessPool(2, prepopulate=2) as pool:
        until(lambda: pool.inactive_workers == 2)
        first = pool.submit(pid_of).result(LIMIT)  # of the seat that falls idle last, and takes the next task
        until(lambda: pool.inactive_workers == 2)

        def refuse(*_: Any) -> None:
            raise OSError(errno.EMFILE, "too many open files")

        monkeypatch.setattr("windlass.pools.recruit.WorkerHost", refuse)
        os.kill(first, signal.SIGKILL)
        await_end(first)
        until(lambda: pool.inactive_workers == 2)
        tasks = pool.submit_many(add, range(20))
        assert [task.result(LIMIT) for task in tasks] == list(range(1, 21))


def test_a_fork_server_that_ends_is_an_error_that_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    # As it does where it has too few descriptors. It broke the pool for good.
    def end(_: object) -> None:
        raise EOFError("unexpected EOF")

    with ProcessPool(1, start_method="forkserver") as pool:
        with monkeypatch.context() as patch:
            patch.setattr(ForkServerProcess, "start", end)
            patch.setattr(start, "DYING", 0)  # for it lives on
            error = pool.submit(same).exception(LIMIT)
            assert isinstance(error, BrokenPool)
            assert isinstance(error.__cause__, OSError)
        assert pool.submit(add, 1).result(LIMIT) == 2


def test_nothing_is_kept_of_a_task_that_was_cancelled_between_two_tries(gate: Gate) -> None:
    with ProcessPool(1, on_crash="retry", max_crashes=2) as pool:
        pool.submit(gate.pass_through)
        gate.wait_for_arrival()
        doomed = pool.submit(die)
        gate.let_go()
        until(lambda: doomed in pool._crew.records or doomed.done())  # done: the second try was too quick for us
        until(lambda: doomed.cancel() or doomed.done())
        assert isinstance(pool.submit(die).exception(LIMIT), PoisonTask)
        assert pool._crew.records == {}


@pytest.mark.parametrize("kind", [ProcessPool, ThreadPool])
def test_an_initializer_that_fails_is_told_once(kind: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), kind(3, name="told once", initializer=fail) as pool:
        tasks = pool.submit_many(same, range(6))
        assert all(isinstance(task.exception(LIMIT), BrokenPool) for task in tasks)
    told = [record.getMessage() for record in caplog.records if record.name == "windlass"]
    assert len(told) == 1
    assert "initializer" in told[0]
    assert "'told once'" in told[0]
