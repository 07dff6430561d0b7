# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""A remote seat that others may use while its thread sleeps.

A submitter sends its task itself to the process of an idle seat, and whoever waits for such a task reads the answer
itself: two wake-ups fewer for a round trip. README.md, "Direct calls", has the states and the races.
"""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from windlass._core cimport guard, socket_calls
from windlass._core.bell cimport NEWS as HAS_NEWS, Bell, Ear, await_data
from windlass._core.clock cimport NEVER_NS, deadline_after_ns, now_ns
from windlass._core.forks cimport forks
from windlass._core.item_store cimport ItemStore
from windlass._core.observed cimport FINISHED, PENDING, RUNNING
from windlass._core.parker cimport note_release
from windlass._core.remote_seat cimport LEAVE, LOOK, NEWS, RemoteSeat
from windlass._core.runner cimport swap_runner
from windlass._core.task cimport LENT, CoreTask
from windlass._core.worker_loop cimport WorkerLoop

import pickle

from windlass._core.interrupts import is_interrupt


cdef extern from "Python.h":
    int PyErr_CheckSignals() except -1
    unsigned long PyThread_get_thread_ident() noexcept nogil

cdef enum:
    ROOM = 1 << 16              # a larger answer is its own thread's business
    HEADER = 16                 # of a message: processes/channel.py
    ANSWER = HEADER + 16        # and of an answer: processes/messages.py
    LONGEST_NS = 50_000_000     # of a wait in place of the thread: what takes longer may as well go through it

cdef object load = pickle.loads


cdef class DirectSeat(RemoteSeat):
    """A place in a crew for a thread that attends a process. Not for use from Python.

    Thread safety:
        As :class:`RemoteSeat`, but for ``fetch``.
    """

    def __init__(self, WorkerLoop crew not None, worker) -> None:
        RemoteSeat.__init__(self, crew, worker)
        self.parker = self.bell = Bell()
        self.room = <char *> PyMem_Malloc(ROOM)
        if self.room == NULL:
            raise MemoryError("no memory for a seat")

    def __dealloc__(self):
        PyMem_Free(self.room)

    def serve(self, prepare, outcome, int answer_kind) -> None:
        """Say what makes the message for a task, what an outcome is left as, and which kind of message has a value."""
        self.prepare, self.outcome, self.answer_kind = prepare, outcome, answer_kind

    def attach(self, host, bint direct) -> None:
        """Listen to the process of ``host``, which is ready; ``direct``: whether others may send to it."""
        self.bell.watch(*host.descriptors)
        self.direct = direct

    def detach(self) -> None:
        """Undo :meth:`attach`, before the descriptors are closed."""
        self.direct = False
        self.bell.unwatch()
        RemoteSeat.detach(self)

    def close(self) -> None:
        """Give the descriptors back."""
        self.direct = False
        self.prepare = self.outcome = None
        self.bell.close()

    def pause(self) -> bool:
        """Let no other thread begin to send; return whether one might have."""
        was, self.direct = self.direct, False
        return was

    def resume(self) -> None:
        """Undo :meth:`pause`, if the process is still attached."""
        self.direct = self.bell._data >= 0

    def doom(self, task, error) -> bool:
        """End with ``error`` what a submitter has on its way and has not sent; return whether there is such a task.

        Args:
            task: Only this one; None for any.
            error: Its exception.
        """
        cdef WorkerLoop crew = self.crew
        cdef bint doomed
        before = None       # freed after the lock
        guard.lock(&crew.store.guard)
        doomed = self.carried is not None and (task is None or self.carried is task)
        if doomed:
            before, self.verdict = self.verdict, error
        guard.unlock(&crew.store.guard)
        return doomed

    def take_left(self) -> object:
        """Return what another thread has left to do, once; None for nothing."""
        left, self.left = self.left, None
        return left

    # ---- the thread of the seat ----

    cdef int rest_here(self) except -1:
        cdef WorkerLoop crew = self.crew
        cdef ItemStore store = crew.store
        cdef int64_t deadline
        cdef int what
        self.rest()     # may run finalizers, which may submit: before the last look, which is under the lock below
        guard.lock(&store.guard)
        if self.away or self.left is not None:
            guard.unlock(&store.guard)
            return NEWS     # a seat with a task away must never stand idle: another task would get its answer
        if store.levels.count:
            guard.unlock(&store.guard)
            return LOOK
        if self.searching:
            self.searching = False
            crew.searching -= 1
        if crew.closing and store.held == 0:
            guard.unlock(&store.guard)
            crew.wake_all()     # others may have stayed for a task that was held until now
            return LEAVE
        crew.stand_idle_lock_held(self)
        self.since_ns = now_ns()
        guard.unlock(&store.guard)
        while True:
            deadline = NEVER_NS
            if crew.idle_timeout_ns != NEVER_NS and self._may_go():
                deadline = min(NEVER_NS - 1, self.since_ns + crew.idle_timeout_ns)
            kick, self.kick = self.kick, None
            what = self.bell.listen(deadline, kick)
            guard.lock(&store.guard)
            if self.driver:
                self.wanted = True
                guard.unlock(&store.guard)
                with nogil:
                    self.bell.await_ring()
                continue
            if what:
                break
            if self.idle and self._may_go() and now_ns() - self.since_ns >= crew.idle_timeout_ns:
                crew.leave_stack_lock_held(self)
                self.gone = True
                crew.n_workers -= 1
                guard.unlock(&store.guard)
                return LEAVE
            if not self.idle:
                self.since_ns = now_ns()
            guard.unlock(&store.guard)
        # From here on nobody else comes near.
        if self.idle:
            crew.leave_stack_lock_held(self)
        if self.lent is not None or self.away or self.left is not None:
            what |= HAS_NEWS        # whatever has woken it: somebody may have sent or fetched meanwhile
        self.lent = None    # `below` holds it
        self.wanted = False
        guard.unlock(&store.guard)
        self.now_ns = self.released_ns = now_ns()
        return NEWS if what & HAS_NEWS else LOOK

    cdef bint _may_go(self) noexcept:
        # A closed crew that has not ended waits for held tasks, and nobody would come back for them.
        cdef WorkerLoop crew = self.crew
        return crew.n_workers > crew.min_workers and not crew.closing

    # ---- a submitter ----

    cdef int carry(self, CoreTask task) except -1:
        cdef int generation = forks()
        cdef PyObject *previous
        following = self.number + 1
        self.now_ns = now_ns()
        self._take_over(task)
        try:
            previous = swap_runner(<PyObject *> self)       # what runs in there may not wait for this seat
            try:
                errand, message = self.prepare(task, self.number)
            finally:
                swap_runner(previous)
        except BaseException:       # Ctrl-C: what does not pickle is told by the message
            error = self._put_down()
            if forks() == generation:       # else this is a child, and the seat its parent's
                if error is not None:
                    self._settle_doomed(task, error)
                else:
                    self._withdraw(task)
            raise
        # No Python code runs from here to the end: no signal can come between the note and the message.
        # Noted first: who ends the task finds it carried, or away, or both.
        number, self.number = self.number, following
        self.away[number] = errand
        error = self._put_down()
        if error is not None:
            self.away.pop(number, None)
            self._settle_doomed(task, error)
            return 0
        task.flags |= LENT
        if type(message) is not bytes:
            self.left = message
            self._release(None)
        else:
            self._release(task if self._send(<bytes> message) else None)
        return 0

    cdef int _withdraw(self, CoreTask task) except -1:
        # As if it had never been offered, since the caller of submit() gets an exception and no task.
        cdef WorkerLoop crew = self.crew
        self._hand_over(task)
        task.place = None
        guard.lock(&crew.store.guard)
        crew.store.unfinished_tasks -= 1
        crew.figures.submitted -= 1
        crew.figures.running -= 1
        guard.state_store(&task.phase, PENDING)
        guard.unlock(&crew.store.guard)
        self._release(None)
        if crew.store.joiners.first != NULL:
            crew.store.wake_joiners()
        return 0

    cdef object _put_down(self):
        # What has been carried is no longer; returns the exception that is to end it, or None.
        cdef WorkerLoop crew = self.crew
        guard.lock(&crew.store.guard)
        self.carried = None     # the caller holds it
        error, self.verdict = self.verdict, None
        guard.unlock(&crew.store.guard)
        return error

    cdef int _settle_doomed(self, CoreTask task, error) except -1:
        self._release(None)
        self.settle(task, error, True)
        return 0

    cdef bint _send(self, bytes message) noexcept:
        # False: the rest is left to the seat's own thread.
        cdef Py_ssize_t size = PyBytes_GET_SIZE(message)
        cdef Py_ssize_t sent = socket_calls.put(self.bell._data, PyBytes_AS_STRING(message), size)
        if sent == size:
            return True
        self.left = message[sent:]
        return False

    cdef void _release(self, CoreTask lent) noexcept:
        # Drive no more. `lent`: the task whose answer others may fetch; None: its own thread is to look now.
        cdef WorkerLoop crew = self.crew
        cdef bint ring
        guard.lock(&crew.store.guard)
        ring = self.wanted or lent is None
        self.lent = None if ring else lent      # `below` holds either
        self.driver = 0
        self.wanted = False
        guard.unlock(&crew.store.guard)
        if ring:
            self.bell.wake()

    # ---- who waits for the task ----

    def fetch(self, CoreTask task not None, int64_t deadline) -> None:
        """Read the answer in place of the seat's thread, if nobody does; return when the task has ended, or is not to
        be waited for in this way."""
        cdef WorkerLoop crew = self.crew
        cdef Ear ear = Ear.__new__(Ear)     # before anything that would have to be undone
        cdef Py_ssize_t size = 0
        cdef uint64_t number = 0
        cdef int64_t run_ns = 0
        cdef int generation = forks()
        cdef bint ring, failed = False, left = False, read = False
        cdef PyObject *previous = NULL
        if task.tells_others():
            return      # callbacks are the business of the seat's thread: this one may hold what they wait for
        guard.lock(&crew.store.guard)
        if self.lent is not task or self.driver or self.orphan:
            guard.unlock(&crew.store.guard)
            return
        self.driver = PyThread_get_thread_ident()
        guard.unlock(&crew.store.guard)
        self.bell.mute(True)
        ear._file = self.bell._ear
        value = None
        try:
            if task.observe(ear):       # else it has been ended by hand
                size = self._await_answer(deadline)
                if size and self._is_of(task):
                    memcpy(&run_ns, self.room + HEADER + 8, 8)
                    previous = swap_runner(<PyObject *> self)
                    try:
                        value = self._decode(size, &failed)
                        left = failed or task.tells_others()
                        if left and forks() == generation:
                            value = self.outcome(value, failed, run_ns)
                    finally:
                        swap_runner(previous)
                    read = True
        finally:
            task.unobserve(ear)
            self.bell.hush()
            if forks() != generation:
                read = False        # this is a child, and the seat its parent's
            elif not read:
                self.bell.mute(False)
                self._release(task)
        if not read:
            PyErr_CheckSignals()    # now that nobody drives: a handler may wait for what this worker is to do next
            return
        # No Python code runs from here to the end of the task.
        socket_calls.take(self.bell._data, self.room, size)
        self.bell.mute(False)
        if left:
            self.left = value
            self._release(None)
            return
        memcpy(&number, self.room + HEADER, 8)
        self.away.pop(number, None)
        self._hand_over(task)
        guard.lock(&crew.store.guard)
        ring = self._free_lock_held()
        guard.unlock(&crew.store.guard)
        if ring:
            self.bell.wake()
        if guard.state_load(&task.phase) == RUNNING:
            task.outcome = value
            task.mark_ns = run_ns
            task._end(FINISHED, None)
        if forks() == generation:
            self._account(task)

    cdef bint _is_of(self, CoreTask task) except -1:
        cdef uint64_t number = 0
        memcpy(&number, self.room + HEADER, 8)
        errand = self.away.get(number)
        return errand is not None and errand.task is task

    cdef bint _free_lock_held(self) noexcept:
        # True: its own thread has something to do; wake it.
        cdef WorkerLoop crew = self.crew
        self.lent = None        # the caller holds it
        self.driver = 0
        if (
            self.wanted or crew.store.levels.count or crew.closing or crew.retiring > 0
            or crew.n_workers > crew.max_workers
        ):
            self.wanted = False
            self.searching = True
            crew.searching += 1
            return True
        crew.stand_idle_lock_held(self)
        self.since_ns = now_ns()
        return False

    cdef Py_ssize_t _await_answer(self, int64_t deadline) except -1:
        # The size of the answer, if it is the only thing there, and small and whole; else 0.
        cdef int data = self.bell._data, end = self.bell._end, ear = self.bell._ear
        cdef int64_t until = min(deadline, deadline_after_ns(LONGEST_NS))
        cdef Py_ssize_t size = 0
        cdef uint32_t n_buffers
        cdef uint64_t length
        with nogil:
            note_release()
            if await_data(data, end, ear, until) == 1:
                size = socket_calls.peek(data, self.room, ROOM)
        if size < ANSWER or self.room[0] != self.answer_kind:
            return 0
        memcpy(&n_buffers, self.room + 4, 4)
        memcpy(&length, self.room + 8, 8)
        return size if n_buffers == 0 and length == <uint64_t> (size - HEADER) else 0

    cdef object _decode(self, Py_ssize_t size, bint *failed):
        # What it is goes on lying in the socket: if this is interrupted, the seat's thread will read it.
        data = PyBytes_FromStringAndSize(self.room + ANSWER, size - ANSWER)
        try:
            return load(data)
        except BaseException as error:      # SystemExit too: it is the object's
            if is_interrupt(error):
                raise
            failed[0] = True
            return error
