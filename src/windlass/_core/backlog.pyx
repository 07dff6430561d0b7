"""What waits for a crew, and the ways out of its queue other than being run by a worker.

Guarantees: each task is counted once, whoever ends it; a task that is claimed elsewhere stays in its place as a dead
entry, which is not counted, and is thrown out when such are the majority.
"""
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF
from libc.stdint cimport INT64_MAX, int64_t

from windlass._core cimport guard
from windlass._core.dead_tasks cimport add_dead_lock_held, sweep_dead
from windlass._core.item_store cimport ItemStore
from windlass._core.levels cimport levels_last_less, levels_pop, levels_pop_last, levels_pop_oldest, levels_remove
from windlass._core.limit cimport Limit
from windlass._core.observed cimport PENDING
from windlass._core.priority_key cimport PriorityKey, key_less
from windlass._core.tally cimport Tally
from windlass._core.task cimport CoreTask
from windlass._core.task_options cimport HELD, INSIDE, TaskOptions
from windlass._core.waitlist cimport waitlist_pop_lock_held, wake_and_release


cdef int64_t _submitted_at(PyObject *item) noexcept nogil:
    return (<CoreTask> item).mark_ns


cdef class Backlog(Tally):
    """The waiting tasks of one pool. Not for use from Python."""

    def __cinit__(self, *args, **kwargs):
        self.held_tasks = {}

    @property
    def queued(self) -> int:
        """Tasks that wait, in the queue or for a slot of their limits."""
        return max(0, self.store.live_lock_held() + self.store.held)

    @property
    def held(self) -> int:
        """Those of them that wait for a slot."""
        return self.store.held

    # ---- limited tasks ----

    cdef bint admit(self, CoreTask task) noexcept:
        cdef TaskOptions options
        task.lift()
        if task.extras is None:
            return True
        options = task.extras
        if options.gate is None or options.standing == INSIDE or options.gate.try_enter(options):
            return True
        # All that the pool knows of a held task comes before the moment in which it is held, since then it may be
        # called at once.
        guard.lock(&self.store.guard)
        self.figures.running -= 1
        self.store.held += 1
        guard.unlock(&self.store.guard)
        try:
            self.held_tasks[<size_t> <PyObject *> task] = task
            if (<Limit> options.gate).hold(task, options):
                return False
        except MemoryError:
            pass        # it waits on its thread instead
        self.release_held(task)
        guard.lock(&self.store.guard)
        self.figures.running += 1
        guard.unlock(&self.store.guard)
        return True

    cdef bint release_held(self, CoreTask task) noexcept:
        cdef bint last
        guard.lock(&self.store.guard)
        self.store.held -= 1
        last = self.store.held == 0
        guard.unlock(&self.store.guard)
        self.held_tasks.pop(<size_t> <PyObject *> task, None)
        return last

    cdef void on_none_held(self) noexcept:
        pass

    # ---- taken back ----

    def withdraw(self, CoreTask task) -> bool:
        """Take a task out again that no worker has claimed, as if it had never been offered."""
        cdef bint found
        guard.lock(&self.store.guard)
        found = levels_remove(&self.store.levels, <PyObject *> task)
        if found:
            self.forget_lock_held(task)
        guard.unlock(&self.store.guard)
        if found:
            Py_DECREF(task)
            self._forgotten(task)
        return found

    def take_out(self) -> object:
        """Take the next task out, as if it had never been offered; return None if none waits."""
        cdef PyObject *item
        cdef CoreTask task
        cdef bint waiting
        while True:
            guard.lock(&self.store.guard)
            item = levels_pop(&self.store.levels)
            waiting = item != NULL and self.forget_lock_held(<CoreTask> item)
            guard.unlock(&self.store.guard)
            if item == NULL:
                return None
            task = <CoreTask> item
            Py_DECREF(task)
            if waiting:
                self._forgotten(task)
                return task
            task.on_dropped()

    cdef bint forget_lock_held(self, CoreTask task) noexcept:
        # For a task just taken out of the queue: False if somebody else has ended it, and counts it.
        # Claimed for a moment, so that a cancel is either counted already or comes when all this is over.
        if not task.claim():
            self.store.dead -= 1
            return False
        self.store.unfinished_tasks -= 1
        self.figures.submitted -= 1
        task.place = None       # this crew, which its pool holds: nothing is freed
        guard.state_store(&task.phase, PENDING)
        return True

    cdef int _forgotten(self, CoreTask task) except -1:
        if task.extras is not None:
            (<TaskOptions> task.extras).leave()
        if self.store.joiners.first != NULL:
            self.store.wake_joiners()
        return 0

    cdef CoreTask discard(self, bint oldest, PriorityKey key):
        # Make room for a task of priority `key`: the one that gave way, cancelled; None if none is less urgent.
        # The held ones wait too, and those in the queue go first only if they are the ones meant.
        cdef PyObject *item = NULL
        cdef CoreTask task = None, held = None
        cdef TaskOptions options = None
        if self.store.held:
            held = self._held_to_discard(oldest, key)
        if held is not None:
            options = held.extras
        guard.lock(&self.store.guard)
        if oldest:
            item = levels_pop_oldest(&self.store.levels, _submitted_at, INT64_MAX if held is None else held.mark_ns)
        elif held is None or not levels_last_less(&self.store.levels, options.key):
            item = levels_pop_last(&self.store.levels, key)
        if item != NULL:
            self.store.dead -= 1    # as in drain()
        guard.unlock(&self.store.guard)
        if item != NULL:
            task = <CoreTask> item
            Py_DECREF(task)
            if not task.done():
                task.cancel()
            task.on_dropped()
        elif held is not None:
            task = held
            task.cancel()
        return task

    cdef CoreTask _held_to_discard(self, bint oldest, PriorityKey key):
        cdef CoreTask task, chosen = None
        cdef TaskOptions options, least = None
        for task in list(self.held_tasks.values()):
            options = task.extras
            if task.done():     # being cancelled
                continue
            if oldest:
                if chosen is None or task.mark_ns < chosen.mark_ns:
                    chosen = task
            elif key_less(key, options.key) and (least is None or not key_less(options.key, least.key)):
                chosen, least = task, options
        return chosen

    def drain(self, error=None) -> list:
        """Take all waiting tasks out and cancel them, or fail them with ``error``; return them."""
        cdef ItemStore store = self.store
        cdef PyObject *item
        cdef CoreTask task
        cdef list ended = []
        cdef bint found = True
        while found:
            # The held ones first: each end of one that was called calls the next one. One that is being cancelled, and
            # has its callbacks called, is not waited for: one of them may be the caller.
            found = False
            for task in list(self.held_tasks.values()):
                if not task.done():
                    found = True
                    self._end_waiting(task, error, ended)
                if task.done():
                    task.on_dropped()
            guard.lock(&store.guard)
            item = levels_pop(&store.levels)
            if item != NULL:
                # Dead already and counted, or about to be claimed, by cancel() below or by who comes first, and then
                # counted: but the entry is out of the queue.
                store.dead -= 1
            guard.unlock(&store.guard)
            if item != NULL:
                found = True
                task = <CoreTask> item
                Py_DECREF(task)
                self._end_waiting(task, error, ended)
                task.on_dropped()
        store.wake_all_putters()
        return ended

    cdef int _end_waiting(self, CoreTask task, object error, list ended) except -1:
        if error is None:
            if not task.done() and task.cancel():
                ended.append(task)
        elif task.claim_by_hand():
            task._settle(error, True)
            ended.append(task)
        return 0

    # ---- ended by somebody else than a worker that took it ----

    cdef void account_lock_held(self, CoreTask task) noexcept:
        self.store.unfinished_tasks -= 1
        self.note_end(task)

    cdef void on_claimed_elsewhere(self, object task) noexcept:
        cdef ItemStore store = self.store
        cdef CoreTask claimed = task
        cdef TaskOptions options = claimed.extras
        cdef PyObject *putter = NULL
        cdef bint crowded = False
        if options is not None and options.standing == HELD:
            if self.release_held(claimed):
                self.on_none_held()
            options.gate.drop(options)
            guard.lock(&store.guard)
        else:
            guard.lock(&store.guard)
            crowded = add_dead_lock_held(store)
        self.figures.running += 1
        if store.putters.first != NULL:
            putter = waitlist_pop_lock_held(&store.putters)
        guard.unlock(&store.guard)
        wake_and_release(putter)
        if crowded:
            sweep_dead(store)

    cdef void on_ended(self, object task) noexcept:
        guard.lock(&self.store.guard)
        self.account_lock_held(task)
        guard.unlock(&self.store.guard)
        if self.store.joiners.first != NULL:
            self.store.wake_joiners()
