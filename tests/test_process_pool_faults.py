"""What is rare: stopped workers, exhausted memory, ends in the middle of large transfers, attendants that fail."""

import logging
import math
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from process_calls import LIMIT, METHODS, Gate, add, await_end, pid_of, same
from waiting import until
from windlass import BrokenPool, ProcessPool, TaskCancelled, TaskTimeout, TransferError, WorkerDied

MB = 1 << 20


def stop_itself() -> None:
    """Be stopped in the middle of a task, as a debugger or a shell would."""
    os.kill(os.getpid(), signal.SIGSTOP)


def test_a_stopped_worker_is_killed_when_its_time_is_over() -> None:
    with ProcessPool(1) as pool:
        assert isinstance(pool.options(task_timeout=0.2).submit(stop_itself).exception(LIMIT), TaskTimeout)
        assert pool.submit(add, 1).result(LIMIT) == 2


def test_a_stopped_worker_holds_nobody_else_up() -> None:
    with ProcessPool(2) as pool:
        stopped = pool.submit(stop_itself)
        rest = pool.submit_many(add, range(200))
        assert [task.result(LIMIT) for task in rest] == list(range(1, 201))
        assert pool.cancel(stopped)
        assert isinstance(stopped.exception(LIMIT), TaskCancelled)


def test_an_idle_worker_that_is_stopped_goes_on_when_it_is_continued() -> None:
    with ProcessPool(1) as pool:
        pid = pool.submit(pid_of).result(LIMIT)
        os.kill(pid, signal.SIGSTOP)
        tasks = [pool.submit(add, at) for at in range(20_000)]  # nothing on the way to it fills up and blocks
        os.kill(pid, signal.SIGCONT)
        assert [task.result(LIMIT) for task in tasks] == list(range(1, 20_001))


def exhaust(room: int) -> int:
    """Ask for more memory than there may be."""
    import windlass.processes.child as child

    resource.setrlimit(resource.RLIMIT_AS, (child._occupied() + 4 * room, resource.RLIM_INFINITY))
    try:
        return len(bytearray(1 << 40))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_no_memory_is_the_task_s_error_and_the_oom_killer_costs_one_task() -> None:
    with ProcessPool(1) as pool:
        assert isinstance(pool.submit(exhaust, 256 * MB).exception(LIMIT), MemoryError)
        pid = pool.submit(pid_of).result(LIMIT)
        died = pool.submit(os.kill, pid, signal.SIGKILL).exception(LIMIT)  # what the kernel does
        assert isinstance(died, WorkerDied)
        assert died.signal_number == signal.SIGKILL
        assert pool.submit(add, 1).result(LIMIT) == 2


def large(size: int) -> bytes:
    """Return much."""
    return bytes(size)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["cancel", "terminate"])
def test_an_end_with_large_data_under_way_is_quick(way: str) -> None:
    pool = ProcessPool(2)
    try:
        pool.submit(same).result(LIMIT)
        tasks = [pool.submit(large, 100 * MB) for _ in range(4)] + [pool.submit(len, bytes(100 * MB)) for _ in range(4)]
        if way == "cancel":
            for task in tasks:
                pool.cancel(task)
            assert pool.submit(add, 1).result(LIMIT) == 2
        else:
            pool.terminate()
        for task in tasks:
            assert task.wait(LIMIT)
            if not task.cancelled() and task.exception() is not None:
                assert isinstance(task.exception(), TaskCancelled)
    finally:
        assert pool.shutdown(timeout=LIMIT, unsafe=True)


@pytest.mark.parametrize("timeout", [math.nan, -1])
def test_a_shutdown_that_is_refused_ends_nothing(timeout: float) -> None:
    with ProcessPool(1) as pool:
        with pytest.raises(ValueError, match="timeout must be"):
            pool.shutdown(unsafe=True, timeout=timeout)
        assert pool.submit(abs, -3).result(LIMIT) == 3


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_callback_that_leaves_costs_no_worker(
    error: type[BaseException], gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    def leave(_task: Any) -> None:
        raise error("from a callback")

    with ProcessPool(1) as pool:
        pid = pool.submit(pid_of).result(LIMIT)
        task = pool.submit(gate.pass_through, 1)
        task.add_done_callback(leave)
        gate.let_go()
        assert task.result(LIMIT) == 1
        assert pool.submit(pid_of).result(LIMIT) == pid
        until(lambda: any("from a callback" in str(record.exc_info) for record in caplog.records))


def test_a_pool_whose_attendant_fails_is_broken_and_says_so(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from windlass.pools.attendant import Attendant

    def fail(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    pool = ProcessPool(1)
    pid = pool.submit(pid_of).result(LIMIT)
    tasks = [pool.submit(gate.pass_through) for _ in range(10)]
    gate.wait_for_arrival()
    monkeypatch.setattr(Attendant, "_take_in", fail)
    gate.let_go(1)
    for task in reversed(tasks):  # the first answer is the attendant's business, since nobody waits for it
        assert isinstance(task.exception(LIMIT), BrokenPool)
    with pytest.raises(BrokenPool):
        pool.submit(same)
    assert pool.join(LIMIT)
    await_end(pid)
    assert "a fault of ours" in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_restarts_leave_neither_processes_nor_descriptors_nor_memory_files(method: str) -> None:
    def here() -> tuple[int, int, int]:
        children = sum("Z" in line or "windlass" in line for line in _children())
        pages = Path("/proc/self/maps").read_text().count("memfd:windlass")
        return len(os.listdir("/proc/self/fd")), children, pages

    with ProcessPool(1, max_tasks_per_worker=1, start_method=method) as pool:
        pool.submit(same).result(LIMIT)
        until(lambda: pool.inactive_workers == 1)  # the next process is there
        before = here()
        for _ in range(30 if method == "fork" else 5):
            pool.submit(same).result(LIMIT)
        until(lambda: all(now <= then for now, then in zip(here(), before, strict=True)))


def _children() -> list[str]:
    task = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    pids = task.read_text().split() if task.exists() else []
    lines = []
    for pid in pids:
        try:
            lines.append(Path(f"/proc/{pid}/stat").read_text())
        except OSError:
            pass
    return lines


NESTED = """
import os, signal, sys, time
from windlass import ProcessPool

def inner(_):
    with ProcessPool(1) as pool:
        pid = pool.submit(os.getpid).result(20)
        print(os.getpid(), pid, flush=True)
        pool.submit(time.sleep, 60).result(60)

if __name__ == "__main__":
    with ProcessPool(1) as pool:
        pool.submit(inner, None).result(60)
"""


@pytest.mark.slow
def test_nested_pools_die_with_the_outermost_parent(tmp_path: Path) -> None:
    program = tmp_path / "nested.py"
    program.write_text(NESTED)
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
        for pid in pids:
            await_end(pid)
    assert len(pids) == 2


class Leaving:
    """An argument whose pickling leaves."""

    def __reduce__(self) -> Any:
        raise SystemExit("while pickling")


def test_an_argument_that_leaves_while_it_is_pickled_fails_its_task_alone(gate: Gate) -> None:
    with ProcessPool(1) as pool:
        pid = pool.submit(pid_of).result(LIMIT)
        first = pool.submit(gate.pass_through, 1)
        second = pool.submit(same, Leaving())  # pickled by the attendant, since the worker is busy
        gate.let_go()
        assert first.result(LIMIT) == 1
        assert isinstance(second.exception(LIMIT), TransferError)
        assert pool.submit(pid_of).result(LIMIT) == pid


def test_a_filter_of_the_parent_that_leaves_costs_no_worker(caplog: pytest.LogCaptureFixture) -> None:
    def leave(_record: logging.LogRecord) -> bool:
        raise SystemExit("from a filter")

    logger = logging.getLogger("tests.faults")
    logger.addFilter(leave)
    try:
        with ProcessPool(1) as pool:
            assert pool.submit(warn, "tests.faults").result(LIMIT) == 1
            assert pool.submit(add, 1).result(LIMIT) == 2
    finally:
        logger.removeFilter(leave)
    assert "from a filter" in caplog.text


def warn(name: str) -> int:
    """Log something."""
    logging.getLogger(name).warning("something")
    return 1


def test_ctrl_c_in_the_block_waits_for_no_task(gate: Gate) -> None:
    with pytest.raises(KeyboardInterrupt), ProcessPool(1, timeout=LIMIT) as pool:  # noqa: PT012 - the block is what is tested
        running, queued = pool.submit(gate.pass_through), pool.submit(same)
        gate.wait_for_arrival()
        raise KeyboardInterrupt
    assert pool.state == "STOPPED"
    assert isinstance(running.exception(0), TaskCancelled)
    assert queued.cancelled()


def test_another_exception_in_the_block_waits_for_the_tasks(gate: Gate) -> None:
    with pytest.raises(LookupError), ProcessPool(1, timeout=LIMIT) as pool:  # noqa: PT012 - likewise
        tasks = pool.submit(gate.pass_through, 1), pool.submit(same, 2)
        gate.let_go()
        raise LookupError
    assert [task.result(0) for task in tasks] == [1, 2]


SHORT_OF_MEMORY = """
import resource
from windlass import ProcessPool

def occupied():
    return int(open("/proc/self/statm").read().split()[0]) * 4096

def much(size):
    return bytearray(size)

def limit(room):
    resource.setrlimit(resource.RLIMIT_AS, (occupied() + room, resource.RLIM_INFINITY))

if __name__ == "__main__":
    with ProcessPool(1) as pool:
        pool.submit(int).result(20)
        before = resource.getrlimit(resource.RLIMIT_AS)
        limit(100 << 20)
        print(type(pool.submit(much, 300 << 20).exception(60)).__name__)
        print(pool.submit(len, "four").result(60))
        resource.setrlimit(resource.RLIMIT_AS, before)
    with ProcessPool(1, initializer=limit, initargs=(100 << 20,)) as pool:
        print(type(pool.submit(len, bytearray(300 << 20)).exception(60)).__name__)
        print(pool.submit(len, "four").result(60))
"""


@pytest.mark.slow
def test_what_one_side_cannot_hold_fails_one_task(tmp_path: Path) -> None:
    program = tmp_path / "short.py"
    program.write_text(SHORT_OF_MEMORY)
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=90, check=False)
    assert done.stdout.split() == ["MemoryError", "4", "WorkerDied", "4"], done.stderr
