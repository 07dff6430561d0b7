"""How long a worker's tasks take, and so how many of them it is sent ahead."""

from typing import Final

from windlass._core.remote_seat import MOST

# A worker is sent what it does in about this long, so that it does not wait for more; and nothing beforehand if its
# tasks take longer than SHORT_NS.
AHEAD_NS: Final = 2_000_000
SHORT_NS: Final = 1_000_000
# What waits behind a task that has taken this long is taken back for the other workers.
TAKE_BACK_NS: Final = 5_000_000

WEIGHT: Final = 0.25  # of the newest run time in the moving mean


class Pace:
    """A moving mean of run times.

    Thread safety:
        Safe on distinct objects.
    """

    __slots__ = ("_mean_ns",)

    def __init__(self) -> None:
        self._mean_ns: float | None = None

    def note(self, run_ns: float) -> None:
        """Add the run time of a task that has ended."""
        mean = self._mean_ns
        self._mean_ns = run_ns if mean is None else mean + WEIGHT * (run_ns - mean)

    def begin_again(self, run_ns: float) -> None:
        """Forget the mean for one task that is far above it."""
        self._mean_ns = run_ns

    @property
    def window(self) -> int:
        """Most tasks to be with the worker at a time."""
        if self._mean_ns is None or self._mean_ns > SHORT_NS:
            return 1
        return min(MOST, int(AHEAD_NS / max(self._mean_ns, 1)) + 1)
