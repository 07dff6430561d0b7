"""Items in order of priority, first in first out among equals. Plain C: no lock, no Python. README.md, "Levels"."""
from cpython.object cimport PyObject, visitproc
from libc.stdint cimport int64_t, uint64_t

from windlass._core.entry_heap cimport EntryHeap, Predicate
from windlass._core.priority_key cimport PriorityKey

cdef enum:
    MAX_LEVELS = 64     # one bit each in Levels.occupied


# The items of one priority. The ring holds one reference to each.
ctypedef struct Level:
    PriorityKey key
    PyObject **ring         # capacity slots; NULL while capacity is 0
    size_t capacity         # 0 or a power of two
    size_t head             # position of the oldest item, taken modulo capacity
    size_t count            # items in the ring; <= capacity


ctypedef struct Levels:
    size_t count                # items in all
    uint64_t occupied           # bit i is set exactly while levels[i].count > 0
    int n_levels                # levels in use, empty ones too; they are sorted by key
    int last                    # the level of the latest push, to find it again without a search
    Level *levels               # MAX_LEVELS of them, or NULL before the first push
    EntryHeap heap              # the items whose priority found no free level

ctypedef int64_t (*AgeOf)(PyObject *item) noexcept nogil

# All of these need the lock of whoever owns the Levels.
cdef int levels_reserve(Levels *self, PriorityKey key, size_t n) noexcept nogil         # -1: out of memory
cdef int levels_push(Levels *self, PriorityKey key, PyObject *item) noexcept nogil      # takes the reference; -1: not
cdef int levels_return(Levels *self, PriorityKey key, PyObject *item) noexcept nogil    # one that was out: to the front
cdef PyObject *levels_pop(Levels *self) noexcept nogil          # gives the reference; NULL when empty
cdef PyObject *levels_pop_last(Levels *self, PriorityKey above) noexcept nogil  # least urgent, if less urgent than that
cdef bint levels_last_less(const Levels *self, PriorityKey key) noexcept nogil  # all are more urgent than that
cdef PyObject *levels_pop_oldest(Levels *self, AgeOf age, int64_t before) noexcept nogil    # if older than that
cdef bint levels_remove(Levels *self, PyObject *item) noexcept nogil        # gives the reference back if True
cdef size_t levels_sweep(Levels *self, Predicate dead, PyObject **out) noexcept nogil   # moves the dead ones to out
cdef int levels_traverse(const Levels *self, visitproc visit, void *arg) noexcept     # for the collector
cdef void levels_free(Levels *self) noexcept nogil              # the memory; the items must be gone
