"""What a worker does: take, run, settle, rest. README.md, "Crew"."""
from windlass._core.crew cimport Crew
from windlass._core.roster cimport Seat


cdef class WorkerLoop(Crew):
    cdef int _loop(self, Seat seat) except -1   # until the crew lets the worker go
    cdef bint _rest(self, Seat seat) except -1  # False: leave for good
