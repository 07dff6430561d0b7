"""One start of a worker, up to the end of its thread: the orders it was given, and what it has done."""

import threading
from collections.abc import Callable
from typing import Any

from windlass._core.clock import monotonic_ns
from windlass._core.histogram import Histogram
from windlass._core.parker import Parker
from windlass._core.report import logger, report
from windlass.realtime import RealtimeGrant, realtime_thread
from windlass.task import Task
from windlass.ticker import Ticker
from windlass.workers.coroutines import EventLoopThread, is_coroutine_function
from windlass.workers.options import Options, span_ns
from windlass.workers.overseer import LateRuns, Overseer
from windlass.workers.worker_statistics import LateTick


class Latch(Task[None]):
    """An event that is set once. One of ``threading`` can be left locked for ever by Ctrl-C."""

    def __init__(self) -> None:
        super().__init__(_nothing)

    def set(self) -> None:
        """Wake all that wait, if this has not been done."""
        self._settle(None, False)


def _nothing() -> None:
    pass


class Shift:
    """What begins with ``start`` and ends with the thread. A worker that is started anew gets another one.

    Orders (stop, pause) are flags that any thread sets and then calls :meth:`wake`; the shift's thread looks at them
    after each wake, so none is slept through.

    Args:
        owner: The worker, for logs.
        options: Its parameters as of the start.

    Thread safety:
        Safe on shared objects for orders and for reading; the rest belongs to the shift's thread.
    """

    def __init__(self, owner: object, options: Options) -> None:
        self.owner = owner
        self.options = options
        self.thread: threading.Thread | None = None
        self.starter = threading.get_ident()
        self.call: Callable[..., Any]  # set before the first run
        self.args: tuple[Any, ...] = ()
        self.kwargs: dict[str, Any] = {}
        self.takes_tick = False
        self.ticker: Ticker | None = None
        self.waker: Callable[[], object] | None = None  # wakes the thread where it sleeps elsewhere than in rest()
        self.source: Any = None  # what that is, where the kind of worker needs to know
        self.at_end: Callable[[], object] | None = None  # puts right what the waker did
        self.grant: RealtimeGrant | None = None
        # Set when that is known; only who asks for a class or for processors waits for it.
        self.ready = None if options.sched is None and options.cpus is None else Latch()
        # ---- orders
        self.stopping = False
        self.paused = False
        self.finishing = False  # stop when there is nothing left to do
        # Each is acquired once and never released: by who serves the shift, and by who calls the hooks of its stop.
        self.serving = threading.Lock()
        self.hooks = threading.Lock()
        # ---- what it has done: written by its thread
        self.runs = 0
        self.errors = 0
        self.failures = 0  # in a row
        self.started_ns = 0  # of the run that lasts; 0 between runs
        self.end_ns: int | None = None
        self.lateness = Histogram()
        self.run_time = Histogram()
        self.missed_deadlines = LateRuns(options.on_miss)
        self.overruns = LateRuns(options.on_overrun)
        self.overseer: Overseer | None = None
        self._deadline_ns = span_ns("deadline", options.deadline)
        self._budget_ns = span_ns("budget", options.budget)
        self._policy = options.policy
        self._loop_thread: EventLoopThread | None = None
        self._served = False
        self._joining = threading.RLock()  # R: a signal handler may wait, too
        self._over = Latch()
        self._parker = Parker()

    # ---- everybody's side ----

    @property
    def over(self) -> bool:
        """Whether nothing of it runs any more."""
        return self._over.is_set()

    @property
    def running_ident(self) -> int | None:
        """The thread that the function runs on."""
        thread = self._loop_thread.thread if self._loop_thread is not None else self.thread
        return None if thread is None else thread.ident

    def is_inside(self) -> bool:
        """Return whether the calling thread is the one that would have to end: it must not wait for that."""
        me = threading.get_ident()
        if self.thread is None or self.thread.ident is None:
            return me == self.starter
        return me in (self.thread.ident, self.running_ident)

    def note_interval(self, interval: float) -> None:
        """Take the interval for deadline and budget where these are not given."""
        self._deadline_ns = span_ns("deadline", self.options.deadline or interval)
        self._budget_ns = span_ns("budget", self.options.budget or interval)

    def order_stop(self) -> None:
        """End after the run that lasts, if any. Idempotent; never blocks."""
        self.stopping = True
        self.wake()

    def wake(self) -> None:
        """Let the thread look at its orders."""
        self._parker.unpark()
        if self.ticker is not None and self.stopping:
            self.ticker.stop()
        if self.waker is not None:
            self.waker()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; return whether it has come."""
        # Not by Thread.join alone: on 3.11 and 3.12, Ctrl-C in it marks the living thread as stopped.
        if not self._over.wait(timeout):
            return False
        thread = self.thread
        if self._served and thread is not None and thread is not threading.current_thread():
            with self._joining:  # of two joins of one thread at once, 3.11 and 3.12 may let both fail
                thread.join(timeout)
        return True

    def finish(self) -> None:
        """Note the end."""
        self.stopping = True
        if self.ready is not None:
            self.ready.set()
        self._over.set()
        if self.overseer is not None:
            self.overseer.wake()

    def reset_after_fork(self) -> None:
        """In a forked child: it is over, unless the calling thread is its own, which then leaves after its run."""
        self.stopping = True
        self._over = Latch()
        self._joining = threading.RLock()
        if self.ready is not None:
            self.ready = Latch()
        self.overseer = None
        self.finish()
        if self.ticker is not None:
            self.ticker.stop()
        if self._loop_thread is not None:
            self._loop_thread.reset_after_fork()

    # ---- the thread's side ----

    def serve(self, loop: Callable[..., Any]) -> None:
        """Run the worker's loop, and note the end. This is what the thread does."""
        if not self.serving.acquire(blocking=False):
            return
        self._served = True
        try:
            if self.ready is None:
                self._work(loop)
            else:
                self._work_as_wished(loop, self.ready)
        except BaseException as error:
            report("exception ends", self.owner, error)
        finally:
            if self.at_end is not None:
                self.at_end()
            self.finish()

    def _work_as_wished(self, loop: Callable[..., Any], ready: Latch) -> None:
        options = self.options
        with realtime_thread(options.sched, priority=options.sched_priority, cpus=options.cpus) as self.grant:
            if self.grant.refused:
                logger.warning("%r does without %s", self.owner, "; ".join(self.grant.refused))
            ready.set()
            self._work(loop)

    def _work(self, loop: Callable[..., Any]) -> None:
        options = self.options
        if options.duration is not None:
            self.end_ns = monotonic_ns() + (span_ns("duration", options.duration) or 0)
        watchdog_ns = span_ns("watchdog", options.watchdog)
        if watchdog_ns is not None or options.on_miss is not None or options.on_overrun is not None:
            self.overseer = Overseer(self, watchdog_ns, options.on_stuck)
            self.overseer.start()
        try:
            loop = self.synchronous(loop)
            while not self.stopping:
                try:
                    loop(*self.args, **self.kwargs)
                    break
                except BaseException as error:  # a loop of one's own raised; ours does not
                    self.failed(error)
        finally:
            if self._loop_thread is not None:
                self._loop_thread.close()

    def synchronous(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``fn``, or what runs it to its end if it makes coroutines."""
        if not is_coroutine_function(fn):
            return fn
        if self._loop_thread is None:
            try:
                self._loop_thread = EventLoopThread(f"{self.options.name}-asyncio")
            except BaseException:  # no policy helps: nothing of it can run
                self.order_stop()
                raise
        run = self._loop_thread.run
        return lambda *args, **kwargs: run(fn(*args, **kwargs))

    def left(self) -> float | None:
        """Return the seconds until ``duration`` is over; None without one."""
        return None if self.end_ns is None else max(0, self.end_ns - monotonic_ns()) / 1e9

    def rest(self, until_ns: int | None = None) -> None:
        """Sleep until a time or a wake. It may return early, and orders a stop when ``duration`` is over."""
        if self.end_ns is not None:
            until_ns = self.end_ns if until_ns is None else min(until_ns, self.end_ns)
        self._parker.park(None if until_ns is None else max(0, until_ns - monotonic_ns()) / 1e9)
        if self.end_ns is not None and monotonic_ns() >= self.end_ns:
            self.order_stop()

    def sleep_until(self, time_ns: Callable[[], int]) -> bool:
        """Sleep until a time that may change, and while paused; return whether to go on."""
        while not self.stopping:
            until = time_ns()
            if not self.paused and until <= monotonic_ns():
                return True
            self.rest(None if self.paused else until)
        return False

    def sleep(self, seconds: float) -> bool:
        """Sleep so many seconds; return whether to go on."""
        until = monotonic_ns() + (span_ns("seconds", seconds, zero_ok=True) or 0)
        return self.sleep_until(lambda: until)

    def execute(self, release_ns: int, started_ns: int, *task: Any) -> None:
        """Run the function once, whatever comes of it.

        Args:
            release_ns: When it was to run.
            started_ns: When it does: now, taken by whoever knows it already.
            *task: Arguments before those of ``start``.
        """
        self.runs += 1
        self.started_ns = started_ns
        if self.overseer is not None and self.overseer.awaits_run:
            self.overseer.wake()
        try:
            outcome = self.call(*task, *self.args, **self.kwargs)
        except BaseException as error:
            self._run_ended(release_ns, started_ns)
            self.failed(error)
        else:
            self._run_ended(release_ns, started_ns)
            self.failures = 0
            if outcome is False:
                self.order_stop()
        if self.runs == self.options.max_ticks or (self.end_ns is not None and monotonic_ns() >= self.end_ns):
            self.order_stop()

    def _run_ended(self, release_ns: int, started_ns: int) -> None:
        self.started_ns = 0
        ended_ns = monotonic_ns()
        run_ns = ended_ns - started_ns
        self.run_time.record(run_ns)
        deadline_ns, budget_ns = self._deadline_ns, self._budget_ns
        if deadline_ns is not None and ended_ns - release_ns > deadline_ns:
            self._late(self.missed_deadlines, deadline_ns, started_ns - release_ns, run_ns)
        if budget_ns is not None and run_ns > budget_ns:
            self._late(self.overruns, budget_ns, started_ns - release_ns, run_ns)

    def _late(self, runs: LateRuns, limit_ns: int, late_ns: int, run_ns: int) -> None:
        if runs.callback is None:
            runs.count += 1
            return
        runs.note(LateTick(self.options.name, self.runs, late_ns / 1e9, run_ns / 1e9, limit_ns / 1e9))
        if self.overseer is not None:
            self.overseer.wake()

    def failed(self, error: BaseException) -> None:
        """Tell of an exception, and do what the error policy says. One that is no Exception always ends the worker."""
        self.errors += 1
        self.failures += 1
        pause = self._policy.pause(self.failures) if isinstance(error, Exception) else None
        if pause is None:
            self.order_stop()
        options = self.options
        if options.on_error is None:
            report("exception ends" if pause is None else "exception in a run of", self.owner, error)
        else:
            try:
                self.synchronous(options.on_error)(**{**options.on_error_kwargs, "e": error})
            except BaseException as another:  # its __context__ is the first
                report("exception in on_error of", self.owner, another)
        if pause:
            self.sleep(pause)
