"""Items in order of priority, first in first out among equals.

Up to ``MAX_LEVELS`` distinct priorities have a ring each, sorted by key, and a bitmap says which rings hold items: push
and pop are a few instructions whatever the number of items. A priority that finds no free level goes to a d-ary heap.
An item of a given key is in the heap only if it was pushed while that key had no level, and a key gets a level only
when one is free; so of two equal keys, one in the heap and one in a level, the heap's is the older. README.md,
"Levels".
"""
from cpython.object cimport PyObject, visitproc
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memmove, memset

from windlass._core.entry_heap cimport (
    entry_less,
    heap_last,
    heap_push,
    heap_reserve,
    heap_return,
    heap_sweep,
    heap_take,
)
from windlass._core.priority_key cimport PriorityKey, key_equal, key_less

cdef extern from "Python.h" nogil:
    # Attached threads only, which every caller is; declared nogil because they run no Python code.
    void *PyMem_Realloc(void *memory, size_t size) noexcept
    void PyMem_Free(void *memory) noexcept

cdef extern from *:
    """
    #if defined(_MSC_VER)
      #include <intrin.h>
      static __inline int windlass_lowest_bit(uint64_t bits) {
          unsigned long i;
          _BitScanForward64(&i, bits);
          return (int)i;
      }
      static __inline int windlass_highest_bit(uint64_t bits) {
          unsigned long i;
          _BitScanReverse64(&i, bits);
          return (int)i;
      }
    #else
      static inline int windlass_lowest_bit(uint64_t bits) { return __builtin_ctzll(bits); }
      static inline int windlass_highest_bit(uint64_t bits) { return 63 - __builtin_clzll(bits); }
    #endif
    """
    int lowest_bit "windlass_lowest_bit"(uint64_t bits) noexcept nogil
    int highest_bit "windlass_highest_bit"(uint64_t bits) noexcept nogil

cdef enum:
    FIRST_CAPACITY = 8
    KEEP_CAPACITY = 1024    # an emptied ring gives back what it has beyond this


# ---- rings ----

cdef int _ring_reserve(Level *level, size_t n) noexcept nogil:
    # Grow to hold n items more. Positions are taken modulo the capacity, so growing unrolls the ring to position 0.
    cdef size_t capacity = level.capacity or FIRST_CAPACITY
    cdef size_t tail
    cdef PyObject **ring
    if level.count + n <= level.capacity:
        return 0
    while capacity < level.count + n:
        capacity *= 2
    ring = <PyObject **> PyMem_Realloc(level.ring, capacity * sizeof(PyObject *))
    if ring == NULL:
        return -1
    level.head = level.head & (level.capacity - 1) if level.capacity else 0
    if level.head + level.count > level.capacity:
        # It wrapped: move the stretch from head to the old end up to the new end.
        tail = level.capacity - level.head
        memmove(ring + capacity - tail, ring + level.head, tail * sizeof(PyObject *))
        level.head = capacity - tail
    level.ring = ring
    level.capacity = capacity
    return 0


cdef inline PyObject **_slot(const Level *level, size_t position) noexcept nogil:
    return level.ring + ((level.head + position) & (level.capacity - 1))


cdef void _ring_emptied(Levels *self, int index) noexcept nogil:
    cdef Level *level = &self.levels[index]
    self.occupied &= ~(<uint64_t> 1 << index)
    if level.capacity > KEEP_CAPACITY:
        PyMem_Free(level.ring)
        level.ring = NULL
        level.capacity = 0
    level.head = 0


cdef PyObject *_ring_take(Levels *self, int index, size_t position) noexcept nogil:
    # Take the item out of the middle; those behind it move up. O(count), but O(1) at either end.
    cdef Level *level = &self.levels[index]
    cdef PyObject *item = _slot(level, position)[0]
    cdef size_t at
    if position == 0:
        level.head += 1
    else:
        for at in range(position, level.count - 1):
            _slot(level, at)[0] = _slot(level, at + 1)[0]
    level.count -= 1
    self.count -= 1
    if level.count == 0:
        _ring_emptied(self, index)
    return item


# ---- which level ----

cdef int _search(const Levels *self, PriorityKey key) noexcept nogil:
    # The first level whose key is not less than `key`.
    cdef int low = 0, high = self.n_levels, middle
    while low < high:
        middle = (low + high) // 2
        if key_less(self.levels[middle].key, key):
            low = middle + 1
        else:
            high = middle
    return low


cdef void _drop_level(Levels *self, int index) noexcept nogil:
    # Forget an empty level; the ones above it move down, and their bits with them.
    cdef uint64_t below = (<uint64_t> 1 << index) - 1
    PyMem_Free(self.levels[index].ring)
    memmove(&self.levels[index], &self.levels[index + 1], (self.n_levels - index - 1) * sizeof(Level))
    self.occupied = (self.occupied & below) | ((self.occupied >> 1) & ~below)
    self.n_levels -= 1


cdef int _level_for(Levels *self, PriorityKey key) noexcept nogil:
    # The index of the key's level, made if need be; -1: none is free (the heap takes the item); -2: out of memory.
    cdef int index
    cdef uint64_t below, empty
    if self.levels == NULL:
        self.levels = <Level *> PyMem_Realloc(NULL, MAX_LEVELS * sizeof(Level))
        if self.levels == NULL:
            return -2
    index = _search(self, key)
    if index < self.n_levels and key_equal(self.levels[index].key, key):
        return index
    if self.n_levels == MAX_LEVELS:
        empty = ~self.occupied
        if empty == 0:
            return -1
        _drop_level(self, lowest_bit(empty))
        index = _search(self, key)
    below = (<uint64_t> 1 << index) - 1
    memmove(&self.levels[index + 1], &self.levels[index], (self.n_levels - index) * sizeof(Level))
    memset(&self.levels[index], 0, sizeof(Level))
    self.levels[index].key = key
    self.occupied = (self.occupied & below) | ((self.occupied & ~below) << 1)
    self.n_levels += 1
    return index


cdef PyObject *_heap_take(Levels *self, size_t at) noexcept nogil:
    self.count -= 1
    return heap_take(&self.heap, at)


# ---- the contract ----

cdef int levels_reserve(Levels *self, PriorityKey key, size_t n) noexcept nogil:
    cdef int index = _level_for(self, key)
    if index == -2:
        return -1
    return heap_reserve(&self.heap, n) if index == -1 else _ring_reserve(&self.levels[index], n)


cdef int levels_push(Levels *self, PriorityKey key, PyObject *item) noexcept nogil:
    cdef int index = self.last
    cdef Level *level
    if index >= self.n_levels or not key_equal(self.levels[index].key, key):
        index = _level_for(self, key)
        if index == -2:
            return -1
        if index == -1:
            if heap_reserve(&self.heap, 1) < 0:
                return -1
            heap_push(&self.heap, key, item)
            self.count += 1
            return 0
        self.last = index
    level = &self.levels[index]
    if level.count == level.capacity and _ring_reserve(level, 1) < 0:
        return -1
    _slot(level, level.count)[0] = item
    level.count += 1
    self.count += 1
    self.occupied |= <uint64_t> 1 << index
    return 0


cdef int levels_return(Levels *self, PriorityKey key, PyObject *item) noexcept nogil:
    # On equal keys the heap goes before the level, which is what is wanted here.
    if heap_reserve(&self.heap, 1) < 0:
        return -1
    heap_return(&self.heap, key, item)
    self.count += 1
    return 0


cdef PyObject *levels_pop(Levels *self) noexcept nogil:
    cdef Level *level
    cdef PyObject *item
    cdef int index
    if self.count == 0:
        return NULL
    if self.occupied == 0:
        return _heap_take(self, 0)
    index = lowest_bit(self.occupied)
    level = &self.levels[index]
    if self.heap.count and not key_less(level.key, self.heap.entries[0].key):
        return _heap_take(self, 0)      # on a tie too: the heap's is older
    item = level.ring[level.head & (level.capacity - 1)]
    level.head += 1
    level.count -= 1
    self.count -= 1
    if level.count == 0:
        _ring_emptied(self, index)
    return item


cdef PyObject *levels_pop_last(Levels *self, PriorityKey above) noexcept nogil:
    # The latest of the least urgent, if it is less urgent than `above`.
    cdef size_t worst = heap_last(&self.heap)
    cdef int index
    if self.occupied:
        index = highest_bit(self.occupied)
        # A tie goes to the level: its items are the later ones.
        if self.heap.count == 0 or not key_less(self.levels[index].key, self.heap.entries[worst].key):
            if key_less(above, self.levels[index].key):
                return _ring_take(self, index, self.levels[index].count - 1)
            return NULL
    if self.heap.count and key_less(above, self.heap.entries[worst].key):
        return _heap_take(self, worst)
    return NULL


cdef bint levels_last_less(const Levels *self, PriorityKey key) noexcept nogil:
    if self.occupied and not key_less(self.levels[highest_bit(self.occupied)].key, key):
        return False
    return self.heap.count == 0 or key_less(self.heap.entries[heap_last(&self.heap)].key, key)


cdef PyObject *levels_pop_oldest(Levels *self, AgeOf age, int64_t before) noexcept nogil:
    # The oldest of a level is its head; the heap has no such order and is searched.
    cdef uint64_t left = self.occupied
    cdef int64_t at_ns, best_ns = before
    cdef int index, best_level = -1
    cdef size_t at, best_entry = 0
    cdef bint found = False
    while left:
        index = lowest_bit(left)
        left &= left - 1
        at_ns = age(_slot(&self.levels[index], 0)[0])
        if at_ns < best_ns:
            best_ns, best_level, found = at_ns, index, True
    for at in range(self.heap.count):
        at_ns = age(self.heap.entries[at].item)
        if at_ns < best_ns:
            best_ns, best_level, best_entry, found = at_ns, -1, at, True
    if not found:
        return NULL
    return _heap_take(self, best_entry) if best_level < 0 else _ring_take(self, best_level, 0)


cdef bint levels_remove(Levels *self, PyObject *item) noexcept nogil:
    # The most urgent of several; the heap is in no order that a search could use.
    cdef int index
    cdef size_t at, best = 0
    cdef bint in_heap = False
    for at in range(self.heap.count):
        if self.heap.entries[at].item != item:
            continue
        if not in_heap or entry_less(&self.heap.entries[at], &self.heap.entries[best]):
            best, in_heap = at, True
    for index in range(self.n_levels):
        if in_heap and not key_less(self.levels[index].key, self.heap.entries[best].key):
            break       # on a tie too: the heap's is older
        for at in range(self.levels[index].count):
            if _slot(&self.levels[index], at)[0] == item:
                _ring_take(self, index, at)
                return True
    if in_heap:
        _heap_take(self, best)
    return in_heap


cdef size_t levels_sweep(Levels *self, Predicate dead, PyObject **out) noexcept nogil:
    # One pass: the living close ranks in their order, the dead go to `out`, which has room for all.
    cdef size_t swept = 0, at, kept
    cdef int index
    cdef Level *level
    cdef PyObject *item
    for index in range(self.n_levels):
        level = &self.levels[index]
        kept = 0
        for at in range(level.count):
            item = _slot(level, at)[0]
            if dead(item):
                out[swept] = item
                swept += 1
            else:
                _slot(level, kept)[0] = item
                kept += 1
        if kept == 0 and level.count:
            level.count = 0
            _ring_emptied(self, index)
        level.count = kept
    swept += heap_sweep(&self.heap, dead, out + swept)
    self.count -= swept
    return swept


cdef int levels_traverse(const Levels *self, visitproc visit, void *arg) noexcept:
    cdef int index, outcome
    cdef size_t at
    for index in range(self.n_levels):
        for at in range(self.levels[index].count):
            outcome = visit(_slot(&self.levels[index], at)[0], arg)
            if outcome:
                return outcome
    for at in range(self.heap.count):
        outcome = visit(self.heap.entries[at].item, arg)
        if outcome:
            return outcome
    return 0


cdef void levels_free(Levels *self) noexcept nogil:
    cdef int index
    for index in range(self.n_levels):
        PyMem_Free(self.levels[index].ring)
    PyMem_Free(self.levels)
    PyMem_Free(self.heap.entries)
    memset(self, 0, sizeof(Levels))
