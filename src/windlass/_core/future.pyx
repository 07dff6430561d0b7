# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""A task with the states of a standard future, for code written for ``concurrent.futures``.

Two things differ from a task of windlass's own pools. A cancel is one more step: CANCELLED at once, for ``result()``,
callbacks and whoever asks; CANCELLED_AND_NOTIFIED, for ``wait()`` and ``as_completed()``, when the executor drops the
call. And it raises the standard exceptions themselves, since asyncio translates them by identity.
"""
from libc.stdint cimport int64_t

from windlass._core cimport guard
from windlass._core.clock cimport NEVER_NS, deadline_ns
from windlass._core.observed cimport CANCELLED, FINISHED, PENDING, RUNNING
from windlass._core.task cimport FAILED, INJECT_NEVER, CoreTask
from windlass._core.watcher cimport Watcher

from concurrent.futures import CancelledError


cdef class CoreFuture(CoreTask):
    """The compiled half of :class:`windlass.dropin.futures.Future`."""

    semaphore = None    # as a Task may have

    def __cinit__(self):
        self.flags = INJECT_NEVER
        self.mark_ns = self.wait_ns = -1

    def set_running_or_notify_cancel(self) -> bool:
        """Claim the call for an executor of one's own: False if it was cancelled, whose waiters are told now.

        Raises:
            RuntimeError: It is running, has finished, or its cancel was noticed before.
        """
        if self.claim_by_hand():
            return True
        if self.notice():
            return False
        raise RuntimeError("Future in unexpected state")

    cdef void on_dropped(self) noexcept:
        self.notice()

    cdef bint helps_until(self, int64_t deadline) noexcept:
        return deadline == NEVER_NS     # the call may take longer than the caller is willing to wait

    cdef void forget(self) noexcept:
        CoreTask.forget(self)
        self.noticed = True

    cdef bint notice(self) noexcept:
        cdef bint first, standard
        # Under the guard, as _touch_standard(): either it comes before, and the waiters are told here; or whoever
        # touched the waiters sees `noticed`.
        guard.lock(&self.guard)
        first = guard.state_load(&self.phase) == CANCELLED and not self.noticed
        if first:
            self.noticed = True
            self.untold = self.standard
        standard = self.standard
        guard.unlock(&self.guard)
        if first and standard:
            self.tell_standard()
        return first

    cdef int _wait_for_end(self, object timeout) except -1:
        if not self.wait_until(deadline_ns(timeout, True)):
            raise TimeoutError()
        if guard.state_load(&self.phase) == CANCELLED:
            raise CancelledError()
        return 0

    @property
    def _state(self):
        phase = guard.state_load(&self.phase)
        if phase == CANCELLED:
            return "CANCELLED_AND_NOTIFIED" if self.noticed and not self.untold else "CANCELLED"
        return "PENDING" if phase == PENDING else "RUNNING" if phase == RUNNING or self.untold else "FINISHED"

    @property
    def _is_noticed(self):
        return bool(self.noticed)

    @_state.setter
    def _state(self, str state not None):
        # Tests put futures into a state by hand, then set the outcome, and expect those who wait to wake.
        self.noticed = state == "CANCELLED_AND_NOTIFIED"
        self._restore("CANCELLED" if self.noticed else state, self.outcome, self.flags & FAILED)

    @property
    def _done_callbacks(self):
        # Those to be called; changing the list changes nothing.
        guard.lock(&self.guard)
        observers = self.observers
        guard.unlock(&self.guard)
        several = observers if type(observers) is list else [observers]
        return [one for one in several if one is not None and not isinstance(one, Watcher)]

    def _invoke_callbacks(self):
        # For subclasses that end by hand, as _state.
        self._wake_if_ended()

    @property
    def _result(self):
        return None if self.flags & FAILED or guard.state_load(&self.phase) != FINISHED else self.outcome

    @_result.setter
    def _result(self, result):
        if not self.flags & FAILED:
            self.outcome = result
            self._wake_if_ended()

    @property
    def _exception(self):
        if self.flags & FAILED and guard.state_load(&self.phase) == FINISHED:
            return self.outcome[0]
        return None

    @_exception.setter
    def _exception(self, error):
        if error is not None:
            self.outcome = (error, None)
            self.flags |= FAILED
            self._wake_if_ended()
        elif self.flags & FAILED:
            self.outcome = None
            self.flags &= ~FAILED

    cdef void _wake_if_ended(self) noexcept:
        if guard.state_load(&self.phase) >= CANCELLED:
            self.publish(self.phase, None)
