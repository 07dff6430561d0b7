"""How worker processes come and go: start methods, programs without a guard, limits of the system, the end."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from forking import status_of_child
from process_calls import LIMIT, METHODS, add, await_end, die, is_alive, leave, pid_of, same
from windlass import BrokenPool, ProcessPool, WorkerDied


def run_program(text: str, tmp_path: Path, limit: float = 3 * LIMIT) -> "subprocess.CompletedProcess[str]":
    """Run a program of its own."""
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(text))
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=limit, check=False)


@pytest.mark.parametrize("method", METHODS)
def test_each_start_method_works(method: str) -> None:
    with ProcessPool(2, start_method=method) as pool:
        assert pool.start_method == method
        pid = pool.submit(pid_of).result(LIMIT)
        assert pid != os.getpid()
    await_end(pid)


def test_fork_is_never_chosen_by_itself() -> None:
    assert ProcessPool(1).start_method in {"forkserver", "spawn"}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_program_without_a_guard_gets_one_error(method: str, tmp_path: Path) -> None:
    program = f"""
        import os
        open(os.environ.get("TRACE", {str(tmp_path / "starts")!r}), "a").write("x")
        from windlass import ProcessPool
        with ProcessPool(2, start_method={method!r}) as pool:
            print(pool.submit(abs, -3).result(30))
    """
    done = run_program(program, tmp_path)
    assert done.returncode == 1
    assert "__main__" in done.stderr
    assert "BrokenPool" in done.stderr
    assert done.stderr.count("Traceback") == 1  # the workers keep quiet
    assert len((tmp_path / "starts").read_text()) == 1 + 1


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_program_that_survives_the_refusal_shows_what_else_its_workers_raise(method: str, tmp_path: Path) -> None:
    program = f"""
        from windlass import BrokenPool, ProcessPool

        try:
            with ProcessPool(1, start_method={method!r}) as pool:
                print(repr(pool.submit(abs, -3).exception(30)))
        except BrokenPool:
            pass
        if __name__ != "__main__":
            raise KeyError("nothing to do with pools")
    """
    done = run_program(program, tmp_path)
    assert "KeyError: 'nothing to do with pools'" in done.stderr
    # A fork server that imports the program, as in later releases of 3.13, ends itself.
    told = ("in a row ended at their start", "the fork server has ended")
    assert any(words in done.stdout.splitlines()[-1] for words in told)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_a_program_from_standard_input(method: str) -> None:
    # Its functions go by value: there is no file that a worker could import.
    program = f"""
        from windlass import ProcessPool

        def double(value):
            return 2 * value

        with ProcessPool(2, start_method={method!r}) as pool:
            print(pool.submit(double, 4).result(30), list(pool.imap(double, range(3))), __file__)
    """
    command = [sys.executable, "-"]
    done = subprocess.run(
        command, input=textwrap.dedent(program), capture_output=True, text=True, timeout=3 * LIMIT, check=False
    )
    assert done.stdout == "8 [0, 2, 4] <stdin>\n", done.stderr


@pytest.mark.slow
def test_too_few_descriptors_are_an_error_and_pass(tmp_path: Path) -> None:
    program = """
        import os, resource
        from windlass import BrokenPool, ProcessPool, wait

        def main():
            resource.setrlimit(resource.RLIMIT_NOFILE, (40, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
            with ProcessPool(30, start_method="spawn") as pool:
                tasks = [pool.submit(pow, at, 2) for at in range(200)]
                assert not wait(tasks, 30).not_done
                assert [task.result() for task in tasks] == [at * at for at in range(200)]
            before = len(os.listdir("/proc/self/fd"))
            hogs = [os.open("/dev/null", os.O_RDONLY) for _ in range(40 - before)]
            with ProcessPool(1, start_method="spawn") as pool:
                error = pool.submit(abs, -1).exception(30)
                assert isinstance(error, BrokenPool) and isinstance(error.__cause__, OSError), error
                for hog in hogs:
                    os.close(hog)
                assert pool.submit(abs, -1).result(30) == 1
            assert len(os.listdir("/proc/self/fd")) <= before, os.listdir("/proc/self/fd")
            print("done")

        if __name__ == "__main__":
            main()
    """
    done = run_program(program, tmp_path)
    assert "done" in done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_no_worker_outlives_a_parent_that_is_killed(method: str, tmp_path: Path) -> None:
    program = f"""
        import os, sys, time
        from windlass import ProcessPool

        def busy(keep_gil):
            os.write(1, b"%d\\n" % os.getpid())  # in one piece, even if Python does not buffer
            while True:
                sum(range(10**7)) if keep_gil else time.sleep(60)

        if __name__ == "__main__":
            pool = ProcessPool(3, start_method={method!r}, initializer=None)
            for keep_gil in (True, False):
                pool.submit(busy, keep_gil)
            idle = pool.submit(os.getpid).result(30)
            os.write(1, b"%d\\n" % idle)
            time.sleep(60)
    """
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(program))
    with subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        lines = [parent.stdout.readline() for _ in range(3)]
        alive = [line for line in lines if line.strip().isdecimal() and is_alive(int(line))]
        parent.kill()  # whatever was read: else this would wait for a pool that never ends
        assert alive == lines
        for line in lines:
            await_end(int(line))


def test_ctrl_c_is_not_for_workers() -> None:
    with ProcessPool(1) as pool:
        pid = pool.submit(pid_of).result(LIMIT)
        assert pool.submit(os.kill, pid, signal.SIGINT).result(LIMIT) is None
        assert pool.submit(pid_of).result(LIMIT) == pid


def nested(n: int) -> int:
    """Use a pool in a worker."""
    with ProcessPool(1, start_method="fork") as pool:
        return sum(pool.submit(add, at).result(LIMIT) for at in range(n))


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_a_worker_may_have_a_pool_of_its_own(method: str) -> None:
    with ProcessPool(2, start_method=method) as pool:
        assert [task.result(LIMIT) for task in pool.submit_many(nested, [1, 2, 3])] == [1, 3, 6]


def test_a_process_that_ends_at_its_start_is_tried_again_but_not_for_ever() -> None:
    pool = ProcessPool(1, initializer=leave, initargs=(5,))
    error = pool.submit(same).exception(LIMIT)
    assert isinstance(error, BrokenPool)
    assert isinstance(error.__cause__, WorkerDied)
    assert error.__cause__.exit_code == 5
    assert pool.join(LIMIT)


def children() -> set[int]:
    """Return this process's children, zombies too."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        try:
            found |= set(map(int, (task / "children").read_text().split()))
        except (FileNotFoundError, ProcessLookupError):  # a thread of an earlier test has just ended
            pass
    return found


@pytest.mark.slow
def test_restarts_leave_nothing_behind() -> None:
    with ProcessPool(1, start_method="fork") as pool:
        pool.submit(same).result(LIMIT)
    descriptors, processes = set(os.listdir("/proc/self/fd")), children()
    threads = set(threading.enumerate())
    with ProcessPool(2, start_method="fork") as pool:
        for _ in range(100):
            assert isinstance(pool.submit(die).exception(LIMIT), WorkerDied)
    assert set(os.listdir("/proc/self/fd")) <= descriptors  # what earlier tests have left may end meanwhile
    assert children() <= processes
    assert set(threading.enumerate()) <= threads


def test_a_dropped_pool_finishes_its_work_and_its_processes_end() -> None:
    pool = ProcessPool(1)
    pid = pool.submit(pid_of).result(LIMIT)
    task = pool.submit(add, 1)
    del pool
    assert task.result(LIMIT) == 2
    await_end(pid)


@pytest.mark.slow
@pytest.mark.parametrize(("daemon", "lines"), [(False, ["0", "1", "2", "main ends"]), (True, ["main ends"])])
def test_the_interpreter_s_exit(daemon: bool, lines: list[str], tmp_path: Path) -> None:
    program = f"""
        import os, time
        from windlass import ProcessPool

        def say(number):
            if {daemon}:
                time.sleep(60)
            os.write(1, b"%d\\n" % number)  # in one piece, even if Python does not buffer

        if __name__ == "__main__":
            pool = ProcessPool(1, daemon={daemon})
            first, *_ = [pool.submit(say, number) for number in range(3)]
            while not (first.running() or first.done()):
                pool.submit(abs, 1, submit_task_priority=99).cancel()
            os.write(1, b"main ends\\n")
    """
    done = run_program(program, tmp_path)
    assert sorted(done.stdout.split("\n"))[1:] == lines, done
    assert done.stderr == ""


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_of_the_parent_begins_again() -> None:
    with ProcessPool(1) as pool:
        pool.submit(same).result(LIMIT)

        def use() -> None:
            assert pool.num_workers == 0
            assert pool.submit(add, 1).result(LIMIT) == 2

        assert status_of_child(use) == 0
        assert pool.submit(add, 2).result(LIMIT) == 3
