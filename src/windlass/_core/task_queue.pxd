"""A blocking priority queue of any objects."""
from libc.stdint cimport int64_t

from windlass._core.item_store cimport ItemStore
from windlass._core.priority_key cimport PriorityKey


cdef class PriorityTaskQueue(ItemStore):
    cdef int _put(self, object item, object priority, int64_t delay) except -1
    cdef object _get_slow(self, int64_t deadline)
    cdef int _put_slow(self, object item, PriorityKey key, int64_t deadline) except -1
