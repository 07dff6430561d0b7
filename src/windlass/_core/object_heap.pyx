"""A heap of objects that is searched first and changed afterwards.

A comparison may raise, take its time, or call the very queue whose items it compares. So all comparisons of a change
are made before anything moves: a search that ends early has changed nothing, and the heap is whole during each
comparison. The comparisons, and so the order of equal items, are those of ``heapq``.
"""
from cpython.object cimport PyObject

from windlass._core.object_order cimport compiled_less
from windlass._core.object_ring cimport Ring, ring_append, ring_take_last


cdef inline int _ask(Less less, void *context, PyObject *a, PyObject *b) except -2:
    return compiled_less(a, b) if less == NULL else less(context, a, b)


cdef int heap_find_place(const Ring *heap, PyObject *item, Less less, void *context, size_t *place) except -2:
    cdef size_t parent
    cdef int answer
    place[0] = heap.count
    while place[0] > 0:
        parent = (place[0] - 1) // 2
        answer = _ask(less, context, item, heap.items[parent])
        if answer < 0:
            return GIVEN_UP
        if not answer:
            break
        place[0] = parent
    return FOUND


cdef int heap_find_path(const Ring *heap, Less less, void *context, HeapPath *path) except -2:
    cdef size_t end = heap.count - 1        # the last item moves
    cdef size_t child = 1
    cdef int step = 0
    cdef int answer
    path.places[0] = 0
    while child < end:
        if child + 1 < end:
            answer = _ask(less, context, heap.items[child], heap.items[child + 1])
            if answer < 0:
                return GIVEN_UP
            if not answer:
                child += 1
        step += 1
        path.places[step] = child
        child = 2 * child + 1
    # The last item most often belongs near the bottom: look for its place from there.
    while step > 0:
        answer = _ask(less, context, heap.items[end], heap.items[path.places[step]])
        if answer < 0:
            return GIVEN_UP
        if not answer:
            break
        step -= 1
    path.end = step
    return FOUND


cdef void heap_insert(Ring *heap, PyObject *item, size_t place) noexcept nogil:
    cdef size_t at = heap.count
    ring_append(heap, item)
    while at > place:
        heap.items[at] = heap.items[(at - 1) // 2]
        at = (at - 1) // 2
    heap.items[place] = item


cdef PyObject *heap_take_first(Ring *heap, const HeapPath *path) noexcept nogil:
    cdef PyObject *first = heap.items[0]
    cdef PyObject *last = ring_take_last(heap)
    cdef int step
    if heap.count > 0:
        for step in range(path.end):
            heap.items[path.places[step]] = heap.items[path.places[step + 1]]
        heap.items[path.places[path.end]] = last
    return first
