"""Drop-in ProcessPoolExecutor: shutdown, the last reference, interpreter exit, fork, and what is left behind."""

import gc
import os
import select
import signal
import subprocess
import sys
import threading
import weakref
from concurrent import futures as standard
from typing import Any

import pytest

from dropin_calls import echo, keep, pause, pid, square, wait_for_kept
from dropin_processes import FORK, METHODS, SECONDS, each_executor
from waiting import start, until
from windlass.dropin import futures as ours
from windlass.dropin.futures.process import ProcessPoolExecutor


@each_executor
def test_shutdown_finishes_what_was_submitted(kind: Any) -> None:
    executor = kind(2, FORK)
    calls = [executor.submit(square, n) for n in range(50)]
    executor.shutdown()
    assert [call.result(0) for call in calls] == [n * n for n in range(50)]
    executor.shutdown()
    with pytest.raises(RuntimeError, match="cannot schedule new futures after shutdown"):
        executor.submit(square, 1)


@each_executor
def test_shutdown_without_waiting(kind: Any) -> None:
    executor = kind(2, FORK)
    values = executor.map(square, range(20))
    manager, processes = executor._executor_manager_thread, executor._processes
    executor.shutdown(wait=False)
    assert list(values) == [n * n for n in range(20)]
    manager.join(SECONDS)
    for process in processes.values():
        process.join(SECONDS)
        assert process.exitcode == 0


@each_executor
@pytest.mark.usefixtures("no_collector")
def test_the_end_lets_go_of_what_the_initializer_was_given(kind: Any) -> None:
    argument = {"semaphores", "of the machine"}
    gone = weakref.ref(argument)
    with kind(2, FORK, initializer=echo, initargs=(argument,)) as executor:
        assert executor.submit(square, 3).result(SECONDS) == 9
    del argument, executor
    until(lambda: gone() is None)


@each_executor
def test_cancel_futures(kind: Any) -> None:
    go = FORK.Event()
    executor = kind(1, FORK, keep, (go,))
    calls = [executor.submit(wait_for_kept) for _ in range(30)]
    shutdown = start(lambda: executor.shutdown(cancel_futures=True))
    until(lambda: sum(call.cancelled() for call in calls) > 20)
    go.set()
    shutdown.result(SECONDS)
    assert all(call.done() for call in calls)
    if kind is ProcessPoolExecutor:  # the standard one leaves wait() waiting for ever
        assert standard.wait(calls, 0).not_done == set()


@each_executor
def test_dropped_executor_finishes(kind: Any) -> None:
    executor = kind(2, FORK)
    calls = [executor.submit(square, n) for n in range(20)]
    manager = executor._executor_manager_thread
    del executor
    gc.collect()
    assert [call.result(SECONDS) for call in calls] == [n * n for n in range(20)]
    manager.join(SECONDS)
    assert not manager.is_alive()


def test_unused_executor_starts_nothing() -> None:
    threads = set(threading.enumerate())
    executor = ProcessPoolExecutor(2, FORK)
    assert executor._processes == {}
    assert executor._executor_manager_thread is None
    executor.shutdown()
    assert set(threading.enumerate()) <= threads


def test_nothing_is_left_behind() -> None:
    pids: list[int] = []

    def run() -> None:
        executor = ProcessPoolExecutor(2, FORK)
        pids.extend(executor.map(pid, range(5)))
        assert list(executor.map(square, range(10))) == [n * n for n in range(10)]
        executor.shutdown()

    def count_descriptors() -> int:
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("the system does not list descriptors")
    run()
    descriptors, threads = count_descriptors(), set(threading.enumerate())
    for _ in range(5):
        run()
    assert count_descriptors() <= descriptors  # fewer, if an earlier test has let some go meanwhile
    assert set(threading.enumerate()) <= threads
    assert [one for one in pids if os.path.exists(f"/proc/{one}")] == []  # no zombie


def test_shutdown_in_a_callback_is_no_deadlock() -> None:
    refusals: list[BaseException] = []  # unless the callback is called by the thread that waits for the result
    executor = ProcessPoolExecutor(1, FORK)

    def shut_down(_: Any) -> None:
        try:
            executor.shutdown()
        except RuntimeError as refusal:
            refusals.append(refusal)

    call = executor.submit(pause, 0.1)
    call.add_done_callback(shut_down)
    call.result(SECONDS)
    executor.shutdown()
    assert [str(refusal) for refusal in refusals] in (["cannot join current thread"], [])


def test_no_reference_to_a_result_stays() -> None:
    with ProcessPoolExecutor(1, FORK) as executor:
        for value in executor.map(echo, range(5)):
            assert value == ((value[0][0],), {})
        call = executor.submit(echo, "a" * 10)
        value = call.result(SECONDS)
        del call
        executor.submit(square, 1).result(SECONDS)
        gc.collect()
        assert [one for one in gc.get_referrers(value) if isinstance(one, list | dict) and one is not globals()] == []


SCRIPT = """
import atexit, os, time
from {module} import ProcessPoolExecutor
def work(n):
    time.sleep(0.01)
    return n
def show(future):
    os.write(1, b"%d\\n" % future.result())  # in one piece: the main thread may be at it too
if __name__ == "__main__":
    import multiprocessing
    multiprocessing.set_start_method("{method}")
    executor = ProcessPoolExecutor(2)
    for n in range(5):
        executor.submit(work, n).add_done_callback(show)
    @atexit.register
    def late():
        try:
            executor.submit(work, 0)
        except RuntimeError as error:
            print(error)
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_interpreter_exit_finishes_the_work(method: str, tmp_path: Any) -> None:
    script = tmp_path / "program.py"
    script.write_text(SCRIPT.format(module=ours.__name__, method=method))
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    *values, last = run.stdout.splitlines()
    assert sorted(values) == ["0", "1", "2", "3", "4"]
    assert last == "cannot schedule new futures after interpreter shutdown"


def test_a_forked_child_has_an_executor_of_its_own() -> None:
    # The standard class hangs there.
    with ProcessPoolExecutor(1, FORK) as executor:
        assert executor.submit(square, 2).result(SECONDS) == 4
        child = os.fork()
        if child == 0:
            try:
                signal.alarm(SECONDS)
                right = (
                    executor.submit(square, 3).result(SECONDS) == 9
                    and executor.submit(os.getppid).result(SECONDS) == os.getpid()
                )
                executor.shutdown()
                os._exit(0 if right else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert executor.submit(square, 4).result(SECONDS) == 16


def test_executor_inside_a_task() -> None:
    with ProcessPoolExecutor(1, FORK) as executor:
        assert executor.submit(nested).result(SECONDS) == 25


def nested() -> Any:
    with ProcessPoolExecutor(1, FORK) as executor:
        return executor.submit(square, 5).result(SECONDS)


@pytest.mark.slow
def test_no_worker_outlives_a_killed_parent(tmp_path: Any) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "import os, sys, time\n"
        f"sys.path[:0] = {sys.path!r}\n"
        "from dropin_calls import pid, stay\n"
        "from dropin_processes import FORK\n"
        "from windlass.dropin.futures import ProcessPoolExecutor\n"
        "executor = ProcessPoolExecutor(2, FORK)\n"
        "print(executor.submit(pid).result(), flush=True)\n"
        "executor.submit(stay); executor.submit(stay)\n"
        "print(*executor._processes, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        run.stdout.readline()
        workers = [int(number) for number in run.stdout.readline().split()]
        deaths = [os.pidfd_open(worker) for worker in workers]
        run.kill()
    for death in deaths:
        assert select.select([death], [], [], SECONDS)[0]
        os.close(death)
