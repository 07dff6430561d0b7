"""Watchers: threads that wait for tasks to end.

A watcher is the parker of its thread. A task that ends calls ``on_ended`` on each of its watchers and then wakes those
that said so; the waiting thread looks at what it waits for before every sleep, so an early or doubled wake is harmless.
"""
from cpython.list cimport PyList_Append

from libc.stdint cimport int64_t

from windlass._core.clock cimport NEVER_NS, deadline_ns
from windlass._core.parker cimport Parker, spin_limit
from windlass._core.runner cimport Home, current_home


cdef int fetch_from(object place, object task, int64_t deadline) except -1:
    fetch = getattr(place, "fetch", None)       # the task may have ended meanwhile, and be anywhere
    if fetch is not None:
        fetch(task, deadline)
    return 0


cdef class Watcher(Parker):
    """A thread that waits for tasks to end. Not for use from Python."""

    def __cinit__(self):
        self.home = current_home()

    cdef int block_until(self, int64_t deadline) except -1:
        cdef Home home = self.home
        if home is None or self.foreign or home is not current_home():
            return self.park_until(deadline, spin_limit(), None)
        if home.on_block(self):
            return MUST_HELP
        try:
            return self.park_until(deadline, spin_limit(), None)
        finally:
            home.on_unblock(self)

    cdef void uncount(self) noexcept:
        # Here and not by the woken thread: until it runs, it would be taken for one that nobody else can help.
        if self.home is not None:
            self.home.on_unblock(self)

    cdef bint on_ended(self, object task) noexcept:
        return True


cdef class Latch(Watcher):
    """Waits for one task."""


cdef class CompletionStream(Watcher):
    """Collects tasks in the order in which they end.

    Thread safety:
        Safe on shared objects for the tasks that end; :meth:`take` belongs to one thread.
    """

    def __cinit__(self):
        self.ended = []
        self.wanted = 1

    cdef bint on_ended(self, object task) noexcept:
        try:
            PyList_Append(self.ended, task)
        except MemoryError:
            pass        # the waiter asks every task itself before it gives up
        return len(self.ended) >= self.wanted

    def put(self, task) -> None:
        """Report a task by hand."""
        if self.on_ended(task):
            if self.home is not None:
                self.home.on_unblock(self)      # as who ends a task: observed.pyx, unblock()
            self.wake()

    def take(self, timeout: float | None = None, wanted: int = 1) -> list:
        """Wait for tasks to end.

        Args:
            timeout: Longest wait in seconds; None for no limit.
            wanted: How many to wait for.

        Returns:
            All that ended since the last call, in order; fewer than ``wanted`` if the time was over.
        """
        cdef list taken
        self._wait_until(deadline_ns(timeout, True), wanted)
        taken = self.ended[:]
        del self.ended[:len(taken)]     # not a new list: without a GIL, somebody may be appending to this one
        return taken

    cdef int wait_for(self, Py_ssize_t wanted) except -1:
        return self._wait_until(NEVER_NS, wanted)

    cdef int _wait_until(self, int64_t deadline, Py_ssize_t wanted) except -1:
        cdef int woken = 1
        self.wanted = wanted
        self.called = False
        while woken and len(self.ended) < wanted:
            woken = self.block_until(deadline)
            if (woken == MUST_HELP or self.called) and len(self.ended) < wanted:
                self.called = False
                if not self.help():
                    self.help = None    # its tasks run, or are not this pool's: it will never have one to help with
        return 0
