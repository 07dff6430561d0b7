"""The result of one call in a pool of multiprocessing's kind, and the lane for callbacks. README.md, "Pool results"."""
from windlass._core.guard cimport Guard
from windlass._core.runner cimport Runner
from windlass._core.task cimport CoreTask


# The callbacks of one pool, called one after the other by whichever thread comes first.
cdef class CallbackLane:
    # ---- Guarded by `guard`.
    cdef Guard guard
    cdef list waiting           # results whose call has ended and whose callback is to come, from `head` on
    cdef Py_ssize_t head
    cdef bint busy              # somebody delivers, or will
    cdef unsigned long owner    # the thread that delivers; 0: none as yet

    cdef void deliver(self, ApplyResult result) noexcept    # call back and end it, now or by who is at it already
    cdef void step_aside(self) noexcept         # this thread is about to wait: let others deliver meanwhile
    cdef void _drain(self) noexcept


cdef class ApplyResult(CoreTask):
    cdef object __weakref__
    cdef dict __dict__
    cdef CallbackLane lane
    cdef object callback        # None, or for a value; given up before the end
    cdef object error_callback  # None, or for an exception
    cdef object job             # its number, once somebody has asked

    cdef void end_with(self, object outcome, bint failed, Runner runner) noexcept   # where it makes no call of its own


cdef object new_job_number()        # as the standard library numbers its results
