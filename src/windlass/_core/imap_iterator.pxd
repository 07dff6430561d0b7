"""The iterators of imap: values of many calls while the input is still being read. README.md, "Pool results"."""
from cpython.object cimport PyObject
from libc.stdint cimport int64_t

from windlass._core.guard cimport Guard
from windlass._core.map_result cimport Chunk
from windlass._core.parker cimport Parker
from windlass._core.runner cimport Runner
from windlass._core.waitlist cimport WaitList, WaitNode

cdef enum:
    # What the consumer finds.
    NOTHING_YET = 0
    VALUE = 1
    FAILURE = 2
    OVER = 3


# One stretch of the input: one task.
cdef class ImapChunk(Chunk):
    cdef IMapIterator owner     # None once it has been told
    cdef Py_ssize_t number      # of the chunks of its iterator


cdef class IMapIterator:
    cdef object __weakref__
    cdef dict __dict__
    cdef object engine          # whose workers make the calls: a ResultDispatcher
    cdef object fn
    cdef object job             # its number, once somebody has asked
    cdef Py_ssize_t limit       # most chunks whose values have not been given out; 0: any number

    # ---- Guarded by `guard`: all below.
    cdef Guard guard
    cdef WaitList waiters       # watchers of consumers that found nothing
    cdef Py_ssize_t helpers     # consumers that wait and are workers of this pool
    cdef list window            # the chunks in order of input; None in the place of one that is not needed here
    cdef Py_ssize_t head        # the first of `window` that is not None, or its end
    cdef Py_ssize_t first       # the number of the chunk at window[0]
    cdef list ended             # unordered: those to be given out; ordered: None
    cdef Py_ssize_t taken       # the next of them
    cdef Py_ssize_t ahead       # chunks added and not given out
    cdef list values            # of the chunk being given out
    cdef Py_ssize_t position    # the next of them
    cdef bint fed               # no chunk will be added
    cdef Parker feeder          # None, or who waits for room

    cdef object _next(self, int64_t deadline)
    cdef object _take(self, int *found, WaitNode *node, Parker parker)
    cdef object _wait_for_one(self, int64_t deadline, int *found)
    cdef bint _ready_lock_held(self) noexcept           # a chunk to be given out
    cdef ImapChunk _pop_lock_held(self)
    cdef int _forget_lock_held(self, Py_ssize_t at) except -1
    cdef ImapChunk _find_pending(self, bint next_only)
    cdef void _wake(self, PyObject *waiter) noexcept
    cdef void _count_helper(self, int n) noexcept
    cdef void _leave(self, WaitNode *node) noexcept
    cdef void _wake_all(self) noexcept
    cdef void on_chunk_ended(self, ImapChunk chunk, Runner runner) noexcept


cdef class IMapUnorderedIterator(IMapIterator):
    pass
