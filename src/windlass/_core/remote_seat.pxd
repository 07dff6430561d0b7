"""The seat of a thread that has its tasks run elsewhere. README.md, "Crew"."""
from cpython.object cimport PyObject

from windlass._core.crew cimport Seat
from windlass._core.task cimport CoreTask
from windlass._core.worker_loop cimport WorkerLoop


cdef class RemoteSeat(Seat):
    cdef WorkerLoop crew
    cdef PyObject *previous     # the runner of this thread before it sat down

    cdef list _pop(self, Py_ssize_t most, bint may_leave)
    cdef int _hand_over(self, CoreTask task) except -1
    cdef void _account(self, CoreTask task) noexcept
