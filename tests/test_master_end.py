"""The end of a master, in order and otherwise: nothing hangs, and no process is left."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forking import status_of_child
from master_workers import LIMIT, Echo
from process_calls import Gate, SlowToPickle, await_end, hang
from waiting import start, until
from windlass import Master, PoolClosed, TaskCancelled, Worker

TESTS = str(Path(__file__).parent)


def pids_of(master: Master) -> list[int]:
    return [pid for _, pid in master.broadcast("who", timeout=LIMIT).values()]


def test_the_block_ends_the_workers() -> None:
    with Master(Echo) as master:
        master.add_worker()
        master.add_worker()
        pids = pids_of(master)
    for pid in pids:
        await_end(pid)
    assert master.workers == []
    for refused in (master.add_worker, lambda: master.add_task(1), lambda: master.run(1)):
        with pytest.raises(PoolClosed, match="halted"):
            refused()


def test_halt_ends_what_takes_too_long(gate: Gate) -> None:
    master = Master(Echo)
    number = master.add_worker(gate=gate)
    results = master.run(("wait", "never"), "behind")
    gate.wait_for_arrival()
    assert master.statistics().workers[number].state == "busy"
    assert master.halt(timeout=0)
    assert [type(result) for _, result in results] == [TaskCancelled, TaskCancelled]


def test_halt_ends_what_is_about_to_be_sent() -> None:
    slow = SlowToPickle()
    master = Master(Echo)
    master.add_worker()
    assert len(list(master.run(*range(300)))) == 300  # from here on, several at a time
    results = master.run(("call", time.sleep, slow), *[("call", time.sleep, 1000)] * 3)
    assert slow.begun.wait(LIMIT)
    attendant = master._hub.stations[0]._attendant
    assert attendant is not None
    ended = start(lambda: master.halt(timeout=0))
    until(lambda: all(errand.verdict for errand in attendant._away.values()))
    slow.go_on.set()
    assert ended.result(LIMIT)
    assert [type(result) for _, result in results] == [TaskCancelled] * 4


def test_halt_lets_workers_finish(gate: Gate) -> None:
    master = Master(Echo)
    master.add_worker(gate=gate)
    results = master.run(("wait", "finished"))
    gate.wait_for_arrival()
    halt = threading.Thread(target=lambda: master.halt(timeout=LIMIT))
    halt.start()
    gate.let_go()
    assert list(results) == [(1, "finished")]
    halt.join(LIMIT)
    assert not halt.is_alive()


def test_halt_does_not_wait_for_a_start() -> None:
    master = Master(Endless)
    master.add_worker()
    assert master.halt(timeout=0)
    assert master.workers == []


class Endless(Worker):
    """Takes for ever to start."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        hang()

    def run_task(self, argument: Any) -> Any:
        """Never reached."""


def test_a_start_that_takes_too_long_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with Master(Endless, init_timeout=0.2) as master:
        master.add_worker()
        [(_, error)] = master.run(1)
        assert str(error) == "worker 0 (Endless) was not ready within 0.2 s"
    assert "given up" in caplog.text


def test_a_dropped_master_leaves_no_process(gate: Gate) -> None:
    master = Master(Echo)
    master.add_worker(gate=gate)
    master.add_worker(gate=gate)
    pids = pids_of(master)
    master.run(("wait", "never"), worker=0)  # its iteration is dropped; the task has begun or never will
    master.add_task("waits for ever")
    del master
    gc.collect()
    for pid in pids:
        await_end(pid)


def test_results_keep_their_master(gate: Gate) -> None:
    def make() -> Iterator[tuple[int, Any]]:
        master = Master(Echo)
        master.add_worker()
        return master.run("a", "b")

    assert sorted(make()) == [(1, "a"), (2, "b")]


def test_a_forked_child_has_no_workers() -> None:
    with Master(Echo) as master:
        master.add_worker()
        results = master.run("a")

        def in_child() -> None:
            with pytest.raises(PoolClosed, match="fork"):
                master.add_task(1)
            assert list(results) == []
            assert master.halt()

        assert status_of_child(in_child) == 0
        assert list(results) == [(1, "a")]


INTERRUPTED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from windlass import Master
from master_workers import Echo

def main():
    with Master(Echo) as master:
        for _ in range(2):
            master.add_worker()
        try:
            for number, (task_id, result) in enumerate(master.run(source=iter(int, 1))):
                if number == 50:
                    os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            print("interrupted")
        print([result for _, result in master.run("still", "works", ordered=True)])
        print(*[pid for _, pid in master.broadcast("who").values()])

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
"""


@pytest.mark.slow
def test_ctrl_c_in_the_loop_leaves_a_usable_master(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED.format(tests=TESTS))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    said, results, pids = done.stdout.splitlines()
    assert (said, results) == ("interrupted", "['still', 'works']")
    for pid in pids.split():
        await_end(int(pid))


def test_ctrl_c_while_waiting_loses_no_result(gate: Gate) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Master(Echo) as master:
            master.add_worker(gate=gate)
            results = master.run(("wait", "late"), "last", ordered=True)
            gate.wait_for_arrival()
            main = threading.main_thread().ident
            assert main is not None
            with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - on a slow day the signal comes before the wait
                threading.Timer(0.05, signal.pthread_kill, (main, signal.SIGINT)).start()
                next(results)
            gate.let_go()
            assert list(results) == [(1, "late"), (2, "last")]
    finally:
        signal.signal(signal.SIGINT, before)


LEFT_ALONE = """
import os, sys
sys.path.insert(0, {tests!r})
from windlass import Master
from master_workers import Echo
from process_calls import hang

def main():
    global master, results
    master = Master(Echo)
    for _ in range(2):
        master.add_worker()
    print(*[pid for _, pid in master.broadcast("who").values()], flush=True)
    results = master.run(("call", hang), "a", "b")
    next(results)
    {end}

if __name__ == "__main__":
    main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("end", "status"), [("pass", 0), ("os.kill(os.getpid(), 9)", -9), ("sys.exit(3)", 3)])
def test_no_process_outlives_the_program(end: str, status: int, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(LEFT_ALONE.format(tests=TESTS, end=end))
    done = subprocess.run([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == status
    for pid in done.stdout.split():
        await_end(int(pid))


UNGUARDED = """
from windlass import Master, Worker

class Echo(Worker):
    def run_task(self, argument):
        return argument

master = Master(Echo, start_method={method!r})
master.add_worker()
for result in master.run(1, 2):
    print(result)
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_no_main_guard_is_one_clear_error(method: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED.format(method=method))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("Traceback") == 1  # the workers keep quiet
    last = done.stderr.splitlines()[-1]
    assert last.startswith("windlass.errors.WorkerInitError: worker 0 (Echo) cannot be started")
    assert "under if __name__ == '__main__'" in last


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: Master(int), TypeError, "subclass of Worker"),
        (lambda: Master(Echo, callback=3), TypeError, "callback"),
        (lambda: Master(Echo, monitor=3), TypeError, "monitor"),
        (lambda: Master(Echo, on_crash="break"), ValueError, "fail, retry"),
        (lambda: Master(Echo, task_timeout=float("nan")), ValueError, "NaN"),
        (lambda: Master(Echo, init_timeout=0), ValueError, "init_timeout"),
        (lambda: Master(Echo, max_crashes=0), ValueError, "max_crashes"),
        (lambda: Master(Echo, start_method="teleport"), ValueError, "start_method"),
        (lambda: Master().add_worker(), TypeError, "cls"),
        (lambda: Master(Echo).add_worker(tags="abc"), TypeError, "tags"),
        (lambda: Master(Echo).add_task(1, priority="high"), TypeError, "priority"),
        (lambda: Master(Echo).add_task(1, priority=float("nan")), ValueError, "priority"),
        (lambda: Master(Echo).add_task(1, timeout=-1), ValueError, "timeout"),
        (lambda: Master(Echo).add_task(1, tag=3), TypeError, "tag"),
        (lambda: Master(Echo).add_task(1, worker=0), ValueError, "worker 0"),
        (lambda: Master(Echo).run(buffersize=0), ValueError, "buffersize"),
        (lambda: Master(Echo).run(source=3), TypeError, "iterable"),
        (lambda: Master(Echo).halt(timeout=float("nan")), ValueError, "not NaN|NaN"),
    ],
)
def test_bad_input(make: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make()
    gc.collect()
    assert os.getpid()
