"""An unbounded queue, first in first out, with no more than put and get."""
from libc.stdint cimport int64_t

from windlass._core.plain_store cimport PlainStore


cdef class SimpleQueue(PlainStore):
    cdef int _put(self, object item) except -1
    cdef object _get(self, int64_t delay)
