"""What waits for a crew, and the ways out of its queue other than being run by a worker.

Guarantees: each task is counted once, whoever ends it; a task that is claimed elsewhere stays in its place as a dead
entry, which is not counted, and is thrown out when such are the majority.
"""
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF
from libc.stdint cimport int64_t

from windlass._core cimport guard
from windlass._core.item_store cimport ItemStore
from windlass._core.levels cimport levels_pop, levels_pop_last, levels_pop_oldest, levels_remove, levels_sweep
from windlass._core.observed cimport PENDING
from windlass._core.priority_key cimport PriorityKey
from windlass._core.tally cimport Tally
from windlass._core.task cimport CoreTask
from windlass._core.waitlist cimport waitlist_pop_lock_held, wake_and_release


cdef enum:
    SWEEP_AT = 64       # dead entries before a sweep is worth its pass


cdef bint _is_dead(PyObject *item) noexcept nogil:
    return guard.state_load(&(<CoreTask> item).phase) != PENDING


cdef int64_t _submitted_at(PyObject *item) noexcept nogil:
    return (<CoreTask> item).mark_ns


cdef class Backlog(Tally):
    """The waiting tasks of one pool. Not for use from Python."""

    @property
    def queued(self) -> int:
        """Tasks that wait."""
        return max(0, self.store.live_lock_held())

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

    cdef CoreTask discard(self, bint oldest, PriorityKey key):
        # Make room for a task of priority `key`: the one that gave way, cancelled; None if none is less urgent.
        cdef PyObject *item
        cdef CoreTask task = None
        guard.lock(&self.store.guard)
        if oldest:
            item = levels_pop_oldest(&self.store.levels, _submitted_at)
        else:
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
        return task

    def drain(self, error=None) -> list:
        """Take all waiting tasks out and cancel them, or fail them with ``error``; return them."""
        cdef ItemStore store = self.store
        cdef PyObject *item
        cdef CoreTask task
        cdef list ended = []
        while True:
            guard.lock(&store.guard)
            item = levels_pop(&store.levels)
            if item != NULL:
                # Dead already and counted, or about to be claimed, by cancel() below or by who comes first, and then
                # counted: but the entry is out of the queue.
                store.dead -= 1
            guard.unlock(&store.guard)
            if item == NULL:
                break
            task = <CoreTask> item
            Py_DECREF(task)
            if error is None:
                if not task.done() and task.cancel():
                    ended.append(task)
            elif task.claim():
                self.on_claimed_elsewhere(task)
                task._settle(error, True)
                self.on_ended(task)
                ended.append(task)
            task.on_dropped()
        store.wake_all_putters()
        return ended

    # ---- ended by somebody else than a worker that took it ----

    cdef void account_lock_held(self, CoreTask task) noexcept:
        self.store.unfinished_tasks -= 1
        self.note_end(task)

    cdef void on_claimed_elsewhere(self, object task) noexcept:
        cdef ItemStore store = self.store
        cdef PyObject *putter = NULL
        cdef bint crowded
        guard.lock(&store.guard)
        self.figures.running += 1
        store.dead += 1
        crowded = store.dead > SWEEP_AT and store.dead > <Py_ssize_t> store.levels.count // 2
        if store.putters.first != NULL:
            putter = waitlist_pop_lock_held(&store.putters)
        guard.unlock(&store.guard)
        wake_and_release(putter)
        if crowded:
            self.sweep()

    cdef void on_ended(self, object task) noexcept:
        guard.lock(&self.store.guard)
        self.account_lock_held(task)
        guard.unlock(&self.store.guard)
        if self.store.joiners.first != NULL:
            self.store.wake_joiners()

    cdef void sweep(self) noexcept:
        # Throw out the entries that no worker will run. Amortised O(1) for each: half of what is scanned is dead.
        cdef ItemStore store = self.store
        cdef PyObject **out
        cdef size_t swept = 0, at
        guard.lock(&store.guard)
        out = <PyObject **> PyMem_Malloc((store.levels.count + 1) * sizeof(PyObject *))
        if out != NULL:
            swept = levels_sweep(&store.levels, _is_dead, out)
            store.dead -= <Py_ssize_t> swept
        guard.unlock(&store.guard)
        for at in range(swept):
            (<CoreTask> out[at]).on_dropped()
            Py_DECREF(<object> out[at])
        PyMem_Free(out)
