"""imap: values of many calls through a window of chunks."""
from libc.stdint cimport uint64_t


# Put what `fn` makes of each item in its place; `position` says all the while which item it is at.
cdef list call_on_each(object fn, list items, uint64_t *position)


cdef class ChunkStream:
    cdef object fn
    cdef object submit          # fn, items -> Task
    cdef object source          # iterator of arguments; None when it is exhausted or has raised
    cdef object source_error    # what it raised, raised again after the values before it
    cdef object window          # deque of chunk tasks, in order of submission
    cdef object stream          # unordered: their CompletionStream
    cdef list values            # of the chunk being given out
    cdef Py_ssize_t position    # the next of `values`
    cdef Py_ssize_t ahead       # arguments read whose values have not been given out, except in `values`
    cdef Py_ssize_t buffersize  # most of them; 0: by chunks
    cdef Py_ssize_t chunk       # arguments of the next chunk
    cdef Py_ssize_t largest     # most for one chunk
    cdef Py_ssize_t max_chunks  # in the window
    cdef bint adapt             # the chunk size follows the measured run time
    cdef bint is_slow           # the source, as of the last reading

    cdef object _next_ended(self)
    cdef int _refill(self) except -1
    cdef int _fill_window(self) except -1
    cdef bint _has_value(self)
    cdef list _read(self, Py_ssize_t n)
