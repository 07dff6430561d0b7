# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""The submit path of a pool of multiprocessing's kind: results instead of tasks.

All keyword arguments are the call's, none is taken out, and no task is passed to it.
"""
from windlass._core cimport guard
from windlass._core.apply_result cimport ApplyResult, CallbackLane
from windlass._core.clock cimport NEVER_NS
from windlass._core.dispatcher cimport DEFAULT_CHUNK, Dispatcher
from windlass._core.imap_iterator cimport ImapChunk
from windlass._core.map_result cimport MapChunk, MapResult
from windlass._core.priority_key cimport PriorityKey, key_of
from windlass._core.task cimport INJECT_NEVER, CoreTask

from windlass.priority import DEFAULT_PRIORITY


cdef PriorityKey KEY
key_of(DEFAULT_PRIORITY, &KEY)

cdef object PRIORITY = DEFAULT_PRIORITY


def _call_loosely(fn, args, kwargs):
    # Arguments that are no tuple and no dict are unpacked by the worker: what that raises is the result's exception.
    return fn(*args, **kwargs)


def _raise(error):
    raise error


cdef class ResultDispatcher(Dispatcher):
    """The submit path of a pool of multiprocessing's kind. Not for use from Python."""

    def __cinit__(self):
        self.lane = CallbackLane()

    def apply_async(self, fn, args, kwargs, callback, error_callback) -> ApplyResult:
        """Have a worker call ``fn(*args, **kwargs)``."""
        cdef ApplyResult result
        if type(args) is tuple and (not kwargs or type(kwargs) is dict):
            result = self.new_task(fn, args, kwargs or None, PRIORITY)
        else:
            result = self.new_task(_call_loosely, (fn, args, kwargs), None, PRIORITY)
        result.flags = INJECT_NEVER
        result.lane = self.lane
        result.callback = callback
        result.error_callback = error_callback
        self.dispatch(result, KEY, NEVER_NS, True)
        return result

    def map_async(
        self, fn, list items not None, Py_ssize_t chunksize, bint star, callback, error_callback
    ) -> MapResult:
        """Have workers call ``fn`` on each of ``items``, ``chunksize`` of them in a task."""
        cdef MapResult result = MapResult.__new__(MapResult)
        result._fn = fn
        result._priority = PRIORITY
        result.lane = self.lane
        if not items:
            result.end_with([], False, None)
            return result
        result.callback = callback
        result.error_callback = error_callback
        self.dispatch_many(result.cut(fn, items, max(1, chunksize), star), KEY, DEFAULT_CHUNK)
        return result

    def ended_map(self, error, error_callback) -> MapResult:
        """Return the result of a map whose input could not be read, ended and called back for by the caller."""
        cdef MapResult result = MapResult.__new__(MapResult)
        result._priority = PRIORITY
        result.lane = self.lane
        result.error_callback = error_callback
        result.end_with((error, None), True, None)
        return result

    def failed_map(self, error, error_callback) -> MapResult:
        """Return the result of a map whose input could not be read. A worker ends it, and calls back."""
        return self.map_async(_raise, [error], 1, False, None, error_callback)

    def offer_chunk(self, ImapChunk chunk not None) -> None:
        """Queue a task of an imap."""
        chunk._priority = PRIORITY
        self.dispatch(chunk, KEY, NEVER_NS, True)

    def pending_results(self) -> list:
        """Return the results and iterators whose calls wait or run now, each once."""
        cdef CoreTask task
        owners = {}
        for task in self.collect_tasks():
            if not task.done():
                owner = _owner_of(task)
                if owner is not None:
                    owners[id(owner)] = owner
        return list(owners.values())

    def forsake(self) -> None:
        """In a forked child, before the crew is reset: end what the parent's threads were to finish."""
        guard.guard_init(&self.crew.store.guard)
        for owner in self.pending_results():
            if not isinstance(owner, ApplyResult) or isinstance(owner, MapResult):
                owner._forsake()
        self.lane.reset_after_fork()


cdef object _owner_of(CoreTask task):
    if isinstance(task, MapChunk):
        return (<MapChunk> task).owner
    if isinstance(task, ImapChunk):
        return (<ImapChunk> task).owner
    return task
