"""What a pool has done so far."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolStatistics:
    """A pool's counts and times as of one moment. Times are in seconds.

    Attributes:
        workers: Threads serving or starting.
        idle_workers: Those that sleep.
        queued: Tasks that wait.
        running: Tasks being run.
        submitted: Tasks accepted so far.
        done: Tasks that returned.
        failed: Tasks that raised.
        cancelled: Tasks cancelled before they started.
        wait_total: Time from submit to start, over all tasks that ended.
        wait_max: The longest such time.
        run_total: Time in calls, over all tasks that ended.
        run_max: The longest such time.
    """

    workers: int
    idle_workers: int
    queued: int
    running: int
    submitted: int
    done: int
    failed: int
    cancelled: int
    wait_total: float
    wait_max: float
    run_total: float
    run_max: float

    @property
    def wait_mean(self) -> float:
        """Mean time from submit to start."""
        return self.wait_total / max(1, self.done + self.failed)

    @property
    def run_mean(self) -> float:
        """Mean time of a call."""
        return self.run_total / max(1, self.done + self.failed)
