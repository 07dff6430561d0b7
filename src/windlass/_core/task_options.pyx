"""What few tasks have: everything beside the call, its priority and its outcome."""
from windlass._core.parker cimport Parker
from windlass._core.waitlist cimport WaitNode

from time import monotonic

from windlass._core.report import report
from windlass.errors import WaitTimeout


cdef class Gate:
    """What lets only so many tasks run at a time. Not for use from Python: see :class:`windlass.Limit`."""

    cdef bint try_enter(self, TaskOptions options) noexcept:
        return True

    cdef int enter(self, TaskOptions options) except -1:
        return 0

    cdef void leave(self, TaskOptions options) noexcept:
        pass

    cdef void drop(self, TaskOptions options) noexcept:
        pass

    cdef bint take_or_wait(self, WaitNode *node, Parker parker) noexcept:
        return True

    cdef bint is_waiting(self, WaitNode *node) noexcept:
        return False

    cdef bint withdraw(self, WaitNode *node) noexcept:
        return True

    cdef void give_back(self) noexcept:
        pass

    cdef void hand_over(self, TaskOptions options) noexcept:
        pass


cdef class TaskOptions:
    """The rarely used parameters of a task. Not for use from Python."""

    def __cinit__(self):
        self.store_return = True

    @property
    def semaphore(self):
        return self._semaphore

    @semaphore.setter
    def semaphore(self, semaphore):
        self._semaphore = semaphore
        self.gate = semaphore if isinstance(semaphore, Gate) else None

    cdef object run(self, object fn, object args, object kwargs, object task):
        """Call ``fn`` under the options; return what the task keeps."""
        if self.gate is not None and self.standing != INSIDE:
            self.gate.enter(self)       # run by somebody else than a worker that took it; its end leaves
        if self.on_start is not None:
            self.on_start(task)
        if self.deadline is not None and monotonic() > self.deadline:
            raise WaitTimeout("the deadline passed before the task started")
        if self._semaphore is None or self.gate is not None:
            return self.kept_of(fn(*args, **kwargs), task)
        self._semaphore.acquire()
        try:
            return self.kept_of(fn(*args, **kwargs), task)
        finally:
            self._semaphore.release()

    cdef object kept_of(self, object value, object task):
        if self.callback_func is not None:
            try:
                self.callback_func(value)
            except BaseException as error:      # the call itself succeeded, and its value stands
                report("exception in the callback_func of", task, error)
        return value if self.store_return else None

    cdef void leave(self) noexcept:
        if self.gate is not None:
            self.gate.leave(self)
