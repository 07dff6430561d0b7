"""What few tasks have: everything beside the call, its priority and its outcome."""
from time import monotonic

from windlass._core.report import report
from windlass.errors import WaitTimeout


cdef class TaskOptions:
    """The rarely used parameters of a task. Not for use from Python."""

    def __cinit__(self):
        self.store_return = True

    cdef object run(self, object fn, object args, object kwargs, object task):
        """Call ``fn`` under the options; return what the task keeps."""
        if self.deadline is not None and monotonic() > self.deadline:
            raise WaitTimeout("the deadline passed before the task started")
        if self.semaphore is None:
            return self._call(fn, args, kwargs, task)
        self.semaphore.acquire()
        try:
            return self._call(fn, args, kwargs, task)
        finally:
            self.semaphore.release()

    def _call(self, fn, args, kwargs, task):
        value = fn(*args, **kwargs)
        if self.callback_func is not None:
            try:
                self.callback_func(value)
            except BaseException as error:      # the call itself succeeded, and its value stands
                report("exception in the callback_func of", task, error)
        return value if self.store_return else None
