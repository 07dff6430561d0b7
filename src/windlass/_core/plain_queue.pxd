"""The interface of the standard queue.Queue, in two modes. README.md, "Plain queues"."""
from libc.stdint cimport int64_t

from windlass._core.bounded_store cimport BoundedStore


cdef class PlainQueue(BoundedStore):
    cdef object limit               # maxsize as it was set; guarded by `guard`
    cdef bint own_hooks             # _init, _qsize, _put or _get is a subclass's
    cdef bint own_put, own_get      # so is put, get; or an instance's

    cdef int set_limit(self, object maxsize) except -1
    cdef int put_within(self, object item, int64_t delay) except -1
    cdef object get_within(self, int64_t delay)
    cdef int init_under_mutex(self, object maxsize) except -1
    cdef dict go_over(self)                         # to the mutex mode; returns `parts`
