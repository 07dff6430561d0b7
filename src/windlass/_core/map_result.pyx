# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""The result of a map: many calls in chunks, one outcome.

As in the standard library, a call that raises ends its chunk, the other chunks are run all the same, and the result
is ready when all of them have ended: with the values in order, or with the exception of the chunk that failed first.
"""
from cpython.object cimport PyObject
from libc.stdint cimport int32_t, int64_t

from windlass._core cimport guard
from windlass._core.apply_result cimport ApplyResult
from windlass._core.clock cimport now_ns
from windlass._core.observed cimport CANCELLED
from windlass._core.runner cimport Runner, capture_context, current_runner
from windlass._core.task cimport FAILED, INJECT_NEVER, CoreTask

from multiprocessing.pool import mapstar, starmapstar

from windlass.errors import TaskCancelled


cdef extern from "Python.h":
    object PyObject_Call(object fn, object args, PyObject *kwargs)


cdef class Chunk(CoreTask):
    """Some of the calls of a map or imap. Not for use from Python."""

    semaphore = None    # as a Task may have

    cdef void set_up(self, object fn, list items, bint star):
        self._fn = fn
        self.items = items
        self.star = star
        self.flags = INJECT_NEVER
        self.context = capture_context()
        self.mark_ns = now_ns()

    def _part(self, int which):
        # The call as another process is to make it: one function of the standard library, one argument.
        guard.lock(&self.guard)
        fn, items = self._fn, self.items
        guard.unlock(&self.guard)
        if items is None or which == 2:
            return None
        return (starmapstar if self.star else mapstar) if which == 0 else ((fn, items),)

    cdef object _call(self, Runner runner):
        cdef list items = self.items
        cdef Py_ssize_t at
        fn = self._fn
        runner.enter(self.context)
        if self.star:
            for at in range(len(items)):
                items[at] = PyObject_Call(fn, tuple(items[at]), NULL)
        else:
            for at in range(len(items)):
                items[at] = fn(items[at])
        return items

    cdef void _end(self, int32_t phase, Runner runner) noexcept:
        self.items = None
        CoreTask._end(self, phase, runner)
        self.tell_owner(runner)

    cdef void tell_owner(self, Runner runner) noexcept:
        pass


cdef class MapChunk(Chunk):
    """Some of the calls of a map. Not for use from Python."""

    cdef void tell_owner(self, Runner runner) noexcept:
        owner, self.owner = self.owner, None
        if owner is not None:
            owner.on_chunk_ended(self, runner)


cdef class MapResult(ApplyResult):
    """The result of many calls: what ``map_async`` and ``starmap_async`` return.

    Thread safety:
        Safe on shared objects.
    """

    cdef list cut(self, object fn, list items, Py_ssize_t size, bint star):
        cdef MapChunk chunk
        cdef Py_ssize_t at
        cdef list chunks = []
        for at in range(0, len(items), size):
            chunk = MapChunk.__new__(MapChunk)
            chunk.set_up(fn, items[at:at + size], star)
            chunk._priority = self._priority    # for a chunk that comes back from a worker that died
            chunk.owner = self
            chunks.append(chunk)
        self._chunksize = size
        self._length = len(items)
        self.left = len(chunks)
        self.chunks = chunks
        return chunks

    cdef void on_chunk_ended(self, MapChunk chunk, Runner runner) noexcept:
        cdef bint last
        cdef tuple failure = None
        if chunk.phase == CANCELLED:    # at the interpreter's exit, or by a submit that raises: nobody is to be told
            self.callback = self.error_callback = None
            failure = (TaskCancelled("the call was cancelled"), None)
        elif chunk.flags & FAILED:
            failure = chunk.outcome
        guard.lock(&self.guard)
        if self.failure is None:
            self.failure = failure
        self.left -= 1
        last = self.left == 0
        guard.unlock(&self.guard)
        if last:
            self._assemble(runner)

    cdef void _assemble(self, Runner runner) noexcept:
        cdef MapChunk chunk
        cdef list values = []
        chunks, self.chunks = self.chunks, None
        if self.failure is None:
            try:
                for chunk in chunks:
                    values += <list> chunk.outcome
                    chunk.outcome = None
            except MemoryError as error:
                self.failure = (error, None)
        failure, self.failure = self.failure, None
        self.end_with(values if failure is None else failure, failure is not None, runner)

    cdef bint wait_until(self, int64_t deadline) except -1:
        # A worker does the work of its own pool rather than wait for it: nobody else might be free to do it.
        cdef MapChunk chunk
        cdef list chunks = self.chunks
        if chunks is not None and current_runner() is not None and self.helps_until(deadline):
            for chunk in chunks:
                chunk.try_help(deadline)
        return ApplyResult.wait_until(self, deadline)

    @property
    def _number_left(self):
        # In chunks: programs multiply by _chunksize to show how far it is.
        return self.left

    def _forsake(self) -> None:
        # In a forked child: its chunks will not be run.
        guard.guard_init(&self.guard)
        self.observers = self.chunks = None
        self.phase = CANCELLED
