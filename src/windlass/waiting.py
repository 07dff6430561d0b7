"""Waiting for several tasks: what ``as_completed`` and ``wait`` are made of."""

from collections.abc import Iterator
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION
from functools import partial
from time import monotonic
from typing import Any

from windlass._core.watcher import CompletionStream
from windlass._core.watching import help_one, stop_watching, watch


class Ends:
    """The ends of tasks, as they come.

    A worker that waits for all of them runs those of its own pool that are still pending. One that waits for the first
    ends does so only when every other worker waits too: the task it picked might wait for what follows the first end.

    Args:
        tasks: What to watch. The caller may take those out that it needs no more.
        all_of_them: Whether the caller needs them all before it goes on.
        end: When the caller gives up, by ``time.monotonic()``; None for never.
    """

    # Whether to help in spite of a time limit, however long it takes.
    helps_beyond_limit = True

    def __init__(self, tasks: set[Any], all_of_them: bool, end: float | None) -> None:
        self._tasks = tasks
        self._stream = CompletionStream()
        helps = self.helps_beyond_limit or end is None
        if helps and not all_of_them:
            self._stream.help = partial(help_one, tasks)
        # A list of their own for those that had ended before: nobody will report them.
        left = None if end is None else end - monotonic()
        self._early = watch(tasks, self._stream, helps and all_of_them, left)

    def take(self, end: float | None, wanted: int) -> list[Any]:
        """Wait for tasks to end.

        Args:
            end: When to give up, by ``time.monotonic()``; None for never.
            wanted: How many to wait for.

        Returns:
            All that ended since the last call, in order; fewer than ``wanted`` if the time was over.
        """
        ended = self._counted(self._early)
        self._early = []
        while len(ended) < wanted:
            new = self._stream.take(None if end is None else end - monotonic(), wanted - len(ended))
            if not new:
                break
            ended += self._counted(new)
        return ended

    def _counted(self, ended: list[Any]) -> list[Any]:
        """Return those of ``ended`` that count as ended now."""
        return ended

    def close(self) -> None:
        """Leave no trace on the tasks."""
        stop_watching(self._tasks, self._stream)


def each_as_it_ends(
    kind: type[Ends], pending: set[Any], timeout: float | None, error: type[Exception]
) -> Iterator[Any]:
    """Yield the tasks as they end; raise ``error`` if they have not all ended ``timeout`` seconds from now."""
    end = None if timeout is None else monotonic() + timeout
    total = len(pending)
    ends = kind(pending, False, end)
    try:
        while pending:
            ended = ends.take(end, 1)
            if not ended:
                raise error(f"{len(pending)} (of {total}) futures unfinished")
            ended.reverse()
            while ended:
                pending.discard(ended[-1])
                yield ended.pop()  # no name here holds it: a yielded task is free to die
    finally:
        ends.close()


def done_and_not_done(
    kind: type[Ends], pending: set[Any], timeout: float | None, return_when: str
) -> tuple[set[Any], set[Any]]:
    """Wait as long as ``return_when`` says, at most ``timeout`` seconds; return who has ended and who has not."""
    if return_when not in (ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION):
        raise ValueError(f"return_when must be ALL_COMPLETED, FIRST_COMPLETED or FIRST_EXCEPTION, not {return_when!r}")
    end = None if timeout is None else monotonic() + timeout
    done: set[Any] = set()
    ends = kind(pending, return_when == ALL_COMPLETED, end)
    wanted = 0
    try:
        while True:
            ended = ends.take(end, wanted)
            pending.difference_update(ended)
            done.update(ended)
            if len(ended) < wanted or not pending or (return_when == FIRST_COMPLETED and done):
                break
            if return_when == FIRST_EXCEPTION and any(_failed(task) for task in ended):
                break
            wanted = len(pending) if return_when == ALL_COMPLETED else 1
    finally:  # Ctrl-C too
        ends.close()
    return done, pending


def _failed(task: Any) -> bool:
    return not task.cancelled() and task.exception() is not None
