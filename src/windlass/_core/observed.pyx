# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""Something that ends once, and who hears of it.

Guarantees: one compare-and-swap decides who takes it out of PENDING; every observer hears of the end exactly once,
after the outcome can be read; what a callback raises is logged and goes no further. README.md, "Task", has the
protocol.
"""
from cpython.object cimport PyObject
from libc.stdint cimport int32_t

from windlass._core cimport guard
from windlass._core.runner cimport Runner
from windlass._core.watcher cimport Watcher

from windlass._core.report import report


cdef extern from "Python.h":
    int PyObject_GenericSetAttr(object, object, object) except -1
    bint PyObject_GC_IsTracked(object) noexcept
    void PyObject_GC_Track(PyObject *) noexcept

STATE_NAMES = ("PENDING", "RUNNING", "CANCELLED", "FINISHED")


cdef class Observed:
    """The state of a task, and its observers. Not for use from Python: see :class:`windlass.Task`."""

    # ---- asking ----

    def done(self) -> bool:
        """Return whether the task has ended, by finishing or by being cancelled."""
        return guard.state_load(&self.phase) >= CANCELLED

    def is_set(self) -> bool:
        """Return whether the task has ended; the name it has as an event."""
        return guard.state_load(&self.phase) >= CANCELLED

    def running(self) -> bool:
        """Return whether a worker is at it now."""
        return guard.state_load(&self.phase) == RUNNING

    def cancelled(self) -> bool:
        """Return whether it was cancelled before it started."""
        return guard.state_load(&self.phase) == CANCELLED

    @property
    def state(self) -> str:
        """``"PENDING"``, ``"RUNNING"``, ``"CANCELLED"`` or ``"FINISHED"``."""
        return STATE_NAMES[guard.state_load(&self.phase)]

    def add_done_callback(self, fn) -> None:
        """Call ``fn(task)`` when the task has ended: once, in the thread that ends it, or now if it has.

        Args:
            fn: Its exceptions are logged to the ``windlass`` logger and otherwise ignored.

        Raises:
            TypeError: ``fn`` is not callable.
        """
        if not callable(fn):
            raise TypeError(f"fn must be callable, not {type(fn).__name__}")
        if self.observe(fn):
            return
        try:
            fn(self)
        except Exception as error:      # others, such as Ctrl-C, are the caller's
            self._report_callback(error)

    # ---- the protocol ----

    cdef bint claim(self) noexcept nogil:
        return guard.state_cas(&self.phase, PENDING, RUNNING)

    cdef bint tells_others(self) noexcept:
        cdef bint tells
        guard.lock(&self.guard)
        tells = self.standard or self._has_callbacks_lock_held()
        guard.unlock(&self.guard)
        return tells

    cdef bint _has_callbacks_lock_held(self) noexcept:
        if type(self.observers) is not list:
            return self.observers is not None and not isinstance(self.observers, Watcher)
        for observer in <list> self.observers:
            if not isinstance(observer, Watcher):
                return True
        return False

    cdef void meet_collector(self) noexcept:
        # A pool's tasks are born untracked, since a full queue would make the collector walk it over and over. No
        # cycle is lost by that: a worker will run a pending task, whoever holds it, and the end gives up all that it
        # refers to but the outcome. With an outcome that can be part of a cycle, or attributes, it is tracked.
        if not PyObject_GC_IsTracked(self):
            PyObject_GC_Track(<PyObject *> self)

    def __setattr__(self, name, value):
        self.meet_collector()
        PyObject_GenericSetAttr(self, name, value)

    cdef void publish(self, int32_t phase, Runner runner) noexcept:
        # The state changes and the observers are taken in one section: observe() either comes before, and its
        # observer is among them, or sees the end.
        cdef bint standard
        guard.lock(&self.guard)
        guard.state_store(&self.phase, phase)
        observers = self.observers
        self.observers = None
        standard = self.untold = self.standard
        guard.unlock(&self.guard)
        if observers is not None:
            self._notify(observers, runner)
        if standard:
            self.tell_standard()

    cdef void tell_standard(self) noexcept:
        try:
            self._notify_standard()
        except BaseException as error:
            self.untold = False
            report("exception in a waiter for", self, error)

    cdef void _notify(self, object observers, Runner runner) noexcept:
        # Waiting threads first: a callback may take its time.
        cdef Watcher watcher
        if isinstance(observers, Watcher):
            watcher = observers
            if watcher.on_ended(self):
                watcher.uncount()
                if runner is not None and runner.may_defer and runner.kick is None:
                    runner.kick = watcher       # woken when the GIL is free: see worker_loop
                else:
                    watcher.wake()
            return
        if type(observers) is not list:     # a callback's class may be a subclass
            self._run_callback(observers)
            return
        for observer in <list> observers:
            if isinstance(observer, Watcher):
                watcher = observer
                if watcher.on_ended(self):
                    watcher.uncount()
                    watcher.wake()
        for observer in <list> observers:
            if not isinstance(observer, Watcher):
                self._run_callback(observer)

    def _run_callback(self, fn):
        try:
            fn(self)
        except BaseException as error:      # SystemExit too: it is the callback's, not the worker's
            self._report_callback(error)

    def _report_callback(self, error):
        report("exception in a callback of", self, error)

    cdef bint observe(self, object observer) except -1:
        cdef list several = None
        cdef bint kept = True
        while True:
            guard.lock(&self.guard)
            if guard.state_load(&self.phase) >= CANCELLED:
                kept = False
            elif self.observers is None:
                self.observers = observer
            elif type(self.observers) is list:      # a callback's class may be a subclass
                (<list> self.observers).append(observer)    # no collector runs: a list's array is plain memory
            elif several is not None:
                several[0] = self.observers
                self.observers = several
            else:
                guard.unlock(&self.guard)
                several = [None, observer]      # a new list may start the collector: not under the guard
                continue
            guard.unlock(&self.guard)
            return kept

    cdef void unobserve(self, object observer) noexcept:
        cdef Py_ssize_t at
        guard.lock(&self.guard)
        if self.observers is observer:
            self.observers = None       # the caller holds it: nothing is freed here
        elif type(self.observers) is list:
            for at in range(len(<list> self.observers)):
                if (<list> self.observers)[at] is observer:
                    (<list> self.observers).pop(at)
                    break
        guard.unlock(&self.guard)

    @property
    def _untold(self):
        return bool(self.untold)

    def _note_told(self):
        # Under the standard condition.
        self.untold = False

    def _touch_standard(self):
        self.meet_collector()
        # Under the guard: either the end sees it, or whoever touched them sees the end.
        guard.lock(&self.guard)
        self.standard = True
        guard.unlock(&self.guard)
