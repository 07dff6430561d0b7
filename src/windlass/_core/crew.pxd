"""A crew: the workers of one pool and their queue. README.md, "Crew"."""
from libc.stdint cimport int32_t, int64_t

from windlass._core.priority_key cimport PriorityKey
from windlass._core.roster cimport Roster
from windlass._core.task cimport CoreTask

cdef enum:
    # What offer() answers.
    TAKEN = 0
    FULL = 1
    CLOSED = 2
    GATED = 3           # wait_completion(block=True) is under way
    NO_MEMORY = 4


cdef class Crew(Roster):
    cdef object __weakref__
    cdef int64_t idle_timeout_ns        # an idle worker above min_workers leaves after this long
    cdef int64_t switch_ns              # whoever has asked for the GIL is given it at least this often
    cdef int32_t spinning               # 1 while an idle worker spins: one at a time, the others sleep at once

    # ---- Guarded by store.guard.
    cdef readonly bint closing          # no new tasks; workers leave when the queue is empty
    cdef readonly Py_ssize_t gated      # how many want that only workers of this crew submit for now
    cdef public bint direct             # set once: its seats may be direct

    cdef int offer(self, CoreTask task, PriorityKey key, bint *spawn) except -1
    cdef bint offer_directly(self, CoreTask task) except -1     # to an idle seat; False: offer it as any other
    cdef int offer_many(self, list tasks, Py_ssize_t start, Py_ssize_t stop, PriorityKey key, bint *spawn) except -1
    cpdef bint start_reserved(self) noexcept    # a worker for a place reserved, by whoever is no submitter
