"""Interpreter exit and os.fork with a dock master in every state: right status, no hang, nothing lost or doubled."""

import os
import threading

import pytest

from interpreter_exits import leave_several_times
from test_fork import status_of_child
from windlass import DockMaster, Job

LIMIT = 10
START = """
import atexit, os, sys, threading, time
from windlass import DockMaster, Job

def show(x):
    os.write(1, x)

def store(job):
    os.write(1, b"!" if job.error is None else b"?")

def fails():
    raise ValueError("of fails")

def chain(job, left):
    os.write(1, b"!")
    if left:
        dockmaster.post_job(Job(int), chain, {"left": left - 1})

asleep = threading.Event()

def sleep():
    os.write(1, b"s")
    asleep.set()
    time.sleep(60)

def slow():
    time.sleep(0.2)
"""

# name -> (script, exit status, what it prints, what stderr must contain)
SCENARIOS: dict[str, tuple[str, int, str, str]] = {
    "queued jobs finish and are stored": (
        "dockmaster = DockMaster(1)\ndockmaster.start_shift()\n"
        "for _ in range(20): dockmaster.post_job(Job(slow if _ == 0 else int), store)",
        0,
        "!" * 20,
        "",
    ),
    "failed jobs are stored": (
        "dockmaster = DockMaster(2)\ndockmaster.start_shift()\n"
        "for _ in range(5): dockmaster.post_job(Job(fails), store)",
        0,
        "?" * 5,
        "",
    ),
    "a chain of jobs comes to its end": (
        "dockmaster = DockMaster(3)\ndockmaster.start_shift()\ndockmaster.post_job(Job(slow), chain, {'left': 4})",
        0,
        "!" * 5,
        "",
    ),
    "sys.exit(3)": (
        "dockmaster = DockMaster(1)\ndockmaster.start_shift()\n"
        "for _ in range(5): dockmaster.post_job(Job(int), store)\nsys.exit(3)",
        3,
        "!" * 5,
        "",
    ),
    "exception in main within a shift": (
        "with DockMaster(1) as dockmaster:\n"
        "    for _ in range(5): dockmaster.post_job(Job(int), store)\n"
        "    raise ValueError('main')",
        1,
        "!" * 5,
        "ValueError: main",
    ),
    "a daemon does not wait for what runs": (
        "dockmaster = DockMaster(1, daemon=True)\ndockmaster.start_shift()\n"
        "for _ in range(5): dockmaster.post_job(Job(sleep), store)\nasleep.wait()",
        0,
        "s",
        "",
    ),
    "a forked child exits in the ordinary way": (
        "import warnings\nwarnings.simplefilter('ignore', DeprecationWarning)\n"
        "if not hasattr(os, 'fork'):\n    os.write(1, b'!!!c')\n    sys.exit()\n"
        "dockmaster = DockMaster(1, 'multiprocessing')\ndockmaster.start_shift()\n"
        "dockmaster.post_job(Job(int), store).result(20)\n"
        "for _ in range(2): dockmaster.post_job(Job(int), store)\n"
        "child = os.fork()\n"
        "if child == 0:\n    os.write(1, b'c')\n    sys.exit(7)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7",
        0,
        "!!!c",
        "",
    ),
    "an idle shift": ("dockmaster = DockMaster()\ndockmaster.start_shift()", 0, "", ""),
    "a dock master dropped with jobs": (
        "def work():\n    dockmaster = DockMaster(1)\n    dockmaster.start_shift()\n"
        "    for _ in range(5): dockmaster.post_job(Job(slow if _ == 0 else int), store)\nwork()",
        0,
        "!" * 5,
        "",
    ),
    "jobs without a shift are told of": (
        "dockmaster = DockMaster()\nfor _ in range(3): dockmaster.post_job(Job(int), store)",
        0,
        "",
        "for a shift that never began: 3",
    ),
    "jobs for another master that has ended are told of": (
        "first, second = DockMaster(1), DockMaster(1)\n"
        "def hand_on(job):\n    while first.working: time.sleep(0.001)\n    first.post_job(Job(int), store)\n"
        "first.start_shift()\nsecond.start_shift()\nsecond.post_job(Job(int), hand_on)",
        0,
        "",
        "for a shift that never began: 1",
    ),
    "a shift at exit": (
        "dockmaster = DockMaster()\n"
        "def late():\n"
        "    dockmaster.start_shift()\n"
        "    try: dockmaster.post_job(Job(int), store)\n    except RuntimeError: print('refused')\n"
        "atexit.register(late)",
        0,
        "refused\n",
        "",
    ),
    "queued jobs of processes finish": (
        "dockmaster = DockMaster(2, 'multiprocessing')\ndockmaster.start_shift()\n"
        "for _ in range(5): dockmaster.post_job(Job(abs, {}) if _ == 4 else Job(int), store)",
        0,
        "!!!!?",
        "",
    ),
}


@pytest.mark.slow
@pytest.mark.stress
@pytest.mark.parametrize("name", SCENARIOS)
def test_exit(name: str) -> None:
    script, status, printed, complaint = SCENARIOS[name]
    for run in leave_several_times(START + script, limit=30):
        assert (run.returncode, "".join(sorted(run.stdout))) == (status, "".join(sorted(printed))), run.stderr
        assert complaint in run.stderr
        assert complaint or not run.stderr, run.stderr


# ---- fork ----

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
forks = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def ignore(job: Job) -> None:
    """Store nothing."""


@needs_fork
@forks
@pytest.mark.parametrize("processing_type", ["thread", "multiprocessing"])
def test_a_forked_child_has_no_shift_and_no_jobs_and_can_begin_one(processing_type: str) -> None:
    gate, started = threading.Event(), threading.Event()
    dockmaster = DockMaster(1)
    with dockmaster, DockMaster(1, processing_type) as other:
        other.post_job(Job(int), ignore).result(LIMIT * 3)
        busy = dockmaster.post_job(Job(lambda: (started.set(), gate.wait(LIMIT))), ignore)
        queued = dockmaster.post_job(Job(int), ignore)
        third = DockMaster()
        held = third.post_job(Job(int), ignore)
        assert started.wait(LIMIT)

        def child() -> None:
            stored: list[Job] = []
            for master in (dockmaster, other):
                assert not master.working
                assert master.held_jobs == []
                assert master.end_shift(finish=False, timeout=LIMIT) == []
            for task in (busy, queued, held):
                assert task.wait(LIMIT)
                assert task.cancelled()
            with dockmaster:
                dockmaster.post_job(Job(int), lambda job: stored.append(job))
            assert [job.results for job in stored] == [0]

        assert status_of_child(child) == 0
        gate.set()
        assert busy.result(LIMIT).error is None
        assert queued.result(LIMIT).results == 0
        assert not held.done()
        assert len(third.end_shift(finish=False)) == 1


@needs_fork
@forks
def test_a_fork_while_another_thread_has_the_lock() -> None:
    dockmaster = DockMaster(1)
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with dockmaster._change:
            held.set()
            release.wait(LIMIT)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(LIMIT)

    def child() -> None:
        with dockmaster:
            assert dockmaster.post_job(Job(int), ignore).result(LIMIT).results == 0

    try:
        assert status_of_child(child) == 0
    finally:
        release.set()
        holder.join(LIMIT)


@needs_fork
@forks
def test_a_job_that_forks_is_stored_in_the_parent_alone() -> None:
    read, write = os.pipe()

    def store(job: Job) -> None:
        os.write(write, b"%d\n" % os.getpid())

    with DockMaster(1) as dockmaster:
        child = dockmaster.post_job(Job(os.fork), store).result(LIMIT).results
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(write)
    with os.fdopen(read) as pipe:
        assert [int(line) for line in pipe] == [os.getpid()]
