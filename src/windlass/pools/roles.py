"""Whom an attendant stands between: who it works for, and where it gets tasks. A pool plays both parts, or a master."""

from collections.abc import Callable
from typing import Any, Protocol

from windlass.errors import WorkerDied
from windlass.pools.errand import Errand, Record
from windlass.pools.process_plan import ProcessPlan
from windlass.processes.host_interface import Host
from windlass.processes.settings import WorkerSettings


class Employer(Protocol):
    """Whom an attendant works for: the crew of a process pool, or a master's station."""

    failed_starts: int  # in a row

    @property
    def plan(self) -> ProcessPlan:
        """How its processes are made and how long they last."""

    @property
    def inherited(self) -> WorkerSettings | None:
        """The settings, if the processes get them at their start; None: they are sent."""

    @property
    def n_workers(self) -> int:
        """How many workers may run what this one puts back, itself included."""

    @property
    def queued(self) -> int:
        """How many tasks wait for it."""

    @property
    def closing(self) -> bool:
        """Whether a worker is to leave when it has nothing more to do."""

    @property
    def broken(self) -> BaseException | None:
        """Why there will be no more workers, if so."""

    @property
    def records(self) -> dict[Any, Record]:
        """What earlier deaths have left of tasks."""

    def recruit(self, name: str, /) -> Host | None:
        """Return a worker that is ready; None: there will be none, and who waits knows."""

    def fail_to_initialize(self, error: BaseException, /) -> None:
        """Break down for what the initializer raised."""

    def note_death(self, died: WorkerDied, /) -> None:
        """Hear of a worker's death, before its tasks go anywhere."""

    def lose_worker(self, died: WorkerDied, at_task: bool, /) -> BaseException:
        """Decide what follows from a death that nobody wanted; return what the task at fault gets, if there is one."""

    def make_broken(self, why: str, /) -> Any:
        """Return what tasks get when no worker is left for them."""

    def break_down(self, broken: Any, cause: BaseException | None = None, /) -> None:
        """Have no more workers: fail what waits."""

    def drain(self, error: Any, /) -> object:
        """Fail what waits."""

    def as_raised(self, error: BaseException, /) -> BaseException:
        """Return what a failed task is to have as its exception. Any thread may ask."""

    def grow_to_need(self) -> None:
        """Start workers for what has come back."""


class AttendantSeat(Protocol):
    """Where an attendant gets tasks and gives them back. Others may use it while its thread sleeps: see direct_seat."""

    number: int  # of the next call

    @property
    def away(self) -> dict[int, Errand]:
        """What was sent and is not answered, by the number of the call."""

    @property
    def is_orphan(self) -> bool:
        """Whether a fork has left this seat to the parent."""

    def take(self, most: int, /) -> list[Any] | None:
        """Wait for tasks; none of them: the worker has news; None: leave."""

    def take_more(self, most: int, /) -> list[Any]:
        """Return what can be had at once."""

    def taken(self) -> list[Any]:
        """Return what was taken, and neither ended nor given back."""

    def put_back(self, tasks: list[Any], /) -> None:
        """Give tasks back that were not run to their end."""

    def settle(self, task: Any, outcome: Any, failed: bool, last: bool = False, run_ns: int = 0, /) -> None:
        """End a task; ``last``: the next thing is to ask for more."""

    def serve(
        self,
        prepare: Callable[[Any, int], tuple[Any, Any]],
        outcome: Callable[[Any, bool, int], Any],
        answer_kind: int,
        /,
    ) -> None:
        """Say what makes the message for a task, what an outcome is left as, and which kind of message has a value."""

    def attach(self, host: Any, direct: bool, /) -> None:
        """Listen to a worker that is ready; ``direct``: whether others may send to it."""

    def detach(self) -> None:
        """Undo :meth:`attach`; leave nobody waiting for what has ended."""

    def pause(self) -> bool:
        """Let no other thread begin to send; return whether one might have."""

    def resume(self) -> None:
        """Undo :meth:`pause`."""

    def doom(self, task: Any, error: BaseException, /) -> bool:
        """End with ``error`` what another thread has not sent yet, any or ``task``; return whether there is such."""

    def take_left(self) -> Any:
        """Return what another thread has left to do, once; None for nothing."""

    def close(self) -> None:
        """Give everything back."""
