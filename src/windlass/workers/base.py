"""What all background workers share: their parameters, the function they run, and what they tell of themselves."""

import contextvars
import itertools
import threading
from collections.abc import Callable
from typing import Any

from windlass.realtime import RealtimeGrant
from windlass.workers.arguments import arguments_for
from windlass.workers.lifecycle import Lifecycle
from windlass.workers.options import Options, refuse_unknown, renamed
from windlass.workers.shift import Shift
from windlass.workers.worker_statistics import WorkerStatistics, statistics_of

OWN = ("worker_name", "o", "_worker")  # what a worker adds to the arguments

_numbers = itertools.count(1)


class BaseWorker(Lifecycle):
    """A thread of its own that runs one function again and again. Its subclasses say when.

    The function is ``func``, or the method ``run`` of a subclass. It gets the arguments of :meth:`start` and, as far
    as it takes them, ``worker_name``, ``o`` and ``_worker`` (the worker) as keyword arguments. It may be an ``async
    def``: all its runs then share one event loop, which goes on between them. If it returns False, the worker stops.

    Args:
        name: Of the worker and its thread; that of the function if not given.
        func: What to run.
        daemon: Whether the interpreter's exit leaves a run behind that does not end within half a second.
        o: Any object, for the function.
        on_error: Called with the exception as ``e`` and with ``on_error_kwargs`` when the function raises, in place
            of the log. What it raises is logged.
        on_error_kwargs: Further keyword arguments for it.
        error_policy: What follows then: ``"log"`` goes on, ``"stop"`` ends the worker, ``"restart"`` or a
            :class:`Restart` goes on after a pause and gives up after too many failures in a row. SystemExit,
            KeyboardInterrupt and whatever else is no Exception end the worker in any case.
        poll_delay: Accepted from code for the older library. Nothing polls.
        realtime: Be awake before each release and so meet it to the microsecond, for some CPU time. See ``spin``.
        deadline: Longest time from release to end of a run, in seconds; the interval if not given.
        budget: Longest run, in seconds; the interval if not given.
        on_miss: Called with a :class:`LateTick` about runs that ended after the deadline, on a thread of its own: it
            does not delay the loop. One call may stand for several runs.
        on_overrun: The same for runs longer than the budget.
        watchdog: Seconds after which a run that lasts is reported, once, with the stack of its thread.
        on_stuck: Called with a :class:`LateTick` in place of that report, on that other thread.
        max_ticks: Stop after so many runs.
        duration: Stop so many seconds after the start; a run that lasts is not cut short.
        sched: Scheduling class to ask for: "fifo", "rr", "batch", "idle" or "other". A refusal is logged, with the
            reason, and the worker runs without; :attr:`granted` tells.
        sched_priority: 1 to 99 for "fifo" and "rr".
        cpus: Processors to run on.

    Raises:
        TypeError, ValueError: A parameter is unknown to this kind of worker or not of the kind described.

    Thread safety:
        Safe on shared objects. One worker runs at most one loop, however many threads start and stop it.
    """

    _options_type: type[Options] = Options
    _leading = 0  # how many arguments each run has before those of start()

    def __init__(self, name: str | None = None, func: Callable[..., Any] | None = None, **parameters: Any) -> None:
        parameters = renamed(parameters)
        refuse_unknown(type(self).__name__, parameters, self.parameter_names())
        if func is not None:
            if not callable(func):
                raise TypeError(f"func must be callable, not {type(func).__name__}")
            self.run = func  # type: ignore[method-assign]
        if name is None:
            name = getattr(func, "__name__", None) or f"{type(self).__name__}-{next(_numbers)}"
        super().__init__(self._options_type(name=name, **parameters))

    @classmethod
    def parameter_names(cls) -> set[str]:
        """Return the names of the parameters that this kind of worker has."""
        return cls._options_type.names()

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Do the work once. Return False to stop."""
        raise NotImplementedError("a loop of one's own that calls run needs one")

    def loop(self, *args: Any, **kwargs: Any) -> Any:
        """Call :meth:`run` again and again, as this kind of worker does. This is what the thread runs.

        One that replaces it goes on while :meth:`is_active`, and sleeps with :meth:`sleep`, which a stop ends.
        """
        shift = self._shift_here()
        if self._has_own_loop():  # it calls this one, maybe with other arguments
            given = {name: value for name, value in kwargs.items() if name not in OWN}
            own = {name: value for name, value in kwargs.items() if name in OWN}
            shift.args = args
            shift.kwargs, shift.takes_tick = arguments_for(self.run, args, given, own, self._leading)
        shift.call = shift.synchronous(self.run)
        self._drive(shift)

    def sleep(self, seconds: float) -> bool:
        """Sleep on the worker's own thread; a stop ends it. For a ``loop`` of one's own.

        Returns:
            Whether to go on: False after a stop.

        Raises:
            RuntimeError: The calling thread is another one.
            TypeError, ValueError: ``seconds`` is not a non-negative number.
        """
        return self._shift_here().sleep(seconds)

    @property
    def name(self) -> str:
        """Its name."""
        return self._options.name

    @property
    def o(self) -> Any:
        """The object for the function."""
        return self._options.o

    @property
    def options(self) -> Options:
        """All parameters as they are now."""
        return self._options

    @property
    def granted(self) -> RealtimeGrant | None:
        """What the thread got of ``sched`` and ``cpus``, and why not the rest; None if it did not ask."""
        shift = self._shift
        return None if shift is None else shift.grant

    def statistics(self, *, reset: bool = False) -> WorkerStatistics:
        """Return what it has done since its last start.

        Args:
            reset: Begin the distributions anew; the counts go on.

        Thread safety:
            Safe on shared objects. Each figure is of one moment; a run may begin or end between two of them.
        """
        return statistics_of(self._shift or Shift(self, self._options), reset)

    def __repr__(self) -> str:
        shift = self._shift
        state = "not active" if shift is None or shift.over else "stopping" if shift.stopping else "active"
        return f"<{type(self).__name__} {self.name!r} {state}>"

    # ---- for the kinds of workers ----

    def _equip(self, shift: Shift) -> None:
        """Give a shift that is being made what this kind of worker needs."""

    def _drive(self, shift: Shift) -> None:
        """Run the function until the shift is to stop."""
        raise NotImplementedError

    # ---- inside ----

    def _has_own_loop(self) -> bool:
        return getattr(self.loop, "__func__", None) is not BaseWorker.loop

    def _new_shift(self, options: Options, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Shift:
        shift = Shift(self, options)
        own = dict(zip(OWN, (options.name, options.o, self), strict=True))
        shift.args = args
        if self._has_own_loop():
            shift.kwargs, _ = arguments_for(self.loop, args, kwargs, own, 0, ticks=False)
        elif getattr(self.run, "__func__", None) is BaseWorker.run:
            raise TypeError(f"{self!r} has nothing to run: it needs a func, or a subclass with run or loop")
        else:
            shift.kwargs, shift.takes_tick = arguments_for(self.run, args, kwargs, own, self._leading)
        context = contextvars.copy_context()
        shift.thread = threading.Thread(
            target=context.run, args=(shift.serve, self.loop), name=options.name, daemon=options.daemon
        )
        self._equip(shift)
        return shift

    def _shift_here(self) -> Shift:
        shift = self._shift
        if shift is None or not shift.is_inside():
            raise RuntimeError(f"{self!r} is asked by another thread for what only its own may do")
        return shift
