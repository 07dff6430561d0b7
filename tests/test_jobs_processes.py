"""DockMaster with processing_type="multiprocessing": jobs in child processes, and children that die."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import job_functions
from process_calls import await_end
from windlass import DockMaster, Job, RemoteError, TransferError, WorkerDied
from windlass.pools import recruit

LIMIT = 60
pytestmark = pytest.mark.slow


class Shelf(list[Job]):
    """Keeps the jobs in the order in which they are stored."""

    def store(self, job: Job) -> None:
        self.append(job)

    def results(self) -> list[Any]:
        return [job.results for job in self]


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let child processes import the functions too."""
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))


def test_jobs_run_in_other_processes_and_are_stored_here() -> None:
    shelf = Shelf()
    with DockMaster(2, "multiprocessing") as dockmaster:
        for number in range(20):
            dockmaster.post_job(Job(job_functions.add, {"x": number, "y": 1}), shelf.store)
        other = dockmaster.post_job(Job(job_functions.process_id), shelf.store).result(LIMIT)
    assert other.results != os.getpid()
    assert sorted(shelf.results())[:20] == list(range(1, 21))
    assert {job.error for job in shelf} == {None}


def test_errors_come_with_the_traceback_of_the_child() -> None:
    shelf = Shelf()
    with DockMaster(1, "multiprocessing") as dockmaster:
        dockmaster.post_job(Job(job_functions.fails, {"text": "of fails"}), shelf.store)
        dockmaster.post_job(Job(job_functions.leaves), shelf.store)
        dockmaster.post_job(Job(job_functions.interrupts), shelf.store)
        dockmaster.post_job(Job(job_functions.add, {"z": 1}), shelf.store)
        dockmaster.post_job(Job(job_functions.add, {"x": 1}), shelf.store)
    kinds = [type(job.error) for job in shelf]
    assert kinds == [ValueError, SystemExit, KeyboardInterrupt, TypeError, type(None)]
    assert shelf[0].traceback is not None
    assert "raise ValueError(text)" in shelf[0].traceback
    assert shelf[0].traceback.endswith("ValueError: of fails\n")
    assert shelf[-1].results == 1


def test_what_cannot_be_sent_is_the_error_of_that_job_alone() -> None:
    shelf = Shelf()
    with DockMaster(1, "multiprocessing") as dockmaster:
        dockmaster.post_job(Job(job_functions.add, {"x": threading.Lock()}), shelf.store)
        dockmaster.post_job(Job(job_functions.gives_what_cannot_be_sent), shelf.store)
        dockmaster.post_job(Job(job_functions.fails_with_two_arguments), shelf.store)
        dockmaster.post_job(Job(job_functions.add, {"x": 1}), shelf.store)
    argument_error, result_error, exception_error, last = [job.error for job in shelf]
    assert type(argument_error) is type(result_error) is TransferError
    assert type(exception_error) is RemoteError
    assert "first" in str(exception_error)
    assert "raise TwoArguments(" in str(shelf[2].traceback)
    assert (last, shelf[-1].results) == (None, 1)


def test_a_lambda_is_sent_by_value() -> None:
    shelf = Shelf()
    with DockMaster(1, "multiprocessing") as dockmaster:
        dockmaster.post_job(Job(lambda x: x + 1, {"x": 2}), shelf.store)
    assert (shelf[0].results, shelf[0].error) == (3, None)


@pytest.mark.parametrize("how", ["exit", "kill"])
def test_a_child_that_dies_is_its_jobs_error_and_is_replaced(how: str) -> None:
    shelf = Shelf()
    with DockMaster(1, "multiprocessing") as dockmaster:
        for _ in range(3):
            dockmaster.post_job(Job(job_functions.dies, {"how": how}), shelf.store)
            dockmaster.post_job(Job(job_functions.add, {"x": 1}), shelf.store)
    assert [type(job.error) for job in shelf] == [WorkerDied, type(None)] * 3
    assert shelf.results() == [None, 1] * 3


def test_a_process_that_cannot_be_started_is_the_jobs_error_and_the_next_one_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise BlockingIOError("no more processes")

    shelf = Shelf()
    with DockMaster(1, "multiprocessing") as dockmaster:
        dockmaster.post_job(Job(job_functions.dies, {"how": "kill"}), shelf.store).result(LIMIT)
        monkeypatch.setattr(recruit, "WorkerHost", refuse)
        dockmaster.post_job(Job(job_functions.dies, {"how": "kill"}), shelf.store).result(LIMIT)
        dockmaster.post_job(Job(job_functions.add, {"x": 1}), shelf.store).result(LIMIT)
        monkeypatch.undo()
        dockmaster.post_job(Job(job_functions.add, {"x": 2}), shelf.store)
    assert "no more processes" in str(shelf[2].error)
    assert shelf[-1].results == 2


@pytest.mark.stress
def test_each_child_that_dies_costs_its_own_job_and_no_other() -> None:
    shelf = Shelf()
    with DockMaster(2, "multiprocessing") as dockmaster:
        for number in range(40):
            if number % 10 == 5:
                dockmaster.post_job(Job(job_functions.dies, {"how": "kill"}), shelf.store)
            else:
                dockmaster.post_job(Job(job_functions.add, {"x": number}), shelf.store)
    assert len(shelf) == 40
    assert [type(job.error) for job in shelf if job.error is not None] == [WorkerDied] * 4
    assert all(job.results == job.kwarg_dictionary["x"] for job in shelf if job.error is None)


def test_end_shift_hands_back_all_but_what_runs() -> None:
    shelf = Shelf()
    dockmaster = DockMaster(1, "multiprocessing")
    dockmaster.start_shift()
    dockmaster.post_job(Job(job_functions.add, {"x": 0}), shelf.store).result(LIMIT)
    for number in range(10):
        dockmaster.post_job(Job(job_functions.add, {"x": number}), shelf.store)
    handed = dockmaster.end_shift(finish=False)
    done = shelf.results()[1:]
    assert done + [job.kwarg_dictionary["x"] for job in handed] == list(range(10))


DAEMON = """
import sys
from pathlib import Path
import job_functions
from windlass import DockMaster, Job
dockmaster = DockMaster(1, "multiprocessing", daemon=True)
dockmaster.start_shift()
for name in sys.argv[1:]:
    dockmaster.post_job(Job(job_functions.sleeps, {"path": name}), lambda job: print(job))
while not Path(sys.argv[1]).exists():
    pass
"""


def test_a_daemons_processes_are_gone_with_the_interpreter(path: None, tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("first", "second")]
    command = [sys.executable, "-W", "error", "-c", DAEMON, *files]
    run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
    await_end(int(Path(files[0]).read_text()))
    assert not Path(files[1]).exists()


def test_a_script_without_a_guarded_main_part_is_told_so_at_once(path: None, tmp_path: Path) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text("from windlass import DockMaster\nDockMaster(1, 'multiprocessing').start_shift()\nprint('on')\n")
    command = [sys.executable, "-W", "error", str(script)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (run.returncode, run.stdout) == (1, "")
    told = run.stderr.rstrip().splitlines()[-1]
    assert told.startswith("windlass.errors.BrokenPool: ")
    assert "under if __name__ == '__main__'" in told


INTERRUPTED = """
import signal, sys, threading
import job_functions
from windlass import DockMaster, Job
signal.signal(signal.SIGINT, signal.default_int_handler)
stored = []
dockmaster = DockMaster(1, "multiprocessing")  # a second process might just be starting, which Ctrl-C would end
dockmaster.start_shift()
for _ in range(4):
    dockmaster.post_job(Job(job_functions.add, {"x": 1}), lambda job: stored.append(job.error)).result(20)
try:
    print("ready", flush=True)
    threading.Event().wait(20)
except KeyboardInterrupt:
    print("interrupted")
for _ in range(4):
    dockmaster.post_job(Job(job_functions.add, {"x": 1}), lambda job: stored.append(job.error))
dockmaster.end_shift()
print(stored)
"""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
def test_ctrl_c_reaches_the_parent_alone(path: None) -> None:
    command = [sys.executable, "-W", "error", "-c", INTERRUPTED]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, start_new_session=True, **pipes) as run:  # type: ignore[call-overload]
        assert run.stdout.readline() == "ready\n"
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does
        output, errors = run.communicate(timeout=LIMIT)
    assert (run.returncode, output, errors) == (0, f"interrupted\n{[None] * 8}\n", "")
