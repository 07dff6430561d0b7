"""The workers of a master: arguments, classes, tags, coming and going, failing starts."""

import os
from pathlib import Path
from typing import Any

import pytest

from master_workers import LIMIT, Careful, Double, Echo, Later, StillBorn, Unable
from process_calls import Gate, await_end
from waiting import until
from windlass import Master, NoWorkers, PoolClosed, TaskMonitor, TransferError, WaitTimeout, Worker, WorkerInitError


def test_each_worker_has_its_own_arguments() -> None:
    with Master(Echo) as master:
        assert [master.add_worker(name=name) for name in ("Alice", "Bob")] == [0, 1]
        answers = master.broadcast("who", timeout=LIMIT)
        assert {number: name for number, (name, _) in answers.items()} == {0: "Alice", 1: "Bob"}
        assert len({pid for _, pid in answers.values()} | {os.getpid()}) == 3


def test_workers_of_several_classes_share_tasks_by_tags() -> None:
    with Master() as master:
        master.add_worker(Echo, tags=["echo", "any"])
        master.add_worker(cls=Double, tags=["double", "any"])
        echoed = {result for _, result in master.run(*range(1, 40), tag="echo")}
        doubled = {result for _, result in master.run(*range(1, 40), tag="double")}
        assert echoed == set(range(1, 40))
        assert doubled == set(range(2, 80, 2))
        assert {result for _, result in master.run(1, tag="any")} <= {1, 2}
        assert {result for _, result in master.run(1)} <= {1, 2}


def test_a_tag_that_no_worker_has_is_an_error_not_a_hang() -> None:
    with Master(Echo) as master:
        master.add_worker(tags=["known"])
        (_, fine), (_, error) = sorted(master.run("a", tag="known")) + list(master.run("b", tag="unknown"))
        assert fine == "a"
        assert isinstance(error, NoWorkers)
        assert "'unknown'" in str(error)


def test_without_workers_the_result_says_so() -> None:
    with Master(Echo) as master:
        [(task_id, error)] = master.run("a")
        assert task_id == 1
        assert isinstance(error, NoWorkers)
        assert "add_worker" in str(error)


def test_a_task_may_be_for_one_worker() -> None:
    with Master(Echo) as master:
        for name in "abc":
            master.add_worker(name=name)
        assert {result[0] for _, result in master.run(*[("who",)] * 20, worker=1)} == {"b"}
        ids = master.deliver_task_to_all_workers(("who",))
        assert sorted(result[0] for task_id, result in master.run() if task_id in ids) == ["a", "b", "c"]
        with pytest.raises(ValueError, match="no worker 7"):
            master.add_task(1, worker=7)


def test_a_removed_worker_finishes_its_task_and_leaves_the_rest(gate: Gate) -> None:
    with Master(Echo) as master:
        first = master.add_worker(gate=gate, tags=["slow"])
        results = master.run(("wait", "done"), tag="slow")
        gate.wait_for_arrival()
        second = master.add_worker()
        pid = master.statistics().workers[0].pid
        assert pid is not None
        assert not master.remove_worker(first, timeout=0)
        master.add_task("other")
        gate.let_go()
        assert {result for _, result in results} == {"done", "other"}
        await_end(pid)
        assert master.workers == [second]
        with pytest.raises(ValueError, match="no worker 0"):
            master.remove_worker(first)


def test_removal_by_force(gate: Gate) -> None:
    with Master(Echo) as master:
        number = master.add_worker(gate=gate)
        results = master.run(("wait", "never"), "behind")
        gate.wait_for_arrival()
        assert master.remove_worker(number, drain=False, timeout=LIMIT)
        errors = [type(result).__name__ for _, result in sorted(results)]
        assert errors == ["TaskCancelled", "NoWorkers"]


def test_a_removal_by_force_is_no_death(gate: Gate) -> None:
    with Master(Echo) as master:
        number = master.add_worker(gate=gate)
        master.add_worker()
        results = master.run(("wait", "never"), worker=number)
        gate.wait_for_arrival()
        assert master.remove_worker(number, drain=False, timeout=LIMIT)
        assert [type(result).__name__ for _, result in results] == ["TaskCancelled"]
        assert master.statistics().deaths == 0


def test_workers_may_come_while_tasks_run(gate: Gate) -> None:
    with Master(Echo) as master:
        number = master.add_worker(gate=gate)
        master.add_task(("wait", "first"), worker=number)
        results = master.run("second")
        gate.wait_for_arrival()
        master.add_worker(name="late")
        assert next(results) == (2, "second")
        gate.let_go()
        assert list(results) == [(1, "first")]


def test_broadcast_gives_values_and_exceptions(gate: Gate) -> None:
    with Master() as master:
        master.add_worker(Echo, gate=gate)
        master.add_worker(Double)
        answers = master.broadcast("tasks", timeout=LIMIT)
        assert answers[0] == 0
        assert isinstance(answers[1], AttributeError)
        assert master.statistics().completed == 0

        def has_begun() -> bool:
            with pytest.raises(WaitTimeout, match="worker 0"):
                master.broadcast("wait", timeout=0.01)
            return gate.has_arrival()

        until(has_begun)  # a call that has not begun in time never will
        gate.let_go(64)  # another may have been sent behind the one that has
        assert master.broadcast("tasks", timeout=LIMIT)[0] == 0
    with pytest.raises(PoolClosed):
        master.broadcast("tasks")


def test_an_init_that_raises_is_told_once_and_for_all(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Master(Unable) as master:
        master.add_worker(path=str(tmp_path / "starts"))
        for argument in ("a", "b"):
            [(_, error)] = master.run(argument)
            assert isinstance(error, WorkerInitError)
            assert "worker 0 (Unable)" in str(error)
            assert isinstance(error.__cause__, LookupError)
        assert (tmp_path / "starts").read_text() == "x"
        assert master.workers == []
    assert "no such model" in caplog.text


def test_the_others_go_on_when_one_cannot_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Master() as master:
        master.add_worker(Unable, path=str(tmp_path / "starts"), tags=["one"])
        master.add_worker(Echo, tags=["two"])
        assert dict(master.run(*range(10), tag="two")).keys() == set(range(1, 11))
        [(_, error)] = master.run("a", tag="one")
        assert isinstance(error, NoWorkers)
    assert "no such model" in caplog.text


@pytest.mark.slow
def test_deaths_at_the_start_are_given_up_after_three(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Master(StillBorn) as master:
        master.add_worker(path=str(tmp_path / "a"), times=2)
        assert list(master.run("well")) == [(1, "well")]
        assert (tmp_path / "a").read_text() == "xxx"
        assert master.statistics().deaths == 2
    with Master(StillBorn) as master:
        master.add_worker(path=str(tmp_path / "b"), times=99)
        [(_, error)] = master.run("ill")
        assert isinstance(error, WorkerInitError)
        assert "3 times in a row" in str(error)
        assert (tmp_path / "b").read_text() == "xxx"
        assert master.statistics().deaths == 3
    assert "given up" in caplog.text


def test_a_worker_is_closed_when_it_ends_in_good_order(tmp_path: Path) -> None:
    with Master(Careful) as master:
        master.add_worker(path=str(tmp_path / "a"))
        assert list(master.run(1)) == [(1, 1)]
    assert (tmp_path / "a").read_text() == "closed"


def test_async_methods_run_to_their_end(tmp_path: Path) -> None:
    with Master(Later) as master:
        master.add_worker(path=str(tmp_path / "a"))
        (_, value), (_, error) = sorted(master.run("value", LookupError("on purpose")))
        assert value == "value"
        assert isinstance(error, LookupError)
        assert master.broadcast("ask", 3, timeout=LIMIT) == {0: 3}
    assert (tmp_path / "a").read_text() == "closed"


def test_a_class_that_no_module_holds_goes_by_value() -> None:
    class Local(Worker):
        def run_task(self, argument: Any) -> Any:
            return argument, "local"

    with Master(Local) as master:
        master.add_worker()
        assert list(master.run(1)) == [(1, (1, "local"))]


def test_arguments_that_do_not_pickle_are_refused_at_once() -> None:
    import threading

    with Master(Echo) as master, pytest.raises(TransferError, match="Echo or its arguments"):
        master.add_worker(name=threading.Lock())


class NoTask(Worker):
    """Has forgotten something."""


def test_a_worker_without_run_task_says_so() -> None:
    with Master(NoTask) as master:
        master.add_worker()
        [(_, error)] = master.run(1)
        assert isinstance(error, NotImplementedError)
        assert "NoTask must define run_task" in str(error)


def test_what_was_added_for_a_worker_that_has_left_does_not_hang() -> None:
    with Master(Echo) as master:
        master.add_worker()
        master.add_worker()
        master.add_task("late", worker=0)
        assert master.remove_worker(0, timeout=LIMIT)
        (first, error), (second, fine) = sorted(master.run("fine"))
        assert (first, second, fine) == (1, 2, "fine")
        assert isinstance(error, NoWorkers)
        assert "worker 0 has left" in str(error)


def test_arguments_of_any_name_reach_the_worker() -> None:
    class Named(Worker):
        def __init__(self, what: str, method: str, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.values = what, method

        def run_task(self, argument: Any) -> Any:
            return self.values

    with Master(Named, monitor=TaskMonitor()) as master:
        master.add_worker(what="a", method="b")
        assert list(master.run(1)) == [(1, ("a", "b"))]
