"""The seat of a thread that has its tasks run elsewhere. README.md, "Crew"."""
from cpython.object cimport PyObject

from windlass._core.roster cimport Seat
from windlass._core.task cimport CoreTask
from windlass._core.worker_loop cimport WorkerLoop

cdef enum:
    # What rest_here() answers.
    LEAVE = 0
    LOOK = 1        # there may be something in the queue
    NEWS = 2        # the worker process has news


cdef class RemoteSeat(Seat):
    cdef WorkerLoop crew
    cdef PyObject *previous     # the runner of this thread before it sat down
    cdef readonly dict away         # what was sent and is not answered, by the number of the call
    cdef public object number       # of the next call

    cdef int rest_here(self) except -1      # what take() does when there is nothing; LEAVE...
    cdef int _take_over(self, CoreTask task) except -1
    cdef list _pop(self, Py_ssize_t most, bint may_leave)
    cdef int _hand_over(self, CoreTask task) except -1
    cdef void _account(self, CoreTask task) noexcept
