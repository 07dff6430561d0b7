# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""One call and what became of it, for whoever asks. What happens to it is in task.pyx."""
from windlass._core cimport guard
from windlass._core.lifting cimport limit_of
from windlass._core.observed cimport CANCELLED, FINISHED, PENDING, Observed
from windlass._core.runner cimport Home
from windlass._core.task_options cimport Gate, TaskOptions


cdef class CallRecord(Observed):
    """What is known of a task. Not for use from Python: see :class:`windlass.Task`."""

    @property
    def priority(self) -> int | float:
        """The priority it was made with; lower runs first."""
        return self._priority

    @property
    def worker(self) -> object:
        """The worker that runs or ran it, a :class:`threading.Thread`; None before, or if no worker did."""
        return None if isinstance(self.place, Home) else self.place

    @property
    def fn(self) -> object:
        """What is called; None once the task has ended."""
        return self._part(0)

    @property
    def args(self) -> tuple | None:
        """The positional arguments; None once the task has ended."""
        return self._part(1)

    @property
    def kwargs(self) -> dict | None:
        """The keyword arguments; None once the task has ended."""
        kwargs = self._part(2)
        return {} if kwargs is None and self._part(1) is not None else kwargs

    def _part(self, int which):
        # Under the guard: without a GIL, _end may give these up at this very moment.
        guard.lock(&self.guard)
        part = self._fn if which == 0 else self._args if which == 1 else self._kwargs
        guard.unlock(&self.guard)
        return part

    @property
    def wait_time(self) -> float | None:
        """Seconds from submit to start, or None while it has not started."""
        return None if guard.state_load(&self.phase) in (PENDING, CANCELLED) or self.wait_ns < 0 else self.wait_ns / 1e9

    @property
    def run_time(self) -> float | None:
        """Seconds that the call took, or None before its end."""
        return None if guard.state_load(&self.phase) != FINISHED or self.mark_ns < 0 else self.mark_ns / 1e9

    @property
    def _options(self):
        return self.extras

    @_options.setter
    def _options(self, options):
        self.extras = options

    @property
    def _inject_task(self):
        return True if self.flags & INJECT_ALWAYS else False if self.flags & INJECT_NEVER else None

    cdef Gate next_gate(self):
        cdef TaskOptions options
        if self.extras is not None:
            options = self.extras
            if options._semaphore is not None:
                return options.gate
        guard.lock(&self.guard)     # as in _part()
        fn = self._fn
        guard.unlock(&self.guard)
        return limit_of(fn)
