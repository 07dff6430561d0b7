# cython: binding=False, embedsignature=True, embedsignature.format=clinic, auto_pickle=False
"""So many calls at a time: threads wait for a slot, tasks are held without a thread.

Guarantees: at most ``slots`` are inside; while somebody waits or is held, no slot is free that nobody has been called
for; every end of a task gives up its slot, or the call that it did not follow. README.md, "Limit", has the protocol.
"""
cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int64_t
from libc.string cimport memset

from windlass._core cimport guard
from windlass._core.clock cimport NEVER_NS, deadline_ns
from windlass._core.dead_tasks cimport add_dead_lock_held, sweep_dead
from windlass._core.forks cimport forks
from windlass._core.item_store cimport ItemStore
from windlass._core.levels cimport Levels, levels_free, levels_pop, levels_push, levels_return
from windlass._core.observed cimport PENDING
from windlass._core.parker cimport Parker, spin_limit
from windlass._core.runner cimport Home
from windlass._core.task cimport CoreTask
from windlass._core.task_options cimport CALLED, HELD, INSIDE, OUTSIDE, Gate, TaskOptions
from windlass._core.waitlist cimport (
    WaitNode,
    waitlist_add_lock_held,
    waitlist_pop_lock_held,
    waitlist_remove_lock_held,
    wake_and_release,
)
from windlass._core.watcher cimport Watcher

from windlass._core.report import report


cdef class Limit(Gate):
    """A semaphore that pools know: a task that finds no slot waits without a thread.

    Give it to tasks as ``semaphore``, or use it as a semaphore or in a ``with`` statement. Threads are served in the
    order in which they came, tasks by priority, then in order; where both wait, a thread and a task in turn. A task
    whose pool has no idle worker leaves its turn to the others.

    Args:
        slots: How many may be inside at a time.

    Raises:
        TypeError, ValueError: ``slots`` is not a positive int.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self, slots: int) -> None:
        if isinstance(slots, bool) or not isinstance(slots, int):
            raise TypeError(f"slots must be an int, not {type(slots).__name__}")
        if slots < 1:
            raise ValueError(f"slots must be 1 or greater, not {slots}")
        self.slots = slots

    def __cinit__(self, *args, **kwargs):
        self.line = ItemStore()
        self.forks = forks()

    # ---- for threads ----

    def acquire(self, blocking=True, timeout=None) -> bool:
        """Take a slot, waiting for it.

        Args:
            blocking: Whether to wait.
            timeout: Longest wait in seconds; None for no limit, 0 or less for none.

        Returns:
            Whether it was taken.

        Raises:
            TypeError, ValueError: ``timeout`` is not a number of seconds, or is given with ``blocking=False``.
        """
        cdef int64_t deadline = NEVER_NS
        if timeout is not None:
            if not blocking:
                raise ValueError("a timeout is only for a blocking acquire")
            deadline = deadline_ns(timeout, True)
        return self.try_enter(None) or (blocking and self.wait_for_slot(None, deadline))

    def release(self) -> None:
        """Give a slot back.

        Raises:
            ValueError: None is taken.
        """
        # In a forked child, some are given back that its parent took.
        if self.inside == 0 and forks() == 0:
            raise ValueError("release of a limit of which no slot is taken")
        self.give_back()

    def __enter__(self):
        if not self.try_enter(None):
            self.wait_for_slot(None, NEVER_NS)
        return self

    def __exit__(self, *error):
        self.give_back()

    def enlist(self, notify):
        """Take a slot and return None; or return a :class:`Turn`, and call ``notify()`` when its slot has been taken.

        Args:
            notify: Called in whichever thread gives the slot up; quick. If it raises, the next one gets the slot.
        """
        cdef Turn turn = Turn()
        turn.limit, turn.notify = self, notify
        return None if self.take_or_wait(&turn.node, turn) else turn

    @property
    def free(self) -> int:
        """Slots that nobody has taken."""
        self.begin_again()
        return self.slots - self.inside

    @property
    def held(self) -> int:
        """Tasks that wait for a slot outside their pools' queues."""
        self.begin_again()
        return max(0, self.line.live_lock_held())

    @property
    def waiting(self) -> int:
        """Threads and coroutines that wait for a slot."""
        cdef WaitNode *node
        cdef Py_ssize_t count = 0
        self.begin_again()
        guard.lock(&self.line.guard)
        node = self.waiters.first if self.waiters.forks == forks() else NULL
        while node != NULL:
            count += 1
            node = node.next
        guard.unlock(&self.line.guard)
        return count

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.slots - self.free} of {self.slots}, {self.held} tasks held>"

    def __reduce__(self):
        raise TypeError("a Limit cannot be pickled: it counts the calls of one process")

    cdef bint wait_for_slot(self, TaskOptions options, int64_t deadline) except -1:
        cdef Parker parker = Parker()
        cdef WaitNode node
        cdef bint taken
        node.linked = False
        self.begin_again()
        guard.lock(&self.line.guard)
        taken = self.take_lock_held(options)
        if not taken:
            self.stand_aside_lock_held(options)
            waitlist_add_lock_held(&self.waiters, &node, parker)
        guard.unlock(&self.line.guard)
        if taken:
            return True
        try:
            # A giver takes the node out first and wakes then: whoever finds it gone has the slot already.
            while parker.park_until(deadline, spin_limit(), None) == 1 and self.is_waiting(&node):
                pass
        except BaseException:
            if not self.withdraw(&node):
                self.give_back()
            raise
        if self.withdraw(&node):
            return False
        if options is not None:
            options.standing, options.forks = INSIDE, forks()
        return True

    cdef bint take_or_wait(self, WaitNode *node, Parker parker) noexcept:
        cdef bint taken
        self.begin_again()
        guard.lock(&self.line.guard)
        taken = self.take_lock_held(None)
        if not taken:
            waitlist_add_lock_held(&self.waiters, node, parker)
        guard.unlock(&self.line.guard)
        return taken

    cdef bint is_waiting(self, WaitNode *node) noexcept:
        cdef bint waiting
        guard.lock(&self.line.guard)
        waiting = node.linked
        guard.unlock(&self.line.guard)
        return waiting

    cdef bint withdraw(self, WaitNode *node) noexcept:
        cdef bint waited
        guard.lock(&self.line.guard)
        waited = node.linked
        waitlist_remove_lock_held(&self.waiters, node)
        guard.unlock(&self.line.guard)
        return waited

    cdef void give_back(self) noexcept:
        self.begin_again()
        guard.lock(&self.line.guard)
        self.inside = max(0, self.inside - 1)
        guard.unlock(&self.line.guard)
        self.pass_on()

    # ---- for tasks ----

    cdef bint try_enter(self, TaskOptions options) noexcept:
        cdef bint taken
        self.begin_again()
        guard.lock(&self.line.guard)
        taken = self.take_lock_held(options)
        guard.unlock(&self.line.guard)
        return taken

    cdef int enter(self, TaskOptions options) except -1:
        if not self.try_enter(options):
            self.wait_for_slot(options, NEVER_NS)
        return 0

    cdef void hand_over(self, TaskOptions options) noexcept:
        guard.lock(&self.line.guard)
        self.stand_aside_lock_held(options)
        options.standing, options.forks = INSIDE, forks()
        guard.unlock(&self.line.guard)

    cdef void leave(self, TaskOptions options) noexcept:
        cdef int standing
        self.begin_again()
        guard.lock(&self.line.guard)
        standing = options.standing
        if standing == INSIDE or standing == CALLED:
            options.standing = OUTSIDE
            if options.forks == forks():
                if standing == INSIDE:
                    self.inside -= 1
                else:
                    self.called -= 1
        guard.unlock(&self.line.guard)
        if standing == INSIDE or standing == CALLED:
            self.pass_on()

    cdef bint hold(self, CoreTask task, TaskOptions options) noexcept:
        # The task is claimed, and is not from the moment in which others may see it here.
        cdef int pushed
        cdef bint taken
        self.begin_again()
        guard.lock(&self.line.guard)
        taken = self.take_lock_held(options)
        if not taken:
            if options.standing == CALLED:      # it was here before those that stand here now
                pushed = levels_return(&self.line.levels, options.key, <PyObject *> task)
            else:
                pushed = levels_push(&self.line.levels, options.key, <PyObject *> task)
            self.stand_aside_lock_held(options)
            if pushed == 0:
                Py_INCREF(task)
                options.standing = HELD
                guard.state_store(&task.phase, PENDING)
            else:
                taken = True        # no memory: it waits on its thread
        guard.unlock(&self.line.guard)
        return not taken

    cdef void drop(self, TaskOptions options) noexcept:
        cdef bint crowded
        guard.lock(&self.line.guard)
        options.standing = OUTSIDE
        crowded = add_dead_lock_held(self.line)
        guard.unlock(&self.line.guard)
        if crowded:
            sweep_dead(self.line)

    # ---- the protocol ----

    cdef bint take_lock_held(self, TaskOptions options) noexcept nogil:
        if self.inside >= self.slots:
            return False
        self.inside += 1
        if options is not None:
            self.stand_aside_lock_held(options)
            options.standing, options.forks = INSIDE, forks()
        return True

    cdef void stand_aside_lock_held(self, TaskOptions options) noexcept nogil:
        if options is not None and options.standing == CALLED:
            options.standing = OUTSIDE
            if options.forks == self.forks:
                self.called -= 1

    cdef void pass_on(self) noexcept:
        # Give what is free to the first thread that waits, or call a task for it: in turns where there are both. A task
        # that cannot start at once leaves the slot to the thread.
        cdef PyObject *waiter
        cdef PyObject *item
        cdef CoreTask task
        cdef TaskOptions options
        cdef bint claimed = False
        while True:
            waiter = item = NULL
            guard.lock(&self.line.guard)
            if self.inside < self.slots:
                if not self.tasks_turn or self.line.levels.count == 0:
                    waiter = waitlist_pop_lock_held(&self.waiters)
                if waiter == NULL and self.inside + self.called < self.slots:
                    item = levels_pop(&self.line.levels)
                if waiter == NULL and item == NULL:
                    waiter = waitlist_pop_lock_held(&self.waiters)
                if waiter != NULL:
                    self.inside += 1
                self.tasks_turn = waiter != NULL
            if item != NULL:
                task = <CoreTask> item
                claimed = task.claim()      # until it is in its run queue: nobody must look for it here or there
                if claimed:
                    options = task.extras
                    options.standing, options.forks = CALLED, self.forks
                    self.called += 1
                else:
                    self.line.dead -= 1
            guard.unlock(&self.line.guard)
            if waiter != NULL:
                if isinstance(<object> waiter, Watcher):
                    (<Watcher> waiter).uncount()
                wake_and_release(waiter)
            elif item == NULL:
                return
            else:
                Py_DECREF(task)     # the line's reference; `task` holds it now
                if not claimed:
                    task.on_dropped()
                elif (<Home> task.place).on_called(task):
                    self.give_to_called(options)
                task = options = None       # not by the next round, under the guard

    cdef void give_to_called(self, TaskOptions options) noexcept:
        # To a task that starts at once: nobody who needs the slot to go on is in its way. Unless it has it already.
        guard.lock(&self.line.guard)
        if options.standing == CALLED:
            self.take_lock_held(options)
        guard.unlock(&self.line.guard)

    cdef void begin_again(self) noexcept:
        # In a forked child, forget the calls of the parent and what waited for them: its crews have ended the tasks.
        cdef Levels old
        cdef PyObject *item
        if self.forks == forks():
            return
        memset(&old, 0, sizeof(old))
        guard.guard_init(&self.line.guard)
        guard.lock(&self.line.guard)
        if self.forks != forks():
            old = self.line.levels
            memset(&self.line.levels, 0, sizeof(old))
            self.line.dead = self.inside = self.called = 0
            self.forks = forks()
        guard.unlock(&self.line.guard)
        while True:
            item = levels_pop(&old)
            if item == NULL:
                break
            Py_DECREF(<CoreTask> item)
        levels_free(&old)


@cython.no_gc_clear
cdef class Turn(Parker):
    """Somebody who waits for a slot and cannot sleep, such as a coroutine. Made by :meth:`Limit.enlist`."""

    cdef void wake(self) noexcept nogil:
        with gil:
            try:
                self.notify()
            except BaseException as error:
                # Nobody knows of the slot: free again, before whoever has given it goes on to the next one.
                self.refused = True
                guard.lock(&self.limit.line.guard)
                self.limit.inside = max(0, self.limit.inside - 1)
                guard.unlock(&self.limit.line.guard)
                report("exception in the notification of", self, error)

    def withdraw(self) -> bool:
        """Wait no more; return False if the slot has been taken already, which is then to be given back."""
        return self.limit.withdraw(&self.node) or self.refused

    def __dealloc__(self):
        if self.node.linked:     # the collector has not cleared `limit`: see no_gc_clear
            self.limit.withdraw(&self.node)
