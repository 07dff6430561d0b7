"""A crew: the workers of one pool and their queue.

Guarantees: while a task waits and a worker is idle, some worker is on its way to the queue (``searching`` > 0 or busy
with its last look); each task is run by exactly one claim; an idle crew makes no system call. README.md, "Crew", has
the protocol and why no wake-up is lost. Who sleeps is in roster.pyx, what a worker does in worker_loop.pyx.
"""
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int64_t

from windlass._core cimport guard
from windlass._core.clock cimport delay_ns
from windlass._core.item_store cimport ItemStore
from windlass._core.levels cimport levels_pop, levels_push, levels_reserve, levels_return
from windlass._core.lifting cimport is_liftable
from windlass._core.observed cimport PENDING
from windlass._core.parker cimport Parker
from windlass._core.priority_key cimport PriorityKey
from windlass._core.roster cimport Roster, Seat
from windlass._core.tally cimport Figures, as_tuple
from windlass._core.task cimport CoreTask
from windlass._core.task_options cimport TaskOptions

import sys
import threading

from windlass._core.report import report


cdef extern from "Python.h":
    const Py_ssize_t PY_SSIZE_T_MAX
    unsigned long PyThread_get_thread_ident() noexcept nogil

cdef enum:
    LONGEST_TURN_NS = 1_000_000     # without looking whether another thread has asked for the GIL


cdef class Crew(Roster):
    """The workers of one pool and their queue. Not for use from Python: see :class:`windlass.ThreadPool`.

    Args:
        store: The queue that the workers take tasks from.
        max_workers: Most workers at a time.
        min_workers: Idle workers stay while there are no more than this.
        idle_timeout: Seconds after which an idle worker above ``min_workers`` leaves; None for never.
    """

    def __init__(self, ItemStore store, Py_ssize_t max_workers, Py_ssize_t min_workers, idle_timeout) -> None:
        self.store = store
        self.seats = []
        self.helpers = []
        self.max_workers = max_workers
        self.eager_workers = PY_SSIZE_T_MAX
        self.min_workers = min_workers
        self.idle_timeout_ns = delay_ns(idle_timeout, False)
        self.switch_ns = min(<int64_t> (sys.getswitchinterval() * 1e9), LONGEST_TURN_NS)

    # ---- submitting ----

    cdef int offer(self, CoreTask task, PriorityKey key, bint *spawn) except -1:
        cdef ItemStore store = self.store
        cdef Parker sleeper = None
        cdef int answer = TAKEN
        spawn[0] = False
        guard.lock(&store.guard)
        if self.closing:
            answer = CLOSED
        elif self.gated and not self.is_inside():
            answer = GATED
        elif store.full_lock_held():
            answer = FULL
        elif levels_push(&store.levels, key, <PyObject *> task) < 0:
            answer = NO_MEMORY
        else:
            Py_INCREF(task)
            store.unfinished_tasks += 1
            self.figures.submitted += 1
            if self.searching == 0 and self.idle is not None:
                sleeper = self.wake_one_lock_held()
            elif self.n_workers < self.max_workers:
                spawn[0] = self.reserve_lock_held()
        guard.unlock(&store.guard)
        if sleeper is not None:
            sleeper.wake()
        return answer

    cdef bint offer_directly(self, CoreTask task) except -1:
        cdef ItemStore store = self.store
        cdef Seat seat
        cdef bint taken = False
        if is_liftable(task._fn):
            return False
        guard.lock(&store.guard)
        seat = self.idle
        if seat is not None and seat.direct and store.levels.count == 0 and not self.closing and not self.gated:
            taken = task.claim()
            if taken:
                self.leave_stack_lock_held(seat)
                seat.driver = PyThread_get_thread_ident()
                seat.carried = task
                store.unfinished_tasks += 1
                self.figures.submitted += 1
                self.figures.running += 1
        guard.unlock(&store.guard)
        if taken:
            seat.carry(task)
        return taken

    cdef int offer_many(self, list tasks, Py_ssize_t start, Py_ssize_t stop, PriorityKey key, bint *spawn) except -1:
        # All of tasks[start:stop] or none; for unbounded queues.
        cdef ItemStore store = self.store
        cdef Parker sleeper = None
        cdef int answer = TAKEN
        cdef Py_ssize_t at
        spawn[0] = False
        guard.lock(&store.guard)
        if self.closing:
            answer = CLOSED
        elif self.gated and not self.is_inside():
            answer = GATED
        elif levels_reserve(&store.levels, key, stop - start) < 0:
            answer = NO_MEMORY
        else:
            for at in range(start, stop):
                Py_INCREF(<CoreTask> <PyObject *> tasks[at])
                levels_push(&store.levels, key, <PyObject *> tasks[at])     # cannot fail: reserved
            store.unfinished_tasks += stop - start
            self.figures.submitted += stop - start
            if self.searching == 0 and self.idle is not None:
                sleeper = self.wake_one_lock_held()
            spawn[0] = self.reserve_lock_held()
        guard.unlock(&store.guard)
        if sleeper is not None:
            sleeper.wake()
        return answer

    cdef bint on_called(self, object called) noexcept:
        cdef ItemStore store = self.store
        cdef CoreTask task = called
        cdef TaskOptions options = task.extras
        cdef Seat seat
        cdef Parker sleeper = None
        cdef bint given, pushed = False, spawn = False
        guard.lock(&store.guard)
        seat = self.idle
        given = seat is not None and seat.can_be_given
        if given:
            self.leave_stack_lock_held(seat)
            seat.given = task           # it was None: nothing is freed here
            sleeper = seat.parker
        else:
            pushed = levels_return(&store.levels, options.key, <PyObject *> task) == 0
        if pushed:
            Py_INCREF(task)
            guard.state_store(&task.phase, PENDING)
            if self.searching == 0 and self.idle is not None:
                sleeper = self.wake_one_lock_held()
            else:
                spawn = self.reserve_lock_held()
        else:
            self.figures.running += 1
        guard.unlock(&store.guard)
        self.release_held(task)
        if sleeper is not None:
            sleeper.wake()
        if spawn:
            self.start_reserved()
        if not given and not pushed:
            task._settle(MemoryError("no memory for the task"), True)
        return given

    cpdef bint start_reserved(self) noexcept:
        """Start a worker for a place reserved, since there is work left; return whether it could be."""
        try:
            self.start_worker()
        except BaseException as error:      # it has given the place back
            # At its exit the interpreter may start no threads; if there are others, they do the work.
            if not self.closing or self.n_workers == 0:
                report("no worker can be started for the work of", self, error)
            return False
        return True

    cdef void on_none_held(self) noexcept:
        if self.closing:
            self.wake_all()     # those who stayed for them

    # ---- gates and counters ----

    def close_gate(self) -> None:
        """Let only workers of this crew submit, until :meth:`open_gate` has been called as often as this."""
        guard.lock(&self.store.guard)
        self.gated += 1
        guard.unlock(&self.store.guard)

    def open_gate(self) -> None:
        """Undo one :meth:`close_gate`."""
        guard.lock(&self.store.guard)
        self.gated = max(0, self.gated - 1)
        guard.unlock(&self.store.guard)
        self.store.wake_all_putters()

    def counters(self) -> tuple:
        """Return what :class:`PoolStatistics` is made of, as of one moment."""
        cdef Py_ssize_t workers, idle, queued
        cdef Figures figures
        guard.lock(&self.store.guard)
        workers, idle, queued = self.n_workers, self.n_idle, self.store.live_lock_held() + self.store.held
        figures = self.figures
        guard.unlock(&self.store.guard)
        return workers, idle, queued, *as_tuple(&figures)

    # ---- the end ----

    def close(self) -> None:
        """Refuse new tasks; the workers leave when the queue is empty."""
        guard.lock(&self.store.guard)
        self.closing = True
        guard.unlock(&self.store.guard)
        self.wake_all()
        self.store.wake_all_putters()

    def reset_after_fork(self) -> None:
        """In a forked child: forget the parent's threads, and end the parent's tasks as cancelled, telling nobody."""
        cdef ItemStore store = self.store
        cdef PyObject *item
        cdef CoreTask task
        cdef Seat seat
        here = threading.current_thread()
        guard.guard_init(&store.guard)
        for seat in self.seats:
            if seat.worker is here:     # the thread that forked
                seat.orphan = True
                continue
            seat.home = None    # the thread that forked may be at one in place of its own thread, see direct_seat
            if seat.current is not None:
                for task in [seat.current, *(seat.below or ())]:
                    task.forget()
            elif seat.given is not None:
                seat.given.forget()
        self.seats = []
        self.helpers = []
        self.idle = None
        self.searching = self.n_workers = self.n_idle = self.figures.running = self.retiring = self.blocked = 0
        self.spinning = 0
        self.gated = 0
        store.unfinished_tasks = store.dead = store.held = 0
        for task in self.held_tasks.values():
            task.forget()
        self.held_tasks = {}
        while True:
            item = levels_pop(&store.levels)
            if item == NULL:
                break
            task = <CoreTask> item
            task.forget()
            Py_DECREF(task)
