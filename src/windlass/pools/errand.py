"""A task that is away in a worker process, and what its death there means."""

from typing import Any

from windlass._core.chunk_stream import Failure, run_chunk
from windlass._core.interrupts import is_interrupt
from windlass._core.limit import Limit
from windlass._core.report import report
from windlass.processes import messages
from windlass.processes.messages import Outcome
from windlass.processes.transfer import CALL_NOT_PICKLED, transfer_error
from windlass.task import Task

# So many workers that died before they began a task, which was next: the task is to blame.
MOST_UNBEGUN = 5


class Record:
    """What earlier deaths have left of a task.

    Attributes:
        crashes: How many workers went down, by the item of the chunk; key 0 for a task that is one call.
        failures: The items of a chunk that are not to be tried again.
        unbegun: How many workers died while it was the next that they would have begun.
    """

    __slots__ = ("crashes", "failures", "unbegun")

    def __init__(self) -> None:
        self.crashes: dict[int, int] = {}
        self.failures: dict[int, Failure] = {}
        self.unbegun = 0


class Errand:
    """One task on its way, once: a chunk that lost a worker goes again without the item that was to blame."""

    __slots__ = ("failures", "is_chunk", "limit_ns", "positions", "task", "verdict")

    def __init__(self, task: Task[Any], limit_ns: int, record: Record | None) -> None:
        self.task = task
        self.limit_ns = limit_ns  # 0: none
        self.verdict: BaseException | None = None  # why it is not to be run to its end
        self.is_chunk = task.fn is run_chunk
        self.failures: dict[int, Failure] = dict(record.failures) if record is not None else {}
        self.positions: list[int] | None = None  # of the items that were sent; None: all

    def encode(self, number: int) -> messages.Encoded | Outcome:
        """Return the message, or the outcome if there is nothing to send.

        That is so if its verdict is known, if it does not pickle, or if no item is left.
        """
        task = self.task
        if self.verdict is not None:
            return Outcome(*self.failed(self.verdict), 0)
        try:
            if not self.is_chunk:
                return messages.encode_call(number, task.fn, task.args, task.kwargs)
            fn, items = task.args  # type: ignore[misc]
            positions: Any = range(len(items))
            if self.failures:
                positions = [at for at in positions if at not in self.failures]
                items = [items[at] for at in positions]
            encoded, refused = messages.encode_chunk(number, fn, items)
        except BaseException as error:  # SystemExit too: it is the object's
            if is_interrupt(error):  # the user's, on the thread that submits
                raise
            return Outcome(*self.failed(transfer_error(CALL_NOT_PICKLED, error)), 0)
        if self.failures or refused:
            self.failures.update((positions[at], failure) for at, failure in refused.items())
            self.positions = [at for at in positions if at not in self.failures]
            return encoded if self.positions else Outcome(*self.finished(Outcome([], False, 0)), 0)
        return encoded

    def position_of(self, item: int) -> int:
        """Return which item of the chunk a worker means by its number."""
        if not self.is_chunk:
            return 0
        return item if self.positions is None else self.positions[item]

    def finished(self, outcome: Outcome) -> tuple[Any, bool]:
        """Return what the task's outcome is to be, and whether it failed."""
        if not self.is_chunk:
            return outcome.value, outcome.failed
        n = len(self.task.args[1])  # type: ignore[index]
        if outcome.failed:  # of the chunk as a whole: each of its items hears of it
            return [self.failures.get(at) or Failure(outcome.value) for at in range(n)], False
        if not self.failures:
            return outcome.value, False
        came = iter(outcome.value)
        return [self.failures.get(at) or next(came) for at in range(n)], False

    def failed(self, error: BaseException) -> tuple[Any, bool]:
        """Return the outcome of a task that fails as a whole."""
        return self.finished(Outcome(error, True, 0))


def limit_ns_of(task: Task[Any], default: float | None) -> int:
    """Return how long the task may run, 0 for no limit. ``default`` in seconds, for one that has none of its own."""
    options = task._options
    limit = options.task_timeout if options is not None else None
    if limit is None:
        limit = default
    return 0 if limit is None else max(1, int(limit * 1e9))


def keep_record(records: dict[Task[Any], Record], task: Task[Any], record: Record) -> None:
    """Note what a death has left of a task; forget tasks that have ended meanwhile without another try."""
    for ended in [one for one in records.copy() if one.done()]:
        records.pop(ended, None)
    records[task] = record


def take_unbegun(away: dict[int, Errand], records: dict[Task[Any], Record]) -> Errand | None:
    """Of what is away in a worker that died at nothing, take out the next call if it is to blame, or return None.

    Otherwise a call that cannot even be received would go to one worker after another.
    """
    number = min(away, default=None)
    if number is None or away[number].verdict is not None:
        return None
    task = away[number].task
    record = records.get(task) or Record()
    record.unbegun += 1
    keep_record(records, task, record)
    return away.pop(number) if record.unbegun >= MOST_UNBEGUN else None


def holds_up(task: Task[Any]) -> bool:
    """Return whether the attendant has to acquire the task's semaphore. The seat takes and gives slots of a Limit."""
    return task.semaphore is not None and not isinstance(task.semaphore, Limit)


def release_semaphore(task: Task[Any]) -> None:
    """Release what the attendant has acquired for the task."""
    if holds_up(task):
        try:
            task.semaphore.release()
        except BaseException as error:  # the user's object: the worker is not to suffer
            report("exception in the semaphore of", task, error)
