# cython: binding=False, embedsignature=True, embedsignature.format=clinic, auto_pickle=False
"""The compiled submit path below every pool: make the task, push it, wake or start a worker only when needed.

What the public methods look like is up to the subclasses: pool_dispatcher.pyx, executor.pyx. A Python class at the end
of the line provides ``_start_worker()``, which starts a thread for a place reserved in the crew, and ``_refusal()``,
the exception that tells why the pool takes no more tasks.
"""
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject, PyTypeObject, visitproc
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int64_t

from windlass._core cimport guard
from windlass._core.clock cimport NEVER_NS, deadline_after_ns, delay_ns, now_ns
from windlass._core.observed cimport PENDING
from windlass._core.item_store cimport ItemStore
from windlass._core.levels cimport levels_traverse
from windlass._core.parker cimport Parker, spin_limit
from windlass._core.priority_key cimport PriorityKey, key_of
from windlass._core.roster cimport Seat
from windlass._core.runner cimport capture_context
from windlass._core.task cimport CoreTask
from windlass._core.task_options cimport TaskOptions
from windlass._core.waitlist cimport WaitNode, waitlist_add_lock_held
from windlass._core.crew cimport CLOSED, FULL, GATED, NO_MEMORY, TAKEN, Crew

from _thread import allocate_lock

from windlass._core.report import report
from windlass.errors import PoolFull


cdef extern from "Python.h":
    bint PyCallable_Check(object) noexcept
    void PyObject_GC_UnTrack(PyObject *) noexcept
    ctypedef object (*newfunc)(PyTypeObject *, object, PyObject *)
    ctypedef struct NewOfType "PyTypeObject":
        newfunc tp_new

cdef tuple NO_ARGUMENTS = ()
cdef tuple POLICIES = ("block", "reject", "caller_runs", "discard_oldest", "discard_lowest")


# What levels_traverse fills.
cdef struct Found:
    PyObject **tasks
    size_t count


cdef int _note(PyObject *task, void *found) noexcept:
    Py_INCREF(<object> task)
    (<Found *> found).tasks[(<Found *> found).count] = task
    (<Found *> found).count += 1
    return 0


cdef class Dispatcher:
    """The way from a call to a worker. Not for use from Python: see :class:`windlass.ThreadPool`."""

    def _engage(self, Crew crew not None, type task_type, str rejection):
        if rejection not in POLICIES:
            raise ValueError(f"rejection must be one of {', '.join(POLICIES)}, not {rejection!r}")
        self.policy = POLICIES.index(rejection)
        self.task_type = task_type
        self.crew = crew

    @property
    def _crew(self):
        return self.crew

    def _submit_task(self, CoreTask task not None, timeout, bint nowait, bint autospawn):
        # For the bound submitters of options(): a task that was made elsewhere.
        cdef PriorityKey key
        key_of(task._priority, &key)
        self.dispatch(task, key, 0 if nowait else delay_ns(timeout, False), autospawn)
        return task

    def _submit_tasks(self, list tasks not None, priority, chunksize):
        # The same for many of one priority, all or none.
        cdef PriorityKey key
        key_of(priority, &key)
        self.dispatch_many(tasks, key, chunksize or DEFAULT_CHUNK)
        return tasks

    def _make_task(self, fn, tuple args, dict kwargs, priority, TaskOptions options, inject_task, context):
        cdef CoreTask task
        if isinstance(fn, CoreTask):
            raise TypeError("options are for new tasks; a Task has its own: submit it to the pool itself")
        task = self.make_task(fn, args, kwargs, priority)
        own = context is not None
        task._set_up(fn, args, kwargs, priority, options, inject_task, context if own else task.context, own)
        return task

    def _unfinished(self) -> list:
        return list({id(task): task for task in self.collect_tasks() if not task.done()}.values())

    # ---- C level ----

    cdef list collect_tasks(self):
        cdef ItemStore store = self.crew.store
        cdef Found found
        cdef Seat seat
        cdef size_t at
        cdef list tasks = []
        found.count = 0
        guard.lock(&store.guard)
        found.tasks = <PyObject **> PyMem_Malloc((store.levels.count + 1) * sizeof(PyObject *))
        if found.tasks != NULL:
            levels_traverse(&store.levels, <visitproc> _note, &found)
        guard.unlock(&store.guard)
        for at in range(found.count):
            tasks.append(<object> found.tasks[at])
            Py_DECREF(<object> found.tasks[at])
        PyMem_Free(found.tasks)
        for seat in list(self.crew.seats):
            tasks += seat.below or ()
            if seat.current is not None:
                tasks.append(seat.current)
        return tasks

    cdef int check_engaged(self) except -1:
        if self.crew is None:       # a subclass whose __init__ does not call ours, or submits before it does
            raise RuntimeError(f"{type(self).__name__}.__init__() has not called the __init__() of its base class")
        return 0

    cdef CoreTask make_task(self, object fn, object args, object kwargs, object priority):
        if isinstance(fn, CoreTask):
            return self._adopt(fn, args, kwargs)
        if not PyCallable_Check(fn):
            raise TypeError(f"fn must be callable, not {type(fn).__name__}")
        return self.new_task(fn, args, kwargs, priority)

    cdef CoreTask new_task(self, object fn, object args, object kwargs, object priority):
        cdef CoreTask task
        self.check_engaged()
        task = (<NewOfType *> self.task_type).tp_new(<PyTypeObject *> self.task_type, NO_ARGUMENTS, NULL)
        # Not the collector's business before it ends: see CoreTask.meet_collector.
        PyObject_GC_UnTrack(<PyObject *> task)
        task._fn = fn
        task._args = args
        task._kwargs = kwargs
        task._priority = priority
        task.context = capture_context()
        task.mark_ns = now_ns()
        return task

    cdef CoreTask _adopt(self, CoreTask task, object args, object kwargs):
        # A task that the user has made.
        cdef bint free
        self.check_engaged()
        if args or kwargs:
            raise TypeError("a Task has its arguments already; submit it without any")
        guard.lock(&task.guard)     # of several threads that submit it, one succeeds
        free = guard.state_load(&task.phase) == PENDING and task.place is None
        if free:
            task.place = self.crew
        guard.unlock(&task.guard)
        if not free:
            raise ValueError(f"the task was submitted before or has ended: it is {task.state}")
        if task.context is None:
            task.context = capture_context()
        task.mark_ns = now_ns()
        return task

    cdef int dispatch(self, CoreTask task, PriorityKey key, int64_t delay, bint autospawn) except -1:
        cdef bint spawn
        cdef int answer
        task.place = self.crew
        if task.extras is not None:
            (<TaskOptions> task.extras).key = key
        elif self.crew.direct and self.crew.offer_directly(task):
            return 0
        answer = self.crew.offer(task, key, &spawn)
        if answer != TAKEN:
            return self._dispatch_refused(answer, task, key, delay, autospawn)
        if spawn:
            self._use_place(task, autospawn)
        return 0

    cdef int dispatch_many(self, list tasks, PriorityKey key, Py_ssize_t chunk) except -1:
        cdef Py_ssize_t start = 0, stop
        cdef int answer
        cdef bint spawn
        cdef CoreTask task
        self.check_engaged()
        try:
            if self.crew.store.maxsize_ > 0:
                for task in tasks:
                    self.dispatch(task, key, NEVER_NS, True)
                return 0
            for task in tasks:
                task.place = self.crew
                if task.extras is not None:
                    (<TaskOptions> task.extras).key = key
            while start < len(tasks):
                stop = min(start + chunk, len(tasks))
                answer = self.crew.offer_many(tasks, start, stop, key, &spawn)
                if answer == GATED:
                    self._wait_for_turn(NEVER_NS)
                    continue
                if answer != TAKEN:
                    raise MemoryError("no memory for the tasks") if answer == NO_MEMORY else self._refusal()
                while spawn:
                    spawn = self._grow(tasks[start]) and self.crew.reserve()
                start = stop
        except BaseException:
            for task in tasks:      # all or nothing, as far as workers have not started
                task.cancel()
            raise
        return 0

    cdef int _dispatch_refused(
        self, int answer, CoreTask task, PriorityKey key, int64_t delay, bint autospawn
    ) except -1:
        cdef int64_t deadline = NEVER_NS if delay == NEVER_NS else deadline_after_ns(delay)
        cdef bint spawn
        while answer != TAKEN:
            task.place = None
            if answer == CLOSED:
                raise self._refusal()
            if answer == NO_MEMORY:
                raise MemoryError("no memory for the task")
            if answer == FULL:
                if self._make_room(task, key, deadline):
                    return 0
            else:
                self._wait_for_turn(deadline)
            task.place = self.crew
            answer = self.crew.offer(task, key, &spawn)
        if spawn:
            self._use_place(task, autospawn)
        return 0

    cdef int _make_room(self, CoreTask task, PriorityKey key, int64_t deadline) except -1:
        # 1: the task needs no place any more. 0: offer it again.
        if self.policy == CALLER_RUNS or (self.policy == BLOCK and self.crew.is_inside()):
            # A worker that waited for room in its own queue might wait for itself.
            task._run_here()
            return 1
        if self.policy == REJECT:
            raise PoolFull(f"the queue is full: {self.crew.store.maxsize_} tasks wait")
        if self.policy == BLOCK:
            self._wait_for_turn(deadline)
        elif self.crew.discard(self.policy == DISCARD_OLDEST, key) is None and self.policy == DISCARD_LOWEST:
            task.cancel()       # nothing that waits is less urgent than the new one
            return 1
        return 0

    cdef int _wait_for_turn(self, int64_t deadline) except -1:
        # Until there is room and no gate. Whoever makes room or opens the gate wakes the putters; both are looked at
        # under the lock under which that is done, so no wake is missed.
        cdef Crew crew = self.crew
        cdef Parker parker
        cdef WaitNode node
        cdef bint must_wait = True
        if deadline != NEVER_NS and deadline <= now_ns():
            raise PoolFull("the pool takes no task at the moment, and waiting is not allowed")
        parker = Parker()
        node.linked = False
        try:
            while must_wait:
                guard.lock(&crew.store.guard)
                must_wait = (crew.gated or crew.store.full_lock_held()) and not crew.closing
                if must_wait and not node.linked:
                    waitlist_add_lock_held(&crew.store.putters, &node, parker)
                guard.unlock(&crew.store.guard)
                if must_wait and parker.park_until(deadline, spin_limit(), None) == 0:
                    raise PoolFull("the pool took no task within the timeout")
        finally:
            crew.store.leave_putters(&node)
        return 0

    cdef int _use_place(self, CoreTask task, bint autospawn) except -1:
        # offer() has reserved a place for a worker: fill it, or give it back to a caller who wants none started.
        if autospawn:
            self._grow(task)
        else:
            self.crew.unreserve()
        return 0

    cdef int _grow(self, CoreTask task) except -1:
        # Start the worker that a place was reserved for. If it cannot start and there is no other, the task is taken
        # back and the caller hears why; if there is another, the task stays with it.
        # 1: it started.
        place = allocate_lock()     # whoever acquires it answers for the place
        try:
            self._start_worker(place)
            return 1
        except BaseException as error:      # Ctrl-C too, even before the first line of _start_worker
            self.crew.give_back(place)
            if self.crew.n_workers == 0 and self.crew.withdraw(task):
                task.place = None
                raise
            if not isinstance(error, Exception):
                raise
            report("a worker could not be started for", self, error)
        return 0
