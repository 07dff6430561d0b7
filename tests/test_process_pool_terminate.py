"""An end by force spares nothing: processes that are being started, tasks that are about to be sent."""

import logging
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from process_calls import LIMIT, METHODS, Gate, SlowToPickle, add, await_end, same
from test_process_pool_start import run_program
from waiting import until
from windlass import PoolClosed, ProcessPool, ProcessWorker, TaskCancelled
from windlass.processes.host import WorkerHost


class StuckOnTheWay:
    """Never arrives in a worker."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def __reduce__(self) -> tuple[Any, ...]:
        return self.gate.pass_through, ()


def end_by_terminate(pool: ProcessPool) -> bool:
    """End it in one way."""
    pool.terminate()
    return pool.join(LIMIT)


def end_unsafely(pool: ProcessPool) -> bool:
    """End it in another way."""
    return pool.shutdown(unsafe=True, timeout=LIMIT)


def end_by_ctrl_c(pool: ProcessPool) -> bool:
    """End it in a third way."""
    with pytest.raises(KeyboardInterrupt), pool:
        raise KeyboardInterrupt
    return not pool.has_workers


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("end", [end_by_terminate, end_unsafely, end_by_ctrl_c])
def test_a_worker_in_its_initializer_is_killed(
    method: str, end: Any, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    pool = ProcessPool(2, start_method=method, initializer=gate.pass_through, timeout=LIMIT)
    tasks = [pool.submit(same, at) for at in range(5)]
    gate.wait_for_arrival(2)
    pids = [host.pid for host in pool._crew.newborns]
    assert end(pool)
    assert all(task.cancelled() for task in tasks)
    for pid in pids:
        await_end(pid)
    with pytest.raises(PoolClosed):
        pool.submit(same)
    assert caplog.messages == []


def test_ctrl_c_at_the_end_of_the_block_waits_for_no_task(gate: Gate) -> None:
    def press() -> None:
        gate.wait_for_arrival()
        until(lambda: pool._crew.closing)  # the block waits for its tasks
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), ProcessPool(1) as pool:  # noqa: PT012 - the block is what is tested
        running, waiting = pool.submit(gate.pass_through), pool.submit(same)
        threading.Thread(target=press).start()
    assert isinstance(running.exception(LIMIT / 2), TaskCancelled)
    assert waiting.cancelled()
    assert pool.join(LIMIT)


def test_a_worker_that_is_stuck_on_the_way_to_its_initializer_is_killed(gate: Gate) -> None:
    pool = ProcessPool(1, initializer=same, initargs=(StuckOnTheWay(gate),))
    task = pool.submit(same)
    gate.wait_for_arrival()
    assert end_by_terminate(pool)
    assert task.cancelled()


@pytest.mark.slow
def test_a_worker_that_never_ends_to_import_the_program_is_killed(tmp_path: Path) -> None:
    program = """
        import os, time
        from windlass import ProcessPool

        def main():
            read, write = os.pipe()
            os.environ["WRITE"] = f"/proc/{os.getpid()}/fd/{write}"
            pool = ProcessPool(1, start_method="spawn")
            task = pool.submit(abs, -1)
            assert os.read(read, 1)
            pool.terminate()
            print(pool.join(20), task.cancelled())

        if __name__ == "__main__":
            main()
        else:
            with open(os.environ["WRITE"], "w") as ear:
                ear.write("x")
            time.sleep(60)
    """
    done = run_program(program, tmp_path)
    assert (done.stdout, done.stderr) == ("True True\n", "")


def test_a_task_whose_worker_is_being_replaced_is_cancelled(gate: Gate) -> None:
    pool = ProcessPool(1, initializer=gate.pass_through, max_tasks_per_worker=1)
    first, second = pool.submit(same), pool.submit(same)
    gate.let_go()
    assert first.result(LIMIT) is None
    gate.wait_for_arrival(2)  # the second worker is in its initializer
    assert end_by_terminate(pool)
    with pytest.raises(TaskCancelled):
        second.result(LIMIT)


def test_a_task_that_waits_for_the_successor_of_an_idle_worker_is_cancelled(gate: Gate) -> None:
    pool = ProcessPool(1, initializer=gate.pass_through)
    gate.let_go()
    pid = pool.submit(same).result(LIMIT) or pool.workers[0].pid  # type: ignore[attr-defined]
    gate.wait_for_arrival()
    pool._crew.attendants[0].host.kill()
    await_end(pid)
    until(lambda: pool.workers[0].pid is None)  # type: ignore[attr-defined]
    task = pool.submit(same)  # an attendant takes it, and then starts a process
    gate.wait_for_arrival()
    assert task.running()
    assert end_by_terminate(pool)
    with pytest.raises(TaskCancelled):
        task.result(LIMIT)


def test_the_worker_of_a_process_worker_is_killed_too(gate: Gate) -> None:
    worker = ProcessWorker(initializer=gate.pass_through)
    task = worker.submit(same)
    gate.wait_for_arrival()
    assert worker.terminate() == [task]
    worker.join(LIMIT)
    assert not worker.is_alive()


def test_tasks_that_are_about_to_be_sent_are_not_begun() -> None:
    slow = SlowToPickle()
    pool = ProcessPool(1)
    assert [task.result(LIMIT) for task in pool.submit_many(add, range(100))]  # from here on, several at a time
    tasks = pool.submit_many(time.sleep, [slow, 1000, 1000, 1000])
    assert slow.begun.wait(LIMIT)
    pool.terminate()
    slow.go_on.set()
    for task in tasks:
        with pytest.raises(TaskCancelled):
            task.result(LIMIT)
    assert pool.join(LIMIT)


def test_a_kill_beside_the_end_of_a_worker_meets_no_descriptor_of_somebody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = WorkerHost("forkserver", "windlass-test")
    death = host.descriptors[1]
    closed: list[int] = []
    met_later: list[int] = []
    close, kill = os.close, signal.pidfd_send_signal

    def close_and_be_killed(fd: int) -> None:
        close(fd)
        if fd == death and not closed:
            closed.append(fd)
            host.kill()  # as by another thread

    def note(fd: int, number: int) -> None:
        if closed:
            met_later.append(fd)
        kill(fd, number)

    monkeypatch.setattr("windlass.processes.host.os.close", close_and_be_killed)
    monkeypatch.setattr("windlass.processes.host.signal.pidfd_send_signal", note)
    host.bury()
    assert closed == [death]
    assert death not in met_later


@pytest.mark.slow
@pytest.mark.stress
@pytest.mark.parametrize("method", METHODS)
def test_terminate_at_any_moment(method: str, caplog: pytest.LogCaptureFixture) -> None:
    for at in range(30):
        pool = ProcessPool(2, start_method=method, initializer=time.sleep, initargs=(at % 3 / 100,))
        tasks = pool.submit_many(time.sleep, [0.001] * 30 + [1000.0] * 5)
        threading.Event().wait(at / 300)  # a random moment is what is tested
        pool.terminate()
        assert pool.join(LIMIT)
        assert all(task.done() for task in tasks)
        assert all(task.cancelled() or isinstance(task.exception(), TaskCancelled | None) for task in tasks)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
