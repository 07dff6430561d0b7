# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""The seat of a thread that has its tasks run elsewhere, by another process, and ends them here.

It takes, rests and leaves as the worker loop does. What it takes it holds claimed until it settles it or puts it back.
"""
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int64_t

from windlass._core cimport guard
from windlass._core.clock cimport now_ns
from windlass._core.item_store cimport ItemStore
from windlass._core.levels cimport levels_pop, levels_return
from windlass._core.lifting cimport is_liftable
from windlass._core.observed cimport FINISHED, PENDING, RUNNING
from windlass._core.parker cimport Parker
from windlass._core.priority_key cimport PriorityKey, key_of
from windlass._core.roster cimport Seat
from windlass._core.runner cimport swap_runner, wake_kick
from windlass._core.task cimport FAILED, CoreTask
from windlass._core.task_options cimport TaskOptions
from windlass._core.waitlist cimport waitlist_pop_lock_held, wake_and_release
from windlass._core.worker_loop cimport WorkerLoop

cdef enum:
    BATCH = 256

MOST = BATCH


cdef class RemoteSeat(Seat):
    """A place in a crew for a thread that sends tasks away. Not for use from Python.

    Args:
        crew: The crew.
        worker: What ``task.worker`` is to say.

    Thread safety:
        Incompatible: it belongs to the thread that sits on it.
    """

    def __init__(self, WorkerLoop crew not None, worker) -> None:
        self.crew = crew
        self.worker = worker
        self.parker = Parker()
        self.below = []
        self.remote = True
        self.away = {}
        self.number = 1

    def sit(self, place) -> bool:
        """Serve from now on with a place from ``reserve``; False if that was given back meanwhile."""
        cdef WorkerLoop crew = self.crew
        cdef Parker sleeper = None
        if not place.acquire(False):
            return False
        self.home = crew
        crew.seats.append(self)
        self.previous = swap_runner(<PyObject *> self)
        # It will be a while until its process has started: nobody is to rely on its looking into the queue soon.
        guard.lock(&crew.store.guard)
        crew.searching -= 1
        if crew.store.live_lock_held() > 0 and crew.searching == 0 and crew.idle is not None:
            sleeper = crew.wake_one_lock_held()
        guard.unlock(&crew.store.guard)
        if sleeper is not None:
            sleeper.wake()
        return True

    def get_up(self) -> None:
        """End what :meth:`sit` began."""
        swap_runner(self.previous)
        wake_kick(self)
        self.leave()
        if not self.orphan:
            self.crew._sign_off(self)

    @property
    def is_orphan(self) -> bool:
        """Whether a fork has left this seat, and what is below, to the parent."""
        return self.orphan

    # ---- for a seat that others may use while its thread sleeps, see direct_seat ----

    def serve(self, prepare, outcome, answer_kind) -> None:
        """Nothing: nobody else uses this one."""

    def attach(self, host, direct) -> None:
        """Nothing: its thread hears of the process when it looks."""

    def detach(self) -> None:
        """Wake who waits for the last task: it may take long until another process is ready."""
        wake_kick(self)

    def pause(self) -> bool:
        """Return False: nobody else sends."""
        return False

    def resume(self) -> None:
        """Nothing."""

    def doom(self, task, error) -> bool:
        """Return False: nobody else has a task on its way."""
        return False

    def take_left(self) -> object:
        """Return None."""

    def close(self) -> None:
        """Nothing."""

    # ---- taking ----

    def take(self, Py_ssize_t most) -> object:
        """Wait for tasks; return at most so many, claimed, none if its process has news, or None if it is to leave."""
        cdef list tasks
        cdef int what
        while not self.orphan:
            tasks = self._pop(most, True)
            if tasks is None or tasks:
                return tasks
            what = self.rest_here()
            if what == LEAVE:
                return None
            if what == NEWS:
                return tasks
        return None

    cdef int rest_here(self) except -1:
        return LOOK if self.crew._rest(self) else LEAVE

    def take_more(self, Py_ssize_t most) -> list:
        """Return what can be had at once."""
        return self._pop(most, False)

    cdef list _pop(self, Py_ssize_t most, bint may_leave):
        cdef WorkerLoop crew = self.crew
        cdef ItemStore store = crew.store
        cdef PyObject *found[BATCH]
        cdef PyObject *dead[BATCH]
        cdef PyObject *item
        cdef PyObject *putter = NULL
        cdef Parker sleeper = None
        cdef CoreTask task
        cdef list tasks = []
        cdef Py_ssize_t n = 0, n_dead = 0, at, share
        guard.lock(&store.guard)
        if may_leave and (crew.retiring > 0 or crew.n_workers > crew.max_workers):
            if crew.retiring > 0:
                crew.retiring -= 1
            self.gone = True
            crew.n_workers -= 1
            guard.unlock(&store.guard)
            return None
        # Not more than its part of what waits: the others are to have something too.
        share = store.live_lock_held() // max(1, crew.n_workers)
        most = max(1, min(most, share, BATCH))
        while n < most and n_dead < BATCH:
            item = levels_pop(&store.levels)
            if item == NULL:
                break
            if (<CoreTask> item).claim():
                crew.figures.running += 1
                found[n] = item
                n += 1
            else:
                store.dead -= 1
                dead[n_dead] = item
                n_dead += 1
        if n and self.searching:
            self.searching = False
            crew.searching -= 1
        if store.levels.count and crew.searching == 0 and crew.idle is not None:
            sleeper = crew.wake_one_lock_held()
        guard.unlock(&store.guard)
        if sleeper is not None:
            sleeper.wake()
        for at in range(n_dead):
            (<CoreTask> dead[at]).on_dropped()
            Py_DECREF(<object> dead[at])
        for _ in range(n):
            if store.putters.first == NULL:
                break
            guard.lock(&store.guard)
            putter = waitlist_pop_lock_held(&store.putters)
            guard.unlock(&store.guard)
            wake_and_release(putter)
        if n:
            wake_kick(self)     # whatever comes may take long
        self.now_ns = now_ns()
        for at in range(n):
            task = <CoreTask> found[at]
            Py_DECREF(task)     # the queue's reference; `task` holds it now
            if (task.extras is not None or is_liftable(task._fn)) and not crew.admit(task):
                continue
            self._take_over(task)
            tasks.append(task)
        return tasks

    cdef int _take_over(self, CoreTask task) except -1:
        task.place = self.worker
        task.wait_ns = self.now_ns - task.mark_ns
        task.mark_ns = self.now_ns
        self.below.append(task)
        self.current = self.below[0]
        return 0

    # ---- ending ----

    def settle(self, CoreTask task not None, outcome, bint failed, bint last=False, int64_t run_ns=0) -> None:
        """End a task that was taken.

        Args:
            task: The task.
            outcome: Its value or its exception.
            failed: Which of the two.
            last: The caller will ask for more at once: whoever waits is woken when the GIL is free.
            run_ns: How long the call took over there; 0 if that is not known: then the time since it was taken counts.
        """
        self._hand_over(task)
        self.now_ns = now_ns()
        if guard.state_load(&task.phase) == RUNNING:    # nobody has ended it by hand
            if not failed and task.extras is not None:
                outcome = (<TaskOptions> task.extras).kept_of(outcome, task)
            if failed:
                task.flags |= FAILED
                outcome = (outcome, None)
            task.outcome = outcome
            task.mark_ns = run_ns or self.now_ns - task.mark_ns
            self.may_defer = last
            task._end(FINISHED, self)
            self.may_defer = False
        if not self.orphan:
            self._account(task)

    def taken(self) -> list:
        """Return what was taken, and neither ended nor given back."""
        return list(self.below)

    def put_back(self, tasks) -> None:
        """Put tasks that were taken and not begun back where they came from, in front of all others of their kind."""
        cdef WorkerLoop crew = self.crew
        cdef CoreTask task
        cdef PriorityKey key
        cdef Parker sleeper
        cdef bint pushed
        for task in tasks:
            self._hand_over(task)
            if task.extras is not None:
                (<TaskOptions> task.extras).leave()     # its slot, which somebody else may use at once
            key_of(task._priority, &key)
            task.mark_ns -= task.wait_ns    # when it was submitted
            task.place = crew
            sleeper = None
            guard.lock(&crew.store.guard)
            pushed = levels_return(&crew.store.levels, key, <PyObject *> task) == 0
            if pushed:
                Py_INCREF(task)
                crew.figures.running -= 1
                guard.state_store(&task.phase, PENDING)
                if crew.searching == 0 and crew.idle is not None:
                    sleeper = crew.wake_one_lock_held()
            guard.unlock(&crew.store.guard)
            if sleeper is not None:
                sleeper.wake()
            if not pushed:
                self.below.append(task)
                self.settle(task, MemoryError("no memory to queue the task again"), True)

    cdef int _hand_over(self, CoreTask task) except -1:
        self.below.remove(task)
        self.current = self.below[0] if self.below else None
        return 0

    cdef void _account(self, CoreTask task) noexcept:
        cdef WorkerLoop crew = self.crew
        guard.lock(&crew.store.guard)
        crew.account_lock_held(task)
        guard.unlock(&crew.store.guard)
        if crew.store.joiners.first != NULL:
            crew.store.wake_joiners()
