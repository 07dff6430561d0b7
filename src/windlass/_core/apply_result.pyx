# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""The result of one call in a pool of multiprocessing's kind, and the lane for callbacks.

Guarantees: a callback is called once, before the result counts as ready, and never beside another one of its pool;
whatever it raises is logged and the result becomes ready all the same. README.md, "Pool results", has the protocol.
"""
from libc.stdint cimport int32_t, int64_t

from windlass._core cimport guard
from windlass._core.clock cimport NEVER_NS, deadline_ns
from windlass._core.observed cimport CANCELLED, FINISHED
from windlass._core.runner cimport Runner
from windlass._core.task cimport FAILED, CoreTask

import itertools
from multiprocessing import TimeoutError as StandardTimeout
from types import GenericAlias

from windlass._core.report import report
from windlass.errors import TaskCancelled, WaitTimeout


cdef extern from "Python.h":
    unsigned long PyThread_get_thread_ident() noexcept

cdef enum:
    SWEEP_AT = 64       # places at the front of a list that are worth giving up together

cdef object numbers = itertools.count()


cdef object new_job_number():
    return next(numbers)


class ResultTimeout(WaitTimeout, StandardTimeout):
    """The result did not come within ``timeout``. Nothing is lost: ask again, or allow more time.

    It is a :class:`multiprocessing.TimeoutError` and a builtin :class:`TimeoutError`.
    """


cdef class CallbackLane:
    """The callbacks of one pool, called one at a time. Not for use from Python."""

    def __cinit__(self):
        guard.guard_init(&self.guard)
        self.waiting = []

    cdef void deliver(self, ApplyResult result) noexcept:
        cdef unsigned long me = PyThread_get_thread_ident()
        cdef bint nested
        guard.lock(&self.guard)
        nested = self.busy and self.owner == me     # a callback has run a task of its own pool
        if not nested:
            self.waiting.append(result)
            if self.busy:
                guard.unlock(&self.guard)
                return
            self.busy = True
            self.owner = me
        guard.unlock(&self.guard)
        if nested:
            _call_back(result)
        else:
            self._drain()

    cdef void _drain(self) noexcept:
        # Whoever appends under the guard finds the lane busy, or is the one that makes it so: none is left behind.
        cdef unsigned long me = PyThread_get_thread_ident()
        cdef ApplyResult result
        while True:
            guard.lock(&self.guard)
            if self.owner != me:        # a callback waited, and somebody else has taken over
                guard.unlock(&self.guard)
                return
            if self.head == len(self.waiting):
                self.busy = False
                self.owner = 0
                guard.unlock(&self.guard)
                return
            result = self.waiting[self.head]
            self.waiting[self.head] = None      # `result` holds it
            self.head += 1
            if self.head > SWEEP_AT and 2 * self.head > len(self.waiting) or self.head == len(self.waiting):
                del self.waiting[:self.head]    # each place is given up once: O(1) a result
                self.head = 0
            guard.unlock(&self.guard)
            _call_back(result)
            result = None

    cdef void step_aside(self) noexcept:
        if self.busy and self.owner == PyThread_get_thread_ident():
            self._drain()

    def hold(self) -> bool:
        """Let nobody deliver until :meth:`release`; False if somebody is at it, who will go on."""
        cdef bint held
        guard.lock(&self.guard)
        held = not self.busy
        self.busy = True
        guard.unlock(&self.guard)
        return held

    def release(self) -> bool:
        """Undo :meth:`hold`; True if results have come in that :meth:`deliver_waiting` must be called for."""
        cdef bint left
        guard.lock(&self.guard)
        left = self.head < len(self.waiting)
        self.busy = left
        guard.unlock(&self.guard)
        return left

    def deliver_waiting(self) -> None:
        """Call back for what came in during a :meth:`hold`."""
        guard.lock(&self.guard)
        self.owner = PyThread_get_thread_ident()
        guard.unlock(&self.guard)
        self._drain()

    def reset_after_fork(self) -> None:
        """In a forked child: end as cancelled what a thread of the parent was to deliver."""
        cdef ApplyResult result
        guard.guard_init(&self.guard)
        for result in self.waiting[self.head:]:
            result.observers = None
            result.phase = CANCELLED
        self.waiting = []
        self.head = 0
        if self.owner != PyThread_get_thread_ident():
            self.busy = False
            self.owner = 0


cdef void _call_back(ApplyResult result) noexcept:
    failed = result.flags & FAILED
    callback = result.error_callback if failed else result.callback
    result.callback = result.error_callback = None
    if callback is not None:
        try:
            callback(result.outcome[0] if failed else result.outcome)
        except BaseException as error:      # SystemExit too: it is the callback's, not the worker's
            report("exception in a callback of", result, error)
        callback = None
    CoreTask._end(result, FINISHED, None)


cdef class ApplyResult(CoreTask):
    """The result of one call: what ``apply_async`` returns.

    Thread safety:
        Safe on shared objects.
    """

    __class_getitem__ = classmethod(GenericAlias)
    semaphore = None    # as a Task may have

    def get(self, timeout: float | None = None) -> object:
        """Return the value of the call, waiting for it.

        Called by a worker on a pending result of its own pool, it makes the call there and then.

        Args:
            timeout: Longest wait in seconds; None for no limit, 0 or less for none.

        Raises:
            multiprocessing.TimeoutError: It did not come in time; also a builtin TimeoutError.
            PoolTerminated: ``terminate()`` dropped the call.
            BrokenPool: The pool's initializer failed.
            BaseException: Whatever the call raised.
        """
        if guard.state_load(&self.phase) != FINISHED:
            if not self.wait_until(deadline_ns(timeout, True)):
                raise ResultTimeout(f"the result has not come within {timeout} s")
            if guard.state_load(&self.phase) == CANCELLED:
                raise TaskCancelled("the call was cancelled")
        if self.flags & FAILED:
            self._raise_failure()
        return self.outcome

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the result is ready or ``timeout`` seconds have passed; None for no limit."""
        self.wait_until(deadline_ns(timeout, True))

    def ready(self) -> bool:
        """Return whether the call has ended and its callback has been called."""
        return guard.state_load(&self.phase) >= CANCELLED

    def successful(self) -> bool:
        """Return whether the call returned rather than raised.

        Raises:
            ValueError: It is not ready.
        """
        if guard.state_load(&self.phase) < CANCELLED:
            raise ValueError(f"{self!r} not ready")
        return self._success

    @property
    def _success(self):
        return guard.state_load(&self.phase) == FINISHED and not self.flags & FAILED

    @property
    def _value(self):
        # Of a call that raised, the exception, as in the standard class; None before the end.
        if guard.state_load(&self.phase) != FINISHED:
            return None
        return self.outcome[0] if self.flags & FAILED else self.outcome

    @property
    def _job(self):
        if self.job is None:
            self.job = new_job_number()
        return self.job

    cdef bint wait_until(self, int64_t deadline) except -1:
        if guard.state_load(&self.phase) >= CANCELLED:
            return True
        if self.lane is not None:
            self.lane.step_aside()
        while CoreTask.wait_until(self, deadline):
            # Not so after a call made here whose callback is for another thread to deliver: then it waits on.
            if guard.state_load(&self.phase) >= CANCELLED:
                return True
        return False

    cdef bint helps_until(self, int64_t deadline) noexcept:
        return deadline == NEVER_NS     # the call may take longer than the caller is willing to wait

    cdef bint tells_others(self) noexcept:
        return self.callback is not None or self.error_callback is not None or CoreTask.tells_others(self)

    cdef void _end(self, int32_t phase, Runner runner) noexcept:
        if phase == CANCELLED or (self.callback is None and self.error_callback is None):
            self.callback = self.error_callback = None
            CoreTask._end(self, phase, runner)
        else:
            self.lane.deliver(self)

    cdef void end_with(self, object outcome, bint failed, Runner runner) noexcept:
        if not self.claim():
            return
        self.outcome = outcome
        if failed:
            self.flags |= FAILED
        self._end(FINISHED, runner)
