# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""A task's compiled half: the call, its state, its outcome, and who waits for it.

Guarantees: one claim decides who runs a task or that nobody does; every observer hears of the end exactly once, after
the outcome can be read; the arguments are given up before anyone hears of it; no exception of a task, a callback or a
finalizer leaves this module on a worker. README.md, "Task", has the protocol.
"""
from cpython.object cimport PyObject
from libc.stdint cimport int32_t, int64_t

from windlass._core cimport guard
from windlass._core.call_record cimport CallRecord
from windlass._core.clock cimport deadline_ns, now_ns
from windlass._core.injection cimport wants_task
from windlass._core.lifting cimport is_liftable, lift_limit
from windlass._core.observed cimport CANCELLED, FINISHED, PENDING, RUNNING
from windlass._core.priority_key cimport key_of
from windlass._core.runner cimport Home, Runner, current_runner, swap_runner
from windlass._core.task_options cimport Gate, TaskOptions
from windlass._core.tracebacks cimport reraise, traceback_of
from windlass._core.waitlist cimport WaitNode
from windlass._core.watcher cimport Latch, fetch_from

from windlass._core.observed import STATE_NAMES
from windlass.errors import TaskCancelled, WaitTimeout


cdef extern from "Python.h":
    object PyObject_Call(object fn, object args, PyObject *kwargs)
    bint PyObject_IS_GC(object) noexcept


cdef class CoreTask(CallRecord):
    """The compiled half of :class:`windlass.Task`."""

    # ---- waiting ----

    def result(self, timeout: float | None = None) -> object:
        """Return the value of the call, waiting for it.

        Called by a worker on a pending task of its own pool, it runs the task there and then.

        Args:
            timeout: Longest wait in seconds; None for no limit, 0 or less for none.

        Raises:
            WaitTimeout: It has not ended within ``timeout``.
            TaskCancelled: It was cancelled.
            BaseException: Whatever the call raised.
        """
        if guard.state_load(&self.phase) != FINISHED:
            self._wait_for_end(timeout)
        if self.flags & FAILED:
            self._raise_failure()
        return self.outcome

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return what the call raised, or None if it returned, waiting for it. Errors as :meth:`result`."""
        if guard.state_load(&self.phase) != FINISHED:
            self._wait_for_end(timeout)
        return self.outcome[0] if self.flags & FAILED else None

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end.

        Args:
            timeout: Longest wait in seconds; None for no limit, 0 or less for none.

        Returns:
            Whether it has ended.
        """
        return guard.state_load(&self.phase) >= CANCELLED or self.wait_until(deadline_ns(timeout, True))

    def cancel(self) -> bool:
        """Cancel the task unless it has started.

        Returns:
            Whether it is cancelled now. A running or finished task cannot be.
        """
        cdef Home home
        if not guard.state_cas(&self.phase, PENDING, CANCELLED):
            return guard.state_load(&self.phase) == CANCELLED
        place = self.place
        self._end(CANCELLED, None)
        if isinstance(place, Home):
            home = place
            home.on_claimed_elsewhere(self)
            home.on_ended(self)
        return True

    # ---- the protocol; README.md, "Task" ----

    cdef void run_claimed(self, Runner runner) noexcept:
        outer = runner.current
        runner.current = self
        self.place = runner.worker
        self.wait_ns = runner.now_ns - self.mark_ns
        self.mark_ns = runner.now_ns
        try:
            self.outcome = self._call(runner)
        except BaseException as error:
            self.outcome = (error, traceback_of(error))
            self.flags |= FAILED
        runner.current = outer
        runner.now_ns = now_ns()
        self.mark_ns = runner.now_ns - self.mark_ns
        self._end(FINISHED, runner)

    cdef void on_dropped(self) noexcept:
        pass

    cdef void forget(self) noexcept:
        self.observers = None
        self.phase = CANCELLED

    cdef void lift(self) noexcept:
        cdef TaskOptions options
        if not is_liftable(self._fn):
            return
        try:
            options = TaskOptions() if self.extras is None else self.extras
            if options._semaphore is None:      # else the function's own is waited for on the thread, in the call
                key_of(self._priority, &options.key)
                self._fn = lift_limit(self._fn, options)
                self.extras = options
        except Exception:
            pass        # so is it if there is no memory, or the priority was a number only once

    cdef object _call(self, Runner runner):
        cdef PyObject *kwargs = NULL
        if self._kwargs is not None:
            kwargs = <PyObject *> self._kwargs
        if self.context is not None:
            if self.flags & OWN_CONTEXT:
                return self.context.run(self._call_plain)
            runner.enter(self.context)
        if self.extras is None and not (self.flags & INJECT_ALWAYS):
            if self.flags & INJECT_NEVER or not wants_task(self._fn):
                return PyObject_Call(self._fn, self._args, kwargs)
        return self._call_plain()

    def _call_plain(self):
        cdef TaskOptions options
        kwargs = {} if self._kwargs is None else self._kwargs
        if self.flags & INJECT_ALWAYS or (not (self.flags & INJECT_NEVER) and wants_task(self._fn)):
            kwargs = {**kwargs, "TaskObject": self}
        if self.extras is None:
            return self._fn(*self._args, **kwargs)
        options = self.extras
        return options.run(self._fn, self._args, kwargs, self)

    cdef void _end(self, int32_t phase, Runner runner) noexcept:
        # 1. Give the call up: whoever hears of the end finds its arguments free.
        fn, args, kwargs, context = self._fn, self._args, self._kwargs, self.context
        guard.lock(&self.guard)     # the names above hold them, so nothing is freed under the guard
        self._fn = self._args = self._kwargs = self.context = None
        if phase == CANCELLED:
            self.place = None
        guard.unlock(&self.guard)
        fn = args = kwargs = context = None
        if self.extras is not None:
            (<TaskOptions> self.extras).leave()
        if PyObject_IS_GC(self.outcome):
            self.meet_collector()
        # 2. and 3. Publish, and spread the news.
        self.publish(phase, runner)

    cdef bint wait_until(self, int64_t deadline) except -1:
        cdef Latch latch
        if guard.state_load(&self.phase) >= CANCELLED or (self.helps_until(deadline) and self.try_help(deadline)):
            return True
        if self.flags & LENT:
            fetch_from(self.place, self, deadline)      # then there may be nothing left to wait for
        latch = Latch.__new__(Latch)
        if not self.observe(latch):
            return True
        latch.foreign = latch.home is None or not latch.home.owns(self)
        try:
            while guard.state_load(&self.phase) < CANCELLED:
                if latch.block_until(deadline) == 0:
                    break
        finally:
            if guard.state_load(&self.phase) < CANCELLED:
                self.unobserve(latch)
        return guard.state_load(&self.phase) >= CANCELLED

    cdef bint helps_until(self, int64_t deadline) noexcept:
        return True

    cdef bint try_help(self, int64_t deadline) except -1:
        cdef Runner runner = current_runner()
        cdef Home home
        cdef Gate gate
        cdef bint may_defer
        if runner is None or runner.home is None:
            return False
        if runner.remote and (self.place is runner.home or self.place is runner.worker):
            # It holds up the only thread that may be able to start the task, or that hears of its end.
            raise RuntimeError(
                "a callback cannot wait for a task of its own process pool that has not started or is with the same "
                "worker, nor can what pickles a call or unpickles a result"
            )
        if self.place is not runner.home:
            return False
        gate = self.next_gate()
        if not (self.claim() if gate is None else self.claim_with_slot(gate, deadline)):
            return False
        home = runner.home
        home.on_claimed_elsewhere(self)
        may_defer, runner.may_defer = runner.may_defer, False
        runner.now_ns = now_ns()
        # The context of the outer task stays entered below: leave() must undo only what is entered from here on.
        entered, runner._entered = runner._entered, None
        if runner.below is None:
            runner.below = []
        runner.below.append(runner.current)
        try:
            self.lift()
            if gate is not None:
                if self.extras is not None and (<TaskOptions> self.extras).gate is gate:
                    gate.hand_over(self.extras)
                else:
                    gate.give_back()    # lift() had no memory: the call waits for a slot itself
            self.run_claimed(runner)
        finally:
            runner.below.pop()
            runner.leave()
            runner._entered = entered
            runner.may_defer = may_defer
            home.on_ended(self)
        return True

    cdef bint claim_with_slot(self, Gate gate, int64_t deadline) except -1:
        # The slot first. Until there is one the task stays pending: somebody else may run or cancel it, and its end
        # wakes this thread as a slot does.
        cdef Latch latch
        cdef WaitNode node
        cdef bint taken = gate.try_enter(None)
        if not taken and deadline > 0:
            latch = Latch.__new__(Latch)
            node.linked = False
            if not self.observe(latch):
                return False
            latch.foreign = latch.home is None or not latch.home.owns(self)
            taken = gate.take_or_wait(&node, latch)
            try:
                while not taken and guard.state_load(&self.phase) == PENDING and latch.block_until(deadline):
                    taken = not gate.is_waiting(&node)
            except BaseException:
                if taken or not gate.withdraw(&node):
                    gate.give_back()
                raise
            finally:
                self.unobserve(latch)
            taken = taken or not gate.withdraw(&node)
        if taken and not self.claim():
            gate.give_back()
            return False
        return taken

    cdef int _wait_for_end(self, object timeout) except -1:
        if not self.wait_until(deadline_ns(timeout, True)):
            raise WaitTimeout(f"{self!r} has not ended within {timeout} s")
        if guard.state_load(&self.phase) == CANCELLED:
            raise TaskCancelled("the task was cancelled")
        return 0

    cdef int _raise_failure(self) except -1:
        error, traceback = self.outcome
        if traceback is None:       # set_exception() with one that was never raised
            error.__traceback__ = None
            raise error
        return reraise(error, traceback)

    # ---- for task.py: a future of the standard library, filled in by hand ----

    def set_running_or_notify_cancel(self) -> bool:
        """Claim the task for an executor of one's own: False if it was cancelled.

        Raises:
            RuntimeError: It is running or has finished.
        """
        if self.claim_by_hand():
            return True
        if guard.state_load(&self.phase) == CANCELLED:
            return False
        raise RuntimeError("Future in unexpected state")

    cdef bint claim_by_hand(self) noexcept:
        cdef Home home
        if not self.claim():
            return False
        if isinstance(self.place, Home):    # it stays the place: who ends the task tells it so
            home = self.place
            home.on_claimed_elsewhere(self)
        return True

    def _settle(self, outcome, bint failed):
        cdef int32_t phase = guard.state_load(&self.phase)
        cdef Home home = None
        place = self.place
        if phase >= CANCELLED or not (phase == RUNNING or self.claim()):
            return False
        if isinstance(place, Home):
            home = place
            if phase == PENDING:
                home.on_claimed_elsewhere(self)
        self.mark_ns = self.wait_ns = -1
        self.outcome = (outcome, traceback_of(outcome)) if failed else outcome
        if failed:
            self.flags |= FAILED
        self._end(FINISHED, None)
        if home is not None:
            home.on_ended(self)
        return True

    def _set_up(self, fn, args, kwargs, priority, TaskOptions options, inject_task, context, own_context=False):
        # The call of a new task; task.py has checked the arguments.
        self._fn, self._args, self._kwargs, self._priority = fn, args, kwargs, priority
        self.extras, self.context = options, context
        self.flags = (INJECT_ALWAYS if inject_task else 0 if inject_task is None else INJECT_NEVER)
        if own_context:
            self.flags |= OWN_CONTEXT
        self.mark_ns = now_ns()

    def _restore(self, str state, outcome, bint failed):
        # From a pickle, before anybody else has seen the task.
        self.phase = STATE_NAMES.index(state)
        self.outcome, self.mark_ns, self.wait_ns = outcome, -1, -1
        if failed:
            self.flags |= FAILED

    def _run_here(self):
        # In the calling thread: a claim like any other, so it runs at most once.
        cdef Runner runner, outer
        cdef Home home = None
        cdef PyObject *previous
        place = self.place
        if not self.claim():
            raise RuntimeError(f"a task runs only once, and this one is {self.state}")
        if isinstance(place, Home):
            home = place
            home.on_claimed_elsewhere(self)
        runner = Runner.__new__(Runner)
        runner.now_ns = now_ns()
        outer = current_runner()
        if outer is not None:       # a worker stays one: it may help, and must not wait for itself
            runner.home, runner.worker = outer.home, outer.worker
        previous = swap_runner(<PyObject *> runner)
        try:
            self.lift()
            self.run_claimed(runner)
        finally:
            runner.leave()
            swap_runner(previous)
            if home is not None:
                home.on_ended(self)


def current_task():
    """Return the task that runs in this thread, or None.

    Thread safety:
        Atomic.
    """
    cdef Runner runner = current_runner()
    return None if runner is None else runner.current
