# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""The iterators of imap: values of many calls while the input is still being read.

Guarantees: each value goes to one consumer; a consumer sleeps only while there is no value for it and some may still
come; a worker that consumes makes pending calls itself where nobody else would. README.md, "Pool results", has the
protocol.
"""
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF
from libc.stdint cimport int64_t

from windlass._core cimport guard
from windlass._core.apply_result cimport new_job_number
from windlass._core.clock cimport NEVER_NS, deadline_ns
from windlass._core.map_result cimport Chunk
from windlass._core.observed cimport CANCELLED, PENDING
from windlass._core.parker cimport Parker
from windlass._core.runner cimport Runner
from windlass._core.task cimport FAILED
from windlass._core.waitlist cimport (
    WaitNode,
    waitlist_add_lock_held,
    waitlist_pop_lock_held,
    waitlist_remove_lock_held,
    wake_and_release,
)
from windlass._core.watcher cimport MUST_HELP, Watcher

from types import GenericAlias

from windlass._core.apply_result import ResultTimeout
from windlass.errors import TaskCancelled


cdef extern from "Python.h":
    void PyObject_GC_UnTrack(PyObject *) noexcept

cdef enum:
    SWEEP_AT = 64       # places at the front of the window that are worth giving up together


cdef class ImapChunk(Chunk):
    """Some of the calls of an imap. Not for use from Python."""

    cdef void tell_owner(self, Runner runner) noexcept:
        owner, self.owner = self.owner, None
        if owner is not None:
            owner.on_chunk_ended(self, runner)


cdef class IMapIterator:
    """The values of ``imap``, in the order of the input.

    An exception of a call or of the input is raised at its position, and iteration can go on behind it.

    Thread safety:
        Safe on shared objects: each value goes to one of the threads that ask.
    """

    __class_getitem__ = classmethod(GenericAlias)

    def __cinit__(self, *args):
        guard.guard_init(&self.guard)
        self.window = []
        self.values = []

    def __init__(self, engine not None, fn, Py_ssize_t limit):
        self.engine = engine
        self.fn = fn
        self.limit = limit

    def __iter__(self):
        return self

    def __next__(self):
        return self._next(NEVER_NS)

    def next(self, timeout: float | None = None) -> object:
        """Return the next value, waiting for it.

        Args:
            timeout: Longest wait in seconds; None for no limit, 0 or less for none.

        Raises:
            StopIteration: There are no more.
            multiprocessing.TimeoutError: It did not come in time; also a builtin TimeoutError.
            PoolTerminated: ``terminate()`` dropped the call.
            BaseException: Whatever the call or the input raised.
        """
        return self._next(deadline_ns(timeout, True))

    @property
    def _job(self):
        if self.job is None:
            self.job = new_job_number()
        return self.job

    # What programs look at to show how far it is.

    @property
    def _index(self):
        cdef Py_ssize_t ended
        guard.lock(&self.guard)
        if self.ended is not None:
            ended = self.first + len(self.window) - self.ahead + len(self.ended) - self.taken
        else:
            ended = self.head
            while ended < len(self.window) and guard.state_load(&(<ImapChunk> self.window[ended]).phase) >= CANCELLED:
                ended += 1
            ended += self.first
        guard.unlock(&self.guard)
        return ended

    @property
    def _length(self):
        return self.first + len(self.window) if self.fed else None

    # ---- for the pool: who reads the input ----

    def _add(self, list items not None) -> bool:
        """Have a worker make these calls; False if no more are wanted."""
        cdef ImapChunk chunk = ImapChunk.__new__(ImapChunk)
        cdef bint wanted
        # Not the collector's business before it ends: see CoreTask.meet_collector.
        PyObject_GC_UnTrack(<PyObject *> chunk)
        chunk.set_up(self.fn, items, False)
        chunk.owner = self
        guard.lock(&self.guard)
        wanted = not self.fed
        if wanted:
            chunk.number = self.first + len(self.window)
            self.window.append(chunk)
            self.ahead += 1
        guard.unlock(&self.guard)
        if not wanted:
            return False
        try:
            self.engine.offer_chunk(chunk)
        except BaseException as error:
            chunk._settle(error, True)      # it has its position: the error is raised there
            if not isinstance(error, Exception):
                raise
            return False
        if self.helpers > 0:
            self._wake_all()
        return True

    def _add_failure(self, error) -> None:
        """Give out an exception at this position; ignored if no more are wanted."""
        cdef ImapChunk chunk = ImapChunk.__new__(ImapChunk)
        cdef bint wanted
        chunk.owner = self
        guard.lock(&self.guard)
        wanted = not self.fed
        if wanted:
            chunk.number = self.first + len(self.window)
            self.window.append(chunk)
            self.ahead += 1
        guard.unlock(&self.guard)
        if wanted:
            chunk._settle(error, True)

    def _close(self) -> None:
        """Add no more: the end comes behind what is there."""
        cdef Parker feeder
        guard.lock(&self.guard)
        self.fed = True
        feeder, self.feeder = self.feeder, None
        guard.unlock(&self.guard)
        if feeder is not None:
            feeder.wake()
        self._wake_all()

    def _wait_for_room(self, Parker parker not None) -> bool:
        """Return True if another chunk may be added or none is wanted; else arrange for ``parker`` to be woken."""
        cdef bint room
        guard.lock(&self.guard)
        room = self.fed or self.limit == 0 or self.ahead < self.limit
        self.feeder = None if room else parker
        guard.unlock(&self.guard)
        return room

    def _forsake(self) -> None:
        # In a forked child: the parent's threads will add nothing and end nothing.
        cdef ImapChunk chunk
        guard.guard_init(&self.guard)
        self.fed = True
        self.feeder = None
        self.helpers = 0
        for chunk in self.window:
            if chunk is not None and not chunk.done():
                chunk.phase = CANCELLED
                chunk.owner = None
                if self.ended is not None:
                    self.ended.append(chunk)
        if self.ended is not None:
            self.window = []
            self.head = 0

    def __del__(self):
        cdef Parker feeder = self.feeder
        if feeder is not None:      # it has lost its consumer
            feeder.wake()

    cdef void on_chunk_ended(self, ImapChunk chunk, Runner runner) noexcept:
        cdef PyObject *woken = NULL
        cdef Parker parker
        guard.lock(&self.guard)
        if self.ended is not None:
            self.ended.append(chunk)    # no collector runs: a list's array is plain memory
            self._forget_lock_held(chunk.number - self.first)
        if self.waiters.first != NULL and self._ready_lock_held():
            woken = waitlist_pop_lock_held(&self.waiters)
        guard.unlock(&self.guard)
        if woken == NULL:
            return
        if runner is not None and runner.may_defer and runner.kick is None:
            parker = <Parker> woken
            Py_DECREF(parker)
            (<Watcher> parker).uncount()
            runner.kick = parker        # woken when the GIL is free: see worker_loop
        else:
            self._wake(woken)

    # ---- the consumer ----

    cdef object _next(self, int64_t deadline):
        cdef int found
        value = self._take(&found, NULL, None)
        if found == NOTHING_YET:
            value = self._wait_for_one(deadline, &found)
        if found == VALUE:
            return value
        if found == OVER:
            raise StopIteration
        if (<ImapChunk> value).phase == CANCELLED:
            raise TaskCancelled("the call was cancelled")
        (<ImapChunk> value)._raise_failure()

    cdef object _take(self, int *found, WaitNode *node, Parker parker):
        # A value; or the chunk that failed; or, in one section with that look, a place among those who wait.
        cdef ImapChunk chunk = None
        cdef list _spent = None
        cdef Parker feeder = None
        value = None
        found[0] = NOTHING_YET
        guard.lock(&self.guard)
        if self.position == len(self.values) and self._ready_lock_held():
            chunk = self._pop_lock_held()
            self.ahead -= 1
            feeder, self.feeder = self.feeder, None
            if chunk.phase == CANCELLED or chunk.flags & FAILED:
                found[0] = FAILURE
            else:
                _spent, self.values = self.values, chunk.outcome    # freed after the section
                self.position = 0
        if found[0] == FAILURE:
            value = chunk
        elif self.position < len(self.values):
            value = self.values[self.position]
            self.values[self.position] = None   # given out: no reference stays here
            self.position += 1
            found[0] = VALUE
        elif self.fed and self.head == len(self.window):
            found[0] = OVER
        elif node != NULL and not node.linked:
            waitlist_add_lock_held(&self.waiters, node, parker)
        guard.unlock(&self.guard)
        if feeder is not None:
            feeder.wake()
        return value

    cdef object _wait_for_one(self, int64_t deadline, int *found):
        cdef Watcher watcher = Watcher.__new__(Watcher)
        # Not with a time limit: a call may take longer than the consumer is willing to wait.
        cdef bint helper = deadline == NEVER_NS and watcher.home is self.engine._crew
        cdef ImapChunk chunk
        cdef WaitNode node
        cdef int outcome
        node.linked = False
        watcher.foreign = watcher.home is not self.engine._crew
        self._count_helper(helper)
        try:
            while True:
                value = self._take(found, &node, watcher)
                if found[0] != NOTHING_YET:
                    return value
                chunk = self._find_pending(True) if helper else None
                if chunk is not None:       # in order of the input: the consumer needs it before it can go on
                    chunk.try_help(deadline)
                    continue
                watcher.help = self if helper else None
                outcome = watcher.block_until(deadline)
                if outcome == 0:
                    raise ResultTimeout("the next value has not come within the timeout")
                if outcome == MUST_HELP or watcher.called:
                    watcher.called = False
                    chunk = self._find_pending(False)
                    if chunk is not None:
                        chunk.try_help(deadline)
                    elif outcome == MUST_HELP:
                        watcher.help = None
                        watcher.block_until(deadline)
                chunk = None
        finally:
            self._count_helper(-helper)
            self._leave(&node)

    cdef void _count_helper(self, int n) noexcept:
        guard.lock(&self.guard)
        self.helpers += n
        guard.unlock(&self.guard)

    cdef bint _ready_lock_held(self) noexcept:
        if self.ended is not None:
            return self.taken < len(self.ended)
        return self.head < len(self.window) and (
            guard.state_load(&(<ImapChunk> self.window[self.head]).phase) >= CANCELLED
        )

    cdef ImapChunk _pop_lock_held(self):
        cdef ImapChunk chunk
        if self.ended is None:
            chunk = self.window[self.head]
            self._forget_lock_held(self.head)
            return chunk
        chunk = self.ended[self.taken]
        self.ended[self.taken] = None
        self.taken += 1
        if self.taken > SWEEP_AT and 2 * self.taken > len(self.ended):
            del self.ended[:self.taken]
            self.taken = 0
        return chunk

    cdef int _forget_lock_held(self, Py_ssize_t at) except -1:
        # The caller holds the chunk: nothing is freed here.
        self.window[at] = None
        while self.head < len(self.window) and self.window[self.head] is None:
            self.head += 1
        if self.head > SWEEP_AT and 2 * self.head > len(self.window):
            del self.window[:self.head]     # each place is given up once: O(1) a chunk
            self.first += self.head
            self.head = 0
        return 0

    cdef ImapChunk _find_pending(self, bint next_only):
        # One that nobody has begun; with next_only, only if its values are the next to be given out.
        cdef ImapChunk chunk = None
        cdef Py_ssize_t at, end
        guard.lock(&self.guard)
        end = len(self.window)
        if next_only:
            end = 0 if self.ended is not None else min(end, self.head + 1)
        for at in range(self.head, end):
            chunk = self.window[at]
            if chunk is not None and chunk.place is not None and guard.state_load(&chunk.phase) == PENDING:
                break
            chunk = None
        guard.unlock(&self.guard)
        return chunk

    cdef void _leave(self, WaitNode *node) noexcept:
        # A wake that this consumer no longer needs, or more than it could take, is for the next one.
        cdef PyObject *woken = NULL
        guard.lock(&self.guard)
        waitlist_remove_lock_held(&self.waiters, node)
        if self.position < len(self.values) or self._ready_lock_held():
            woken = waitlist_pop_lock_held(&self.waiters)
        guard.unlock(&self.guard)
        self._wake(woken)

    cdef void _wake(self, PyObject *waiter) noexcept:
        if waiter != NULL:
            (<Watcher> waiter).uncount()
            wake_and_release(waiter)

    cdef void _wake_all(self) noexcept:
        cdef PyObject *woken
        while True:
            guard.lock(&self.guard)
            woken = waitlist_pop_lock_held(&self.waiters)
            guard.unlock(&self.guard)
            if woken == NULL:
                return
            self._wake(woken)


cdef class IMapUnorderedIterator(IMapIterator):
    """The values of ``imap_unordered``, in the order in which the calls end. Otherwise as :class:`IMapIterator`."""

    def __cinit__(self, *args):
        self.ended = []
