"""``heappush`` and ``heappop`` that leave the list as it was when a comparison raises.

The comparisons are those of ``heapq``, all of them made before anything moves; see object_heap.
"""
from cpython.list cimport PyList_GET_SIZE
from cpython.object cimport Py_LT, PyObject

from windlass._core.object_heap cimport HeapPath, heap_find_path, heap_find_place
from windlass._core.object_order cimport UNDECIDED, compiled_less
from windlass._core.object_ring cimport Ring


cdef extern from "Python.h":
    ctypedef struct ListObject "PyListObject":
        PyObject **ob_item
    int rich_compare_bool "PyObject_RichCompareBool"(object, object, int) except -1


# A list as a heap to be searched.
ctypedef struct View:
    Ring ring
    PyObject *heap      # borrowed: the caller holds it


cdef void _look_at(View *view, list heap) noexcept:
    view.heap = <PyObject *> heap
    view.ring.items = (<ListObject *> view.heap).ob_item
    view.ring.head = 0
    view.ring.count = view.ring.capacity = PyList_GET_SIZE(heap)


cdef int _compare(void *context, PyObject *a, PyObject *b) except -2:
    cdef View *view = <View *> context
    cdef int less = compiled_less(a, b)
    if less != UNDECIDED:
        return less
    left, right = <object> a, <object> b    # the comparison may take them out of the list
    less = rich_compare_bool(left, right, Py_LT)
    left = right = None
    if (
        (<ListObject *> view.heap).ob_item != view.ring.items
        or <size_t> PyList_GET_SIZE(<object> view.heap) != view.ring.count
    ):
        raise RuntimeError("the list of a priority queue changed during a comparison")
    return less


def heap_push(heap: list, item: object) -> None:
    """Add an item.

    Args:
        heap: A list in heap order.
        item: What can be compared with the others by ``<``.

    Raises:
        Exception: Whatever a comparison raised; the list is as it was.

    Thread safety:
        Incompatible: needs a lock around it, which the mutex of the queue is.
    """
    cdef View view
    cdef list places = heap
    cdef size_t place, at
    _look_at(&view, places)
    heap_find_place(&view.ring, <PyObject *> item, _compare, &view, &place)
    at = view.ring.count
    places.append(item)
    while at > place:
        places[at] = places[(at - 1) // 2]
        at = (at - 1) // 2
    places[place] = item


def heap_pop(heap: list) -> object:
    """Remove and return the least item.

    Args:
        heap: A list in heap order.

    Raises:
        IndexError: The list is empty.
        Exception: Whatever a comparison raised; the list is as it was.

    Thread safety:
        Incompatible: needs a lock around it, which the mutex of the queue is.
    """
    cdef View view
    cdef list places = heap
    cdef HeapPath path
    cdef int step
    if not places:
        raise IndexError("no item in the heap")
    _look_at(&view, places)
    heap_find_path(&view.ring, _compare, &view, &path)
    first = places[0]
    last = places.pop()
    if places:
        for step in range(path.end):
            places[path.places[step]] = places[path.places[step + 1]]
        places[path.places[path.end]] = last
    return first
