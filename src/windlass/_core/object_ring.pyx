"""References in a row, which can be taken from either end.

A queue takes them from the front, a stack from the back, and a heap keeps its array in one: as long as nothing is taken
from the front, position and place are the same.
"""
from cpython.object cimport PyObject, visitproc
from libc.string cimport memmove

cdef extern from "Python.h" nogil:
    # Attached threads only, which every caller is; declared nogil because they run no Python code.
    void *PyMem_Realloc(void *memory, size_t size) noexcept
    void PyMem_Free(void *memory) noexcept

cdef enum:
    FIRST_CAPACITY = 8
    KEEP_CAPACITY = 4096    # an emptied ring gives back what it has beyond this


cdef int ring_reserve(Ring *self) noexcept nogil:
    cdef size_t capacity, tail
    cdef PyObject **items
    if self.count < self.capacity:
        return 0
    capacity = self.capacity * 2 if self.capacity else FIRST_CAPACITY
    items = <PyObject **> PyMem_Realloc(self.items, capacity * sizeof(PyObject *))
    if items == NULL:
        return -1
    if self.head > 0:
        # It was full and wrapped: move the stretch from head to the old end up to the new end.
        tail = self.capacity - self.head
        memmove(items + capacity - tail, items + self.head, tail * sizeof(PyObject *))
        self.head = capacity - tail
    self.items = items
    self.capacity = capacity
    return 0


cdef void ring_append(Ring *self, PyObject *item) noexcept nogil:
    self.items[(self.head + self.count) & (self.capacity - 1)] = item
    self.count += 1


cdef inline void _shrink(Ring *self) noexcept nogil:
    if self.count == 0:
        self.head = 0
        if self.capacity > KEEP_CAPACITY:
            ring_free(self)


cdef PyObject *ring_take_first(Ring *self) noexcept nogil:
    cdef PyObject *item = self.items[self.head]
    self.head = (self.head + 1) & (self.capacity - 1)
    self.count -= 1
    _shrink(self)
    return item


cdef PyObject *ring_take_last(Ring *self) noexcept nogil:
    cdef PyObject *item = ring_at(self, self.count - 1)
    self.count -= 1
    _shrink(self)
    return item


cdef PyObject *ring_at(const Ring *self, size_t position) noexcept nogil:
    return self.items[(self.head + position) & (self.capacity - 1)]


cdef void ring_free(Ring *self) noexcept nogil:
    PyMem_Free(self.items)
    self.items = NULL
    self.head = self.capacity = 0


cdef int ring_traverse(const Ring *self, visitproc visit, void *arg) noexcept:
    cdef size_t position
    cdef int outcome
    for position in range(self.count):
        outcome = visit(ring_at(self, position), arg)
        if outcome:
            return outcome
    return 0
