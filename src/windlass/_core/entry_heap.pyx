"""A d-ary heap of items with keys, first in first out among equals."""
from cpython.object cimport PyObject
from libc.stdint cimport uint64_t

from windlass._core.priority_key cimport PriorityKey

cdef extern from "Python.h" nogil:
    # Attached threads only, which every caller is; declared nogil because it runs no Python code.
    void *PyMem_Realloc(void *memory, size_t size) noexcept

cdef enum:
    FIRST_CAPACITY = 8

# In the sequence of every entry that has never been out: what returns comes before it, and is itself in order.
cdef uint64_t FRESH = <uint64_t> 1 << 63


cdef void _sift_up(EntryHeap *self, size_t at) noexcept nogil:
    cdef HeapEntry entry = self.entries[at]
    cdef size_t parent
    while at > 0:
        parent = (at - 1) // HEAP_ARITY
        if not entry_less(&entry, &self.entries[parent]):
            break
        self.entries[at] = self.entries[parent]
        at = parent
    self.entries[at] = entry


cdef void _sift_down(EntryHeap *self, size_t at) noexcept nogil:
    cdef HeapEntry entry = self.entries[at]
    cdef size_t child, best, end
    while True:
        best = at * HEAP_ARITY + 1
        if best >= self.count:
            break
        end = min(best + HEAP_ARITY, self.count)
        for child in range(best + 1, end):
            if entry_less(&self.entries[child], &self.entries[best]):
                best = child
        if not entry_less(&self.entries[best], &entry):
            break
        self.entries[at] = self.entries[best]
        at = best
    self.entries[at] = entry


cdef PyObject *heap_take(EntryHeap *self, size_t at) noexcept nogil:
    cdef PyObject *item = self.entries[at].item
    self.count -= 1
    if at < self.count:
        self.entries[at] = self.entries[self.count]
        _sift_up(self, at)
        _sift_down(self, at)    # at most one of the two moves anything
    return item


cdef int heap_reserve(EntryHeap *self, size_t n) noexcept nogil:
    cdef size_t capacity = max(self.capacity, <size_t> FIRST_CAPACITY)
    cdef HeapEntry *entries
    if self.count + n <= self.capacity:
        return 0
    while capacity < self.count + n:
        capacity *= 2
    entries = <HeapEntry *> PyMem_Realloc(self.entries, capacity * sizeof(HeapEntry))
    if entries == NULL:
        return -1
    self.entries = entries
    self.capacity = capacity
    return 0


cdef void heap_push(EntryHeap *self, PriorityKey key, PyObject *item) noexcept nogil:
    _add(self, key, item, FRESH)


cdef void heap_return(EntryHeap *self, PriorityKey key, PyObject *item) noexcept nogil:
    _add(self, key, item, 0)


cdef void _add(EntryHeap *self, PriorityKey key, PyObject *item, uint64_t mark) noexcept nogil:
    cdef HeapEntry *entry = &self.entries[self.count]
    entry.key = key
    entry.sequence = self.next_sequence | mark
    entry.item = item
    self.next_sequence += 1
    self.count += 1
    _sift_up(self, self.count - 1)


cdef size_t heap_last(const EntryHeap *self) noexcept nogil:
    cdef size_t at, last = 0
    for at in range(1, self.count):
        if entry_less(&self.entries[last], &self.entries[at]):
            last = at
    return last


cdef size_t heap_sweep(EntryHeap *self, Predicate dead, PyObject **out) noexcept nogil:
    cdef size_t at, kept = 0, swept = 0
    for at in range(self.count):
        if dead(self.entries[at].item):
            out[swept] = self.entries[at].item
            swept += 1
        else:
            self.entries[kept] = self.entries[at]
            kept += 1
    self.count = kept
    at = kept
    while at > 0:       # Floyd: sift the inner nodes down, last to first
        at -= 1
        _sift_down(self, at)
    return swept
