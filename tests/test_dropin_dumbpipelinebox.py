"""The older names and habits of DumbPipelineBox that its document does not show."""

from importlib import import_module
from typing import Any

import pytest

from windlass import TaskMonitor, WorkloadCounter, WorkloadMaxCounter
from windlass.dropin.dumbpipelinebox import AbstractTaskMonitor, Master, Worker

HOME = "windlass.dropin.dumbpipelinebox"


class Named(Worker):
    """Takes parameters that have other meanings in windlass."""

    def __init__(self, name: str = "", cls: str = "", tags: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.names = name, cls, tags

    def run_task(self, argument: Any) -> Any:
        """Return both."""
        return self.names, argument


@pytest.mark.parametrize(
    ("module", "name", "kind"),
    [
        ("worker", "Worker", Worker),
        ("master", "Master", Master),
        ("task_monitor", "AbstractTaskMonitor", TaskMonitor),
        ("task_monitor", "MaxTaskCounter", WorkloadMaxCounter),
        ("monitors", "WorkloadCounter", WorkloadCounter),
        ("monitors.workload_counter", "WorkloadCounter", WorkloadCounter),
        ("monitors.workload_max_counter", "WorkloadMaxCounter", WorkloadMaxCounter),
    ],
)
def test_modules_and_names(module: str, name: str, kind: type) -> None:
    assert getattr(import_module(f"{HOME}.{module}"), name) is kind
    assert AbstractTaskMonitor is TaskMonitor


def test_all_keywords_are_the_workers() -> None:
    with Master(Named) as master:
        master.add_worker(name="a", cls="b", tags="c", verbose=False, task_event_timeout=0.25)
        assert list(master.run(1)) == [(1, (("a", "b", "c"), 1))]


def test_tasks_are_delivered_as_pairs() -> None:
    with Master(Named) as master:
        master.add_worker(name="a")
        master.add_worker(name="b")
        master.deliver_task_to_all_workers((-7, "all"))
        master.deliver_task_to_worker(1, (-8, "one"))
        found = [(task_id, names[0], argument) for task_id, (names, argument) in master.run()]
        assert sorted(found) == [(-8, "b", "one"), (-7, "a", "all"), (-7, "b", "all")]


def test_an_idle_worker_is_found_or_not() -> None:
    with Master(Named) as master:
        assert not master.deliver_task_to_idle_worker((5, "x"))
        master.add_worker(name="a")
        master.broadcast("run_task", None, timeout=20)
        assert master.deliver_task_to_idle_worker((5, "x"))
        assert list(master.run()) == [(5, (("a", "", ""), "x"))]


def test_halt_may_be_delivered() -> None:
    master = Master(Named)
    for _ in range(2):
        master.add_worker()
    master.deliver_task_to_all_workers((-1, Worker.Halt()))
    assert repr(Worker.Halt()) == "<WorkerHalt>"
    master.join_all_workers()
    assert master.workers == []
    master.terminate_all_workers()


def test_ctrl_c_ends_at_the_block() -> None:
    with Master(Named) as master:
        master.add_worker()
        raise KeyboardInterrupt
    assert master.workers == []
    with pytest.raises(ValueError, match="others"), Master(Named) as master:
        raise ValueError("others")
