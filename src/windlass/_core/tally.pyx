"""What has become of a crew's tasks: counts and times, kept as they end."""
from windlass._core.observed cimport CANCELLED
from windlass._core.runner cimport Home
from windlass._core.task cimport FAILED, CoreTask


cdef tuple as_tuple(const Figures *figures):
    return (
        figures.running,
        figures.submitted,
        figures.done,
        figures.failed,
        figures.cancelled,
        figures.wait_total_ns / 1e9,
        figures.wait_max_ns / 1e9,
        figures.run_total_ns / 1e9,
        figures.run_max_ns / 1e9,
    )


cdef class Tally(Home):
    """Counts and times of tasks. Not for use from Python: see :class:`windlass.PoolStatistics`."""

    @property
    def running(self) -> int:
        """Tasks being run."""
        return self.figures.running

    cdef void note_end(self, CoreTask task) noexcept:
        self.figures.running -= 1
        if task.phase == CANCELLED:
            self.figures.cancelled += 1
            return
        if task.flags & FAILED:
            self.figures.failed += 1
        else:
            self.figures.done += 1
        if task.wait_ns < 0:
            return      # ended by hand: it has no times
        self.figures.wait_total_ns += task.wait_ns
        self.figures.run_total_ns += task.mark_ns
        if task.wait_ns > self.figures.wait_max_ns:
            self.figures.wait_max_ns = task.wait_ns
        if task.mark_ns > self.figures.run_max_ns:
            self.figures.run_max_ns = task.mark_ns
