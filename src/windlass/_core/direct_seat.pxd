"""A remote seat that others may use while its thread sleeps. README.md, "Direct calls"."""
from libc.stdint cimport int64_t, uint64_t

from windlass._core.bell cimport Bell
from windlass._core.remote_seat cimport RemoteSeat
from windlass._core.task cimport CoreTask


cdef class DirectSeat(RemoteSeat):
    cdef Bell bell
    cdef object prepare         # task, number -> what is away, and the message
    cdef int answer_kind        # of the messages that bring a value
    cdef char *room             # where an answer is looked at
    cdef object outcome         # value or exception, whether failed, nanoseconds -> what is left to this thread
    cdef object left            # None, or what this thread is to do: send a message or its rest, or end what is away
    # ---- Guarded by the store's guard.
    cdef object verdict         # None, or the exception that is to end what is carried before it is sent
    cdef CoreTask lent          # sent by its submitter; its answer will wake this thread, or whoever waits for it
    cdef bint wanted            # this thread waits for the one that drives
    cdef int64_t since_ns       # when it was last used

    cdef int _withdraw(self, CoreTask task) except -1
    cdef object _put_down(self)
    cdef int _settle_doomed(self, CoreTask task, error) except -1
    cdef bint _is_of(self, CoreTask task) except -1
    cdef bint _send(self, bytes message) noexcept
    cdef void _release(self, CoreTask lent) noexcept
    cdef bint _free_lock_held(self) noexcept
    cdef bint _may_go(self) noexcept
    cdef Py_ssize_t _await_answer(self, int64_t deadline) except -1
    cdef object _decode(self, Py_ssize_t size, bint *failed)
