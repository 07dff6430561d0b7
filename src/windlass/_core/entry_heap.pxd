"""A d-ary heap of items with keys, first in first out among equals. Plain C: no lock, no Python."""
from cpython.object cimport PyObject
from libc.stdint cimport uint64_t

from windlass._core.priority_key cimport PriorityKey, key_equal, key_less

cdef enum:
    HEAP_ARITY = 4      # measured: see README.md

ctypedef bint (*Predicate)(PyObject *item) noexcept nogil


ctypedef struct HeapEntry:
    PriorityKey key
    uint64_t sequence       # breaks ties: first in, first out; see heap_push
    PyObject *item          # holds one reference


ctypedef struct EntryHeap:
    HeapEntry *entries      # min-heap on (key, sequence)
    size_t count
    size_t capacity
    uint64_t next_sequence  # 63 bits: at 1e9 pushes a second it wraps after 292 years

cdef inline bint entry_less(const HeapEntry *a, const HeapEntry *b) noexcept nogil:
    return key_less(a.key, b.key) or (key_equal(a.key, b.key) and a.sequence < b.sequence)

cdef int heap_reserve(EntryHeap *self, size_t n) noexcept nogil                         # -1: out of memory
# Both need a place reserved. One that returns goes before those of its key that have never been out.
cdef void heap_push(EntryHeap *self, PriorityKey key, PyObject *item) noexcept nogil
cdef void heap_return(EntryHeap *self, PriorityKey key, PyObject *item) noexcept nogil
cdef PyObject *heap_take(EntryHeap *self, size_t at) noexcept nogil     # the entry at a position; 0 is the first
cdef size_t heap_last(const EntryHeap *self) noexcept nogil             # position of the last; needs count > 0. O(n)
cdef size_t heap_sweep(EntryHeap *self, Predicate dead, PyObject **out) noexcept nogil  # moves the dead ones to out
