"""imap: values of many calls through a window of chunks.

One task runs a chunk of calls, so that queueing is paid once for many. The window of chunks ahead of the consumer is
bounded, in arguments (``buffersize``) or in chunks. An automatic chunk begins with one call and grows while chunks
take less than ``SHORT_NS``: slow calls stay one to a task, fast ones come by the thousand.

The source is read on the consumer's thread. Values that are there come before a slow one is read on; with others that
would cost more than it gives, for the workers had less to do meanwhile.
"""
from libc.stdint cimport int64_t, uint64_t

from windlass._core.clock cimport NEVER_NS, now_ns
from windlass._core.task cimport CoreTask
from windlass._core.watcher cimport CompletionStream

from collections import deque
from functools import partial
from itertools import chain
from types import GenericAlias

from windlass._core.interrupts import is_interrupt
from windlass._core.watching import help_one

cdef enum:
    SHORT_NS = 1_000_000        # a chunk that took less may grow
    LONG_NS = 8_000_000         # one that took more shrinks
    LARGEST_CHUNK = 16_384
    # An automatic chunk is sent as it is when it has been read for so long. If reading took more than so long for each
    # item, too, the source is slow.
    READING_NS = 1_000_000
    SLOW_NS = 100_000
    LOOK_AFTER = 64             # items, before the clock is looked at again


cdef class Failure:
    """Stands among the values of a chunk for a call that raised."""

    cdef readonly object error

    def __init__(self, error):
        self.error = error


def run_chunk(fn, list items not None) -> list:
    """Call ``fn`` on each item; return the values, a Failure for each call that raised.

    The items are dropped one by one as they are used.
    """
    cdef uint64_t position
    return call_on_each(fn, items, &position)


cdef list call_on_each(object fn, list items, uint64_t *position):
    cdef Py_ssize_t at = 0
    cdef Py_ssize_t n = len(items)
    while at < n:
        try:
            while at < n:       # inside the try, which would cost something for each item
                position[0] = at
                items[at] = fn(items[at])
                at += 1
        except BaseException as error:
            items[at] = Failure(error)
            at += 1
    return items


def are_plain(list values not None) -> bool:
    """Return whether all are None, numbers, strings or bytes of the built-in types, which pickle for sure."""
    cdef object value
    for value in values:
        kind = type(value)
        if not (
            kind is int or kind is float or kind is str or value is None
            or kind is bytes or kind is bool or kind is complex
        ):
            return False
    return True


cdef class ChunkStream:
    """Iterator over ``fn(item)`` for each item of ``source``.

    An exception of a call is raised at its position, and iteration can go on behind it.

    Thread safety:
        Safe on distinct objects: one stream belongs to one thread at a time.
    """

    __class_getitem__ = classmethod(GenericAlias)   # ChunkStream[int], for annotations

    def __init__(self, fn, source, submit, bint ordered, chunksize: int, buffersize: int | None, n_workers: int):
        self.fn = fn
        self.source = iter(source)
        self.submit = submit
        self.window = deque()
        self.stream = None if ordered else CompletionStream()
        self.values = []
        self.adapt = chunksize == 0
        self.chunk = chunksize or 1
        self.buffersize = buffersize or 0
        self.largest = chunksize or LARGEST_CHUNK
        self.max_chunks = 2 * n_workers + 1
        if buffersize:
            self.largest = max(1, min(self.largest, buffersize // max(1, n_workers)))
            self.chunk = min(self.chunk, self.largest)
        self._fill_window()

    def __iter__(self):
        return self

    def __next__(self):
        cdef Failure failure
        while self.position >= len(self.values):
            self._refill()
        value = self.values[self.position]
        self.values[self.position] = None   # given out: no reference stays here
        self.position += 1
        if type(value) is Failure:
            failure = value
            raise failure.error
        return value

    def close(self) -> None:
        """Cancel what has not started and read nothing more."""
        cdef CoreTask task
        self.source = None
        self.source_error = None
        self.values = []
        self.position = 0
        window, self.window = self.window, deque()
        for task in window or ():       # None: __init__ failed
            task.cancel()

    def __del__(self):
        self.close()

    cdef int _refill(self) except -1:
        cdef CoreTask task = None
        self.ahead = self.ahead - len(self.values) if self.window else 0     # only now they are all given out
        self.values = []
        self.position = 0
        self._fill_window()
        if not self.window:
            error, self.source_error = self.source_error, None
            if error is not None:
                raise error
            raise StopIteration
        if self.stream is None:
            task = self.window[0]
            task.wait_until(NEVER_NS)   # a signal handler may raise: then the chunk stays for the next call
        else:
            task = self._next_ended()
        self.window.remove(task)
        self.values = task.result()
        if self.adapt:
            if task.mark_ns < SHORT_NS:
                self.chunk = min((2 if task.mark_ns > SHORT_NS // 8 else 8) * self.chunk, self.largest)
            elif task.mark_ns > LONG_NS:
                self.chunk = max(1, self.chunk // 2)
        task = None
        return self._fill_window()

    cdef object _next_ended(self):
        cdef CompletionStream stream = self.stream
        if not stream.ended:
            stream.help = partial(help_one, self.window)
            try:
                stream.wait_for(1)
            finally:
                stream.help = None
        return stream.ended.pop(0)

    cdef int _fill_window(self) except -1:
        cdef CoreTask task
        cdef CompletionStream stream = self.stream
        cdef Py_ssize_t n
        cdef list items
        while self.source is not None and len(self.window) < self.max_chunks:
            if self.is_slow and self._has_value():
                break
            n = self.chunk
            if self.buffersize:
                n = min(n, self.buffersize - self.ahead)
            if n <= 0:
                break
            items = self._read(n)
            if not items:
                break
            task = self.submit(self.fn, items)
            self.ahead += len(items)
            self.window.append(task)
            if stream is not None and not task.observe(stream):
                stream.ended.append(task)
        return 0

    cdef bint _has_value(self):
        if self.position < len(self.values):
            return True
        if self.stream is not None:
            return len((<CompletionStream> self.stream).ended) > 0
        return bool(self.window) and self.window[0].done()

    cdef list _read(self, Py_ssize_t n):
        # At most n arguments. What the source raises waits in source_error until the values before it are given out.
        cdef list items = []
        cdef Py_ssize_t count = 0
        cdef int64_t began = now_ns(), took
        try:
            for item in self.source:
                items.append(item)
                count += 1
                if count == n:
                    break
                if self.adapt and (count & (count - 1) == 0 or count % LOOK_AFTER == 0):
                    if now_ns() - began > READING_NS:
                        break
            else:
                self.source = None
        except BaseException as error:
            if is_interrupt(error):     # the user's, who may go on later
                if self.source is not None:
                    self.source = chain(items, self.source)
                raise
            self.source_error = error
            self.source = None
        took = now_ns() - began
        self.is_slow = took > READING_NS and took > count * SLOW_NS
        return items
