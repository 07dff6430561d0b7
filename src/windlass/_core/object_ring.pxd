"""References in a row, which can be taken from either end. Plain C: no lock, no Python."""
from cpython.object cimport PyObject, visitproc


ctypedef struct Ring:
    PyObject **items        # each place in use holds one reference
    size_t head             # where the first is; stays 0 while nothing is taken from the front
    size_t count
    size_t capacity         # 0 or a power of two

cdef int ring_reserve(Ring *self) noexcept nogil                    # room for one more; -1: out of memory
cdef void ring_append(Ring *self, PyObject *item) noexcept nogil    # needs that room; takes the reference
cdef PyObject *ring_take_first(Ring *self) noexcept nogil           # needs count > 0; gives the reference
cdef PyObject *ring_take_last(Ring *self) noexcept nogil            # the same
cdef PyObject *ring_at(const Ring *self, size_t position) noexcept nogil    # borrowed
cdef void ring_free(Ring *self) noexcept nogil                      # needs count == 0
cdef int ring_traverse(const Ring *self, visitproc visit, void *arg) noexcept
