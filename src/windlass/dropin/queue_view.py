"""What code that looks into a drop-in executor or pool finds in the place of its queue."""

from windlass.pools.crew import ThreadCrew


class QueueView:
    """The calls that wait for the workers of a crew.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self, crew: ThreadCrew) -> None:
        self._crew = crew

    def qsize(self) -> int:
        """Return how many calls wait now."""
        return int(self._crew.queued)

    def empty(self) -> bool:
        """Return whether none waits."""
        return self.qsize() == 0
