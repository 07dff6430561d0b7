"""A worker of a master that dies, or takes too long, costs its own task at most."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from master_workers import LIMIT, Echo
from process_calls import METHODS, Gate, await_end, die, hang, kill, leave
from windlass import Master, PoisonTask, TaskTimeout, WorkerDied

WAYS: list[Any] = [
    pytest.param(("call", die, signal.SIGKILL), None, 9, id="kill"),
    pytest.param(("call", die, signal.SIGSEGV), None, 11, id="segfault"),
    pytest.param(("call", leave, 0), 0, None, id="exit 0"),
    pytest.param(("call", leave, 3), 3, None, id="exit 3"),
]


@pytest.mark.parametrize(("way", "code", "number"), WAYS)
def test_only_the_culprit_fails(way: Any, code: int | None, number: int | None) -> None:
    with Master(Echo) as master:
        master.add_worker(name="a")
        master.add_worker(name="b")
        arguments: list[Any] = [*range(30)]
        arguments[11] = way
        results = dict(master.run(*arguments))
        error = results.pop(12)
        assert isinstance(error, WorkerDied)
        assert (error.exit_code, error.signal_number) == (code, number)
        assert results == {at + 1: at for at in range(30) if at != 11}
        assert {name for name, _ in master.broadcast("who", timeout=LIMIT).values()} == {"a", "b"}
        assert master.statistics().deaths == 1


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_kills_from_outside_with_retry_cost_nothing(method: str) -> None:
    with Master(Echo, on_crash="retry", start_method=method) as master:
        for _ in range(2):
            master.add_worker()
        seen = []
        for _, result in master.run(source=range(600), buffersize=50):
            seen.append(result)
            if len(seen) % 100 == 0:
                for figures in master.statistics().workers:
                    if figures.pid is not None:
                        kill(figures.pid)  # of one that has died a moment ago, the master may not have heard
        assert sorted(seen) == list(range(600))


class Fragile(Echo):
    """Dies at a task until it has been tried often enough; counts in a file."""

    def attempt(self, path: Path, deaths: int) -> int:
        """Try."""
        with path.open("a") as file:
            file.write("x")
        tries = len(path.read_text())
        if tries <= deaths:
            die()
        return tries


def test_retry_and_poison(tmp_path: Path) -> None:
    with Master(Fragile, on_crash="retry", max_crashes=3) as master:
        for _ in range(2):
            master.add_worker()
        results = dict(master.run(("attempt", tmp_path / "a", 2), ("attempt", tmp_path / "b", 9), *range(20)))
        assert results[1] == 3
        assert isinstance(results[2], PoisonTask)
        assert (tmp_path / "b").read_text() == "xxx"  # counted over all workers
        assert [results[at + 3] for at in range(20)] == list(range(20))
        assert master.statistics().retried == 4


def test_an_idle_worker_that_dies_costs_nothing() -> None:
    with Master(Echo) as master:
        master.add_worker(name="same")
        [(name, pid)] = master.broadcast("who", timeout=LIMIT).values()
        os.kill(pid, signal.SIGKILL)
        await_end(pid)
        [(_, (name_after, pid_after))] = master.run(("who",))
        assert (name_after, pid_after != pid) == (name, True)


def test_a_task_that_takes_too_long_is_ended() -> None:
    with Master(Echo, task_timeout=0.2) as master:
        master.add_worker()
        master.add_task(("call", hang))
        master.add_task("after", timeout=LIMIT)
        (_, slow), (_, after) = master.run()
        assert isinstance(slow, TaskTimeout)
        assert after == "after"
        assert master.statistics().timeouts == 1


def test_each_task_may_have_its_own_limit(gate: Gate) -> None:
    with Master(Echo) as master:
        master.add_worker()
        patient = master.add_worker(gate=gate)
        master.add_task(("call", hang), timeout=0.2, worker=0)
        results = master.run(("wait", "no limit"), worker=patient)
        gate.wait_for_arrival()
        assert isinstance(next(results)[1], TaskTimeout)
        gate.let_go()
        assert list(results) == [(2, "no limit")]


def test_work_behind_a_slow_task_goes_to_the_others(gate: Gate) -> None:
    with Master(Echo) as master:
        master.add_worker(gate=gate)
        assert len(list(master.run(*range(200)))) == 200  # so that it is sent many in advance
        results = master.run(("wait", "slow"), *range(50))
        gate.wait_for_arrival()
        master.add_worker()
        assert sorted(next(results)[1] for _ in range(50)) == list(range(50))
        gate.let_go()
        assert [result for _, result in results] == ["slow"]


def test_workers_wear_out() -> None:
    with Master(Echo, max_tasks_per_worker=3) as master:
        master.add_worker()
        pids = [pid for _, (_, pid) in master.run(*[("who",)] * 9)]
        assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 3]


def test_a_dead_worker_answers_a_broadcast_with_its_death() -> None:
    with Master(Echo) as master:
        master.add_worker()
        master.add_worker()
        answers = master.broadcast("call", leave, timeout=LIMIT)
        assert [type(answer) for answer in answers.values()] == [WorkerDied, WorkerDied]
        assert len(list(master.run(*range(10)))) == 10
