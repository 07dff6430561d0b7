"""Who of a crew works, who sleeps, and who waits for the others' tasks. README.md, "Crew" and "Task", has the rules."""
from windlass._core cimport guard
from windlass._core.backlog cimport Backlog
from windlass._core.observed cimport CANCELLED
from windlass._core.parker cimport Parker
from windlass._core.runner cimport Runner, current_runner
from windlass._core.task cimport CoreTask
from windlass._core.watcher cimport Watcher


cdef class Seat(Runner):
    """One worker thread's place in a crew. Not for use from Python."""

    cdef int carry(self, CoreTask task) except -1:
        return 0


cdef class Roster(Backlog):
    """The workers of one pool. Not for use from Python."""

    cpdef bint is_inside(self) noexcept:
        """Return whether the calling thread is a worker of this crew, at a task."""
        cdef Runner here = current_runner()
        return here is not None and here.home is self

    cdef bint owns(self, object task) noexcept:
        cdef CoreTask asked = task
        cdef Seat seat
        if asked.place is self or guard.state_load(&asked.phase) >= CANCELLED:
            return True
        for seat in self.seats:
            if asked.place is seat.worker:
                return True
        return False

    # ---- places for workers ----

    cdef bint reserve_lock_held(self) noexcept nogil:
        # Those who search or sleep will each take a task; a worker more is worth starting only for what is left. With
        # many workers, the one who searches looks what is left.
        if self.n_workers >= self.eager_workers and self.searching > 0:
            return False
        if self.n_workers >= self.max_workers or self.store.live_lock_held() <= self.searching + self.n_idle:
            return False
        self.n_workers += 1
        self.searching += 1
        return True

    def reserve(self, bint regardless=False) -> bool:
        """Take a place for a new worker, if there is one (``regardless``: even if no task waits for it)."""
        cdef bint reserved
        guard.lock(&self.store.guard)
        if regardless and self.n_workers < self.max_workers:
            self.n_workers += 1
            self.searching += 1
            reserved = True
        else:
            reserved = not regardless and self.reserve_lock_held()
        guard.unlock(&self.store.guard)
        return reserved

    def unreserve(self) -> None:
        """Give the place back, since the thread could not start."""
        cdef Watcher helper
        guard.lock(&self.store.guard)
        self.searching -= 1
        helper = self.one_less_lock_held()
        guard.unlock(&self.store.guard)
        if helper is not None:
            helper.wake()

    cdef Watcher one_less_lock_held(self):
        # The caller wakes what this returns, without the lock: who leaves may have been the last that was not blocked.
        cdef Watcher helper = None
        self.n_workers -= 1
        if self.blocked >= self.n_workers and self.helpers:
            helper = self.helpers.pop()
            self.call_lock_held(helper)
        return helper

    def retire(self, Py_ssize_t n) -> None:
        """Ask ``n`` workers to leave, after the task they are at."""
        guard.lock(&self.store.guard)
        self.retiring = max(0, self.retiring + n)
        guard.unlock(&self.store.guard)
        self.wake_all()

    # ---- who sleeps ----

    cdef void stand_idle_lock_held(self, Seat seat) noexcept:
        seat.next_idle = self.idle
        seat.idle = True
        self.idle = seat
        self.n_idle += 1

    cdef void leave_stack_lock_held(self, Seat seat) noexcept:
        cdef Seat above
        if self.idle is seat:
            self.idle = seat.next_idle
        else:
            above = self.idle
            while above.next_idle is not seat:
                above = above.next_idle
            above.next_idle = seat.next_idle
        seat.next_idle = None       # every seat is held by its own thread: nothing is freed here
        seat.idle = False
        self.n_idle -= 1

    cdef Parker wake_one_lock_held(self):
        # The caller wakes it without the lock. The seat counts as searching from here on.
        cdef Seat seat = self.idle
        self.leave_stack_lock_held(seat)
        seat.searching = True
        self.searching += 1
        return seat.parker

    cdef void wake_all(self) noexcept:
        cdef Parker sleeper
        while True:
            sleeper = None
            guard.lock(&self.store.guard)
            if self.idle is not None:
                sleeper = self.wake_one_lock_held()
            guard.unlock(&self.store.guard)
            if sleeper is None:
                return
            sleeper.wake()

    # ---- who waits, inside a task, for other tasks of the pool ----

    cdef void call_lock_held(self, Watcher helper) noexcept:
        helper.counted = False
        helper.called = True
        self.blocked -= 1

    cdef bint on_block(self, object watcher) noexcept:
        # Counted and looked at in one section: of several that are about to sleep, one sees that it is the last.
        cdef Watcher last = watcher
        cdef Watcher helper = None
        cdef bint stuck
        guard.lock(&self.store.guard)
        last.counted = True
        self.blocked += 1
        stuck = self.blocked >= self.n_workers
        if stuck and last.help is not None:
            last.counted = False
            self.blocked -= 1
            helper = last
        elif stuck and self.helpers:
            helper = self.helpers.pop()     # it sleeps, and may have what this one has not
            self.call_lock_held(helper)
        elif last.help is not None:
            self.helpers.append(last)
        guard.unlock(&self.store.guard)
        if helper is not None and helper is not last:
            helper.wake()
        return helper is last

    cdef void on_unblock(self, object watcher) noexcept:
        cdef Watcher woken = watcher
        cdef Py_ssize_t at
        guard.lock(&self.store.guard)
        if woken.counted:
            woken.counted = False
            self.blocked = max(0, self.blocked - 1)     # 0 already if this thread forked inside such a wait
        for at in range(len(self.helpers)):
            if self.helpers[at] is woken:
                self.helpers.pop(at)    # whoever calls holds it: nothing is freed
                break
        guard.unlock(&self.store.guard)
