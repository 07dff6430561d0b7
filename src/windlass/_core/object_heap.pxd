"""A heap of objects that is searched first and changed afterwards. Plain C: no lock."""
from cpython.object cimport PyObject

from windlass._core.object_ring cimport Ring

cdef enum:
    FOUND = 0
    GIVEN_UP = -1       # the comparison did not decide
    FAILED = -2         # the comparison raised
    DEEPEST_HEAP = 64   # levels: more objects than memory holds

# a < b: 1 or 0; GIVEN_UP ends the search, and so does FAILED, with an exception set. NULL stands for `compiled_less`.
ctypedef int (*Less)(void *context, PyObject *a, PyObject *b) except -2


ctypedef struct HeapPath:
    size_t places[DEEPEST_HEAP]     # from the top to a leaf, the lesser child each time
    int end                         # the step of the path at which the last item of the heap belongs

# Where an item belongs, or how the heap closes up when its first is taken. The heap does not change.
cdef int heap_find_place(const Ring *heap, PyObject *item, Less less, void *context, size_t *place) except -2
cdef int heap_find_path(const Ring *heap, Less less, void *context, HeapPath *path) except -2   # needs count > 0

# Do what was found; the heap must not have changed since.
cdef void heap_insert(Ring *heap, PyObject *item, size_t place) noexcept nogil      # needs room; takes the reference
cdef PyObject *heap_take_first(Ring *heap, const HeapPath *path) noexcept nogil     # gives the reference
