"""A parker whose thread sleeps on descriptors too. README.md, "Direct calls"."""
from libc.stdint cimport int64_t

from windlass._core.parker cimport Parker
from windlass._core.watcher cimport Latch

cdef enum:
    # What listen() answers, one or both; 0: the time was over.
    RUNG = 1
    NEWS = 2


# Wait, detached, until there is something to read from `data` (1), until `end` or `ear` can be read (2), or until the
# deadline (0); -1: a signal came.
cdef int await_data(int data, int end, int ear, int64_t deadline) noexcept nogil


cdef class Bell(Parker):
    cdef int _poll              # the epoll that its thread sleeps in
    cdef int _rope              # the eventfd that wakes it
    cdef int _ear               # the eventfd of a thread that waits in its stead
    cdef int _data              # what is listened to, -1: nothing
    cdef int _end

    # Sleep until rung or until there are news, or until the deadline (0). Detached; no signal ends it.
    cdef int listen(self, int64_t deadline, Parker kick) except -1
    cdef void await_ring(self) noexcept nogil       # and nothing else; it stays rung
    cdef void mute(self, bint on) noexcept nogil    # whether data are somebody else's business for now
    cdef void hush(self) noexcept nogil             # forget that the ear was woken
    cpdef close(self)


cdef class Ear(Latch):
    cdef int _file
