"""A back-end of a master's own need provide no more than the protocols name."""

import signal
from typing import Any

from master_workers import LIMIT, Echo
from process_calls import die, hang
from windlass import Master, TaskTimeout
from windlass.master.backend import LocalProcesses
from windlass.processes.host_interface import Host, Page


class Only:
    """An object of which nothing can be used but what a protocol names."""

    def __init__(self, whole: object, protocol: type) -> None:
        self._whole, self._protocol = whole, protocol

    def __getattr__(self, name: str) -> Any:
        if name not in vars(self._protocol):
            raise AttributeError(f"{name} is not in {self._protocol.__name__}")
        part = getattr(self._whole, name)
        return Only(part, Page) if name == "page" else part


class Elsewhere:
    """A place for workers that is not windlass's own, as far as a master can see."""

    def __init__(self) -> None:
        self._here = LocalProcesses()
        self.started = 0

    def start_worker(self, name: str) -> Any:
        """Start one."""
        self.started += 1
        return Only(self._here.start_worker(name), Host)


def test_a_back_end_needs_only_what_the_protocols_name() -> None:
    place = Elsewhere()
    with Master(Echo, on_crash="retry", max_crashes=2, max_tasks_per_worker=40, backend=place) as master:
        for name in "ab":
            master.add_worker(name=name)
        assert sorted(result for _, result in master.run(*range(50))) == list(range(50))
        assert set(master.broadcast("tasks", timeout=LIMIT)) == {0, 1}
        ((_, outcome),) = master.run(("call", hang), timeout=0.2)
        assert isinstance(outcome, TaskTimeout)
        ((_, outcome),) = master.run(("call", die, signal.SIGKILL))
        assert "took down 2 workers" in str(outcome)
        assert [result for _, result in master.run("after")] == ["after"]
        assert master.remove_worker(0, timeout=LIMIT)
        assert master.statistics().deaths == 3
    assert place.started >= 2 + 3
