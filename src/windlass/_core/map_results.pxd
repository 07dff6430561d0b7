"""The results of ``Executor.map``, in order."""
from libc.stdint cimport int64_t


cdef class MapResults:
    cdef list pending           # futures, the next one last
    cdef object more            # None, or a callable that submits the next call: a future, or None if there is none
    cdef int64_t deadline_ns    # when next() gives up
    cdef bint survives          # an error is given out and the rest goes on, as from Python 3.16
    cdef bint begun             # an iterator that nobody has begun on cancels nothing when it is dropped

    cdef object result_of(self, object future)
    cdef int refill(self) except -1
