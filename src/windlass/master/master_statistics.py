"""What a master has done so far."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from windlass.master.hub import Hub


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    """One worker.

    Attributes:
        number: Its number.
        class_name: Its class.
        tags: Its tags, sorted.
        pid: Its process; None while that starts.
        state: ``"starting"``, ``"idle"``, ``"busy"`` or ``"leaving"``.
        tasks: How many tasks it has ended.
        deaths: How many of its processes have died.
    """

    number: int
    class_name: str
    tags: tuple[str, ...]
    pid: int | None
    state: str
    tasks: int
    deaths: int


@dataclass(frozen=True, slots=True)
class MasterStatistics:
    """Counts as of one moment.

    Attributes:
        workers: The workers there are, by number.
        waiting: Tasks that no worker has.
        running: Tasks that workers have; a worker has several if they are short.
        added: Tasks added so far.
        completed: Tasks whose ``run_task`` returned.
        failed: Tasks that have an exception as their result.
        timeouts: Of these, those that ran too long.
        retried: How often a task was tried again.
        deaths: How many processes have died, beside those of workers that were removed or halted by force.
    """

    workers: tuple[WorkerFigures, ...]
    waiting: int
    running: int
    added: int
    completed: int
    failed: int
    timeouts: int
    retried: int
    deaths: int


def statistics_of(hub: "Hub") -> MasterStatistics:
    """Return what a hub counts, as of one moment."""
    hub.sweep()
    with hub.lock:
        stations = [station for _, station in sorted(hub.stations.items())]
        workers = [
            WorkerFigures(one.number, one.what, tuple(sorted(one.tags)), one.pid, one.state, one.ended, one.deaths)
            for one in stations
        ]
        waiting = len(hub.agenda) + len(hub.unowned) + sum(len(one.mailbox) for one in stations)
        return MasterStatistics(
            tuple(workers),
            waiting,
            hub.running,
            hub.added,
            hub.completed,
            hub.failed,
            hub.timeouts,
            hub.retried,
            hub.deaths,
        )
