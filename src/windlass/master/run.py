"""What a run is owed, and has been given."""

from collections import deque
from threading import Lock
from typing import Any

# Position in the run, task id, result, whether it was an argument of the run itself.
Arrived = tuple[int, int, Any, bool]


class Run:
    """The inner half of an iteration over results: where the workers' attendants put them.

    The hub's lock guards ``owed``, ``open`` and ``is_awaited``, and the filling of ``arrived``, which is emptied by the
    one thread that iterates.
    """

    def __init__(self) -> None:
        self.arrived: deque[Arrived] = deque()
        self.owed = 0  # calls that have not ended
        self.added = 0
        self.open = True
        self.is_awaited = False  # who iterates sleeps, or is about to: ring when something has changed
        self._bell = Lock()  # released: something has changed since the last look
        self._bell.acquire()

    def ring(self) -> None:
        """Wake who iterates."""
        try:
            self._bell.release()
        except RuntimeError:  # it was not locked: the last ring has not been heard yet
            pass

    def wait(self) -> None:
        """Sleep until a ring; one that came since the last wait counts."""
        self._bell.acquire()
        self.is_awaited = False
