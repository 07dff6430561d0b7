"""Master: worker processes that are initialised once, and the tasks they share."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, Self

from windlass._core.clock import timeout_to_seconds
from windlass._core.priority_key import priority_key
from windlass.errors import TaskCancelled
from windlass.master.backend import Backend, LocalProcesses
from windlass.master.broadcast import broadcast
from windlass.master.call import Call
from windlass.master.hub import Hub
from windlass.master.master_statistics import MasterStatistics, statistics_of
from windlass.master.results import Results
from windlass.master.station import Station
from windlass.master.worker import Worker, call_method, make_worker, pack_worker, run_task
from windlass.monitors.progress import ProgressMonitor
from windlass.monitors.spoken import SpokenMonitor
from windlass.monitors.task_monitor import TaskMonitor
from windlass.monitors.watch import Watch, as_monitors
from windlass.pools.crew_pool import check_count
from windlass.pools.process_plan import ProcessPlan
from windlass.pools.process_pool import check_limit
from windlass.priority import DEFAULT_PRIORITY
from windlass.processes.relay import root_level
from windlass.processes.settings import WorkerSettings

ON_CRASH = ("fail", "retry")

# What a broadcast must go before: everything.
AT_ONCE = float("-inf")

# Seconds for the processes to end when nothing keeps them any more: as an attendant gives them, and some.
LAST_WAIT = 6.0


class Master:
    """Worker processes that are initialised once, and the tasks they share.

    ::

        with Master(MyWorker) as master:
            master.add_worker(model="a.bin")
            master.add_worker(model="a.bin")
            for task_id, result in master.run("first", "second"):
                ...

    The workers begin to start with :meth:`add_worker` and take tasks while a :meth:`run` is iterated over. A worker
    that dies costs the task it was at, or nothing with ``on_crash="retry"``, and is replaced.

    Args:
        WorkerClass: A subclass of :class:`Worker`, for :meth:`add_worker` calls that name none.
        callback: Called with ``(ended, added)`` before each result is given out; what it raises is logged.
        monitor: A :class:`TaskMonitor`, or several in a list.
        verbose: Print what happens.
        progress: Draw a progress bar, see :class:`ProgressMonitor`.
        task_timeout: Seconds a task may run, by default; then its worker is killed and replaced, and its result is
            :class:`TaskTimeout`. None for no limit.
        init_timeout: Seconds a worker's ``__init__`` may take; then it is given up. None for no limit.
        on_crash: What the death of a worker does to the task it was at: ``"fail"``, its result is
            :class:`WorkerDied`; or ``"retry"``, up to ``max_crashes`` deaths, then it is :class:`PoisonTask`.
        max_crashes: How many workers a task may take down.
        max_tasks_per_worker: After so many tasks a worker's process is replaced; None for never.
        max_memory_per_worker: A process that occupies more bytes is replaced between two tasks; None for never.
        start_method: ``"forkserver"``, ``"spawn"`` or ``"fork"``; None for forkserver where it exists, else spawn.
        name: Of threads and processes.
        backend: Where workers run, see ``windlass.master.backend``; None for processes of this machine.

    Raises:
        TypeError, ValueError: An argument is not of the kind described.
        ImportError: ``progress`` without tqdm.

    Thread safety:
        Safe on shared objects.
    """

    # Seconds that workers have to finish what they are at when the master is halted.
    HALT_TIMEOUT: float | None = 1

    def __init__(
        self,
        WorkerClass: type[Worker] | None = None,  # the seed's name
        callback: Callable[[int, int], object] | None = None,
        monitor: TaskMonitor | Iterable[TaskMonitor] | None = None,
        verbose: bool = False,
        *,
        progress: bool = False,
        task_timeout: float | None = None,
        init_timeout: float | None = None,
        on_crash: str = "fail",
        max_crashes: int = 3,
        max_tasks_per_worker: int | None = None,
        max_memory_per_worker: int | None = None,
        start_method: str | None = None,
        name: str = "master",
        backend: Backend | None = None,
    ) -> None:
        if WorkerClass is not None:
            _check_class(WorkerClass)
        if callback is not None and not callable(callback):
            raise TypeError(f"callback must be callable(progress, max) or None, not {type(callback).__name__}")
        if on_crash not in ON_CRASH:
            raise ValueError(f"on_crash must be one of {', '.join(ON_CRASH)}, not {on_crash!r}")
        if backend is not None and start_method is not None:
            raise ValueError("start_method is for the processes of this machine: leave it out, or backend")
        self._backend: Backend = LocalProcesses(start_method) if backend is None else backend
        self._class = WorkerClass
        self._callback = callback
        self._name = name
        self._limits = (
            check_limit("init_timeout", init_timeout),
            check_limit("task_timeout", task_timeout),
            0 if max_tasks_per_worker is None else check_count("max_tasks_per_worker", max_tasks_per_worker, 1),
            0 if max_memory_per_worker is None else check_count("max_memory_per_worker", max_memory_per_worker, 1),
            on_crash,
            check_count("max_crashes", max_crashes, 1),
        )
        monitors = [*as_monitors(monitor), *([SpokenMonitor()] if verbose else [])]
        if progress:
            monitors.append(ProgressMonitor())
        self._hub = Hub(Watch(monitors) if monitors else None)
        self._task_ids = count(1)
        self._worker_numbers = count()

    # ---- workers ----

    def add_worker(self, cls: type[Worker] | None = None, *, tags: Iterable[str] = (), **kwargs: Any) -> int:
        """Start a worker; does not wait until it is ready.

        Args:
            cls: Its class; None for the master's.
            tags: Names. The worker runs tasks that ask for one of them, beside those that ask for none.
            kwargs: For its ``__init__``, in its process, and in those that replace it.

        Returns:
            Its number, from 0.

        Raises:
            TypeError: There is no class for it.
            TransferError: Class or arguments do not pickle.
            PoolClosed: The master has been halted.
            RuntimeError: A worker that imports the program got here: there is no ``if __name__ == "__main__":``.
        """
        return self._add_worker(cls, tags, kwargs)

    def _add_worker(self, cls: type[Worker] | None, tags: Iterable[str], kwargs: dict[str, Any]) -> int:
        cls = self._class if cls is None else cls
        if cls is None:
            raise TypeError("add_worker needs cls, since the master was made without a class")
        _check_class(cls)
        if isinstance(tags, str):
            raise TypeError("tags must be several strings, not one string")
        tags = frozenset(tags)
        for tag in tags:
            _check_tag(tag)
        self._check_may_start()
        hub = self._hub
        hub.check_open()
        settings = WorkerSettings(make_worker, pack_worker(cls, kwargs), root_level(), self._limits[3] > 0)
        plan = ProcessPlan("", settings, *self._limits)
        number = next(self._worker_numbers)
        hub.tell("on_worker_added", number, **kwargs)
        station = Station(hub, number, f"{self._name}_{number}", cls.__name__, tags, plan, self._backend)
        hub.admit(station)
        return number

    def _check_may_start(self) -> None:
        if isinstance(self._backend, LocalProcesses):
            self._backend.check_may_start()

    def remove_worker(self, worker_idx: int, *, drain: bool = True, timeout: float | None = None) -> bool:
        """Let a worker leave; the tasks that wait go to the others.

        Args:
            worker_idx: Its number.
            drain: Whether it may finish what it is at; otherwise that ends with :class:`TaskCancelled`.
            timeout: Longest wait for its end, in seconds; None for no limit, 0 for none.

        Returns:
            Whether it has left. If not, it will when it can.

        Raises:
            ValueError: There is no such worker.
        """
        left = timeout_to_seconds(timeout)
        station = self._station(worker_idx)
        self._hub.dismiss(station)
        if not drain:
            station.end_current(TaskCancelled(f"worker {worker_idx} was removed while it ran the task"))
        return self._hub.wait_for_departure([station], left)

    @property
    def workers(self) -> list[int]:
        """The numbers of the workers there are."""
        return sorted(self._hub.stations)

    def _station(self, worker_idx: int) -> Station:
        station = self._hub.stations.get(worker_idx)
        if station is None:
            raise ValueError(f"there is no worker {worker_idx!r}; there are {self.workers}")
        return station

    # ---- tasks ----

    def add_task(
        self,
        argument: Any,
        *,
        priority: int | float = DEFAULT_PRIORITY,
        timeout: float | None = None,
        tag: str | None = None,
        worker: int | None = None,
    ) -> int:
        """Add a task; its result is given by the :meth:`run` that is going on, or else by the next.

        Args:
            argument: For ``run_task``; pickled when a worker gets it.
            priority: Lower runs first; equal ones in the order they were added.
            timeout: Seconds it may run; None for the master's ``task_timeout``.
            tag: Only workers with this tag run it; None for any.
            worker: Only the worker of this number runs it; None for any.

        Returns:
            Its number, from 1.

        Raises:
            PoolClosed: The master has been halted.
            TypeError, ValueError: An argument is not of the kind described.
        """
        make = self._maker(priority, timeout, tag, worker)
        call = make(argument)
        self._hub.add(call, None)
        return call.task_id

    def _maker(
        self, priority: int | float, timeout: float | None, tag: str | None, worker: int | None
    ) -> Callable[[Any], Call]:
        priority_key(priority)
        limit = check_limit("timeout", timeout)
        if tag is not None:
            _check_tag(tag)
        station = None if worker is None else self._station(worker)
        ids = self._task_ids

        def make(argument: Any) -> Call:
            return Call(next(ids), run_task, (argument,), priority, limit, tag, station)

        return make

    def deliver_task_to_all_workers(self, argument: Any) -> list[int]:
        """Add one task for each worker there is; return their numbers. The results come as those of other tasks."""
        return [self.add_task(argument, worker=number) for number in self.workers]

    def broadcast(self, method: str, *args: Any, timeout: float | None = None, **kwargs: Any) -> dict[int, Any]:
        """Call a method of every worker, each after the task it is at, and wait for the answers.

        Args:
            method: Its name.
            args: Its positional arguments.
            timeout: Longest wait in seconds; None for no limit.
            kwargs: Its keyword arguments.

        Returns:
            What it returned, or the exception it raised, by the number of the worker.

        Raises:
            WaitTimeout: Not all have answered in time; those that have not begun will not.
            RuntimeError: Called by a monitor.
        """
        limit = timeout_to_seconds(timeout)
        stations = [station for station in list(self._hub.stations.values()) if not station.leaving]
        if any(station.is_own_thread for station in stations):
            raise RuntimeError("a monitor cannot wait for the workers that tell it")
        calls = [Call(0, call_method, (method, args, kwargs), AT_ONCE, None, None, station) for station in stations]
        return broadcast(self._hub, calls, limit)

    def run(
        self,
        *arguments: Any,
        source: Iterable[Any] | None = None,
        ordered: bool = False,
        buffersize: int | None = None,
        priority: int | float = DEFAULT_PRIORITY,
        timeout: float | None = None,
        tag: str | None = None,
        worker: int | None = None,
    ) -> Results:
        """Run tasks: one for each argument, and those added by :meth:`add_task` before and meanwhile.

        Args:
            arguments: Each for one ``run_task``.
            source: An iterable of more arguments, which may be endless: read in the thread that iterates, only a
                bounded stretch ahead. What it raises comes after the results of what it gave before.
            ordered: Give results in the order the tasks were added, not as they come.
            buffersize: Most results of ``source`` read and not given out; None adapts, from two for each worker.
            priority: As of :meth:`add_task`, for all of them.
            timeout: Likewise.
            tag: Likewise.
            worker: Likewise.

        Returns:
            An iterator over ``(task_id, result)``, with the exception as the result of a task that failed. To leave it
            early gives up what it has not started. Afterwards, the workers are there for another ``run``.

        Raises:
            PoolClosed: The master has been halted.
            RuntimeError: As of :meth:`add_worker`.
            TypeError, ValueError: An argument is not of the kind described.

        The iterator raises WorkerInitError if workers cannot import the program.
        """
        self._check_may_start()
        if buffersize is not None:
            check_count("buffersize", buffersize, 1)
        make = self._maker(priority, timeout, tag, worker)
        results = Results(self, make, None if source is None else iter(source), ordered, buffersize)
        for argument in arguments:
            results.add(argument)
        return results

    def _end_run(self) -> None:
        if not self._hub.runs:
            self._hub.tell("close")

    # ---- looking ----

    def statistics(self) -> MasterStatistics:
        """Return counts as of one moment."""
        return statistics_of(self._hub)

    # ---- the end ----

    def halt(self, join: bool = True, timeout: float | None = None) -> bool:
        """Take no more tasks, drop those that wait and end the workers.

        Args:
            join: Whether workers may finish what they are at, and whether to wait for their end. Otherwise what they
                are at ends with :class:`TaskCancelled` at once.
            timeout: Seconds they may take for that; then they are killed. None for ``HALT_TIMEOUT``, and if that is
                None, for no limit.

        Returns:
            Whether all have ended.
        """
        limit = timeout_to_seconds(self.HALT_TIMEOUT if timeout is None else timeout)
        hub = self._hub
        stations = hub.close("the master has been halted")
        join = join and not any(station.is_own_thread for station in stations)  # a monitor would wait for itself
        ended = join and hub.wait_until_free(stations, limit)
        if not ended:
            for station in stations:
                station.end_all(TaskCancelled("the master was halted while the task ran"))
        if join:
            ended = hub.wait_for_departure(stations, LAST_WAIT)
            if hub.watch is not None and not hub.watch.is_telling:  # or the monitor that calls would wait for itself
                with hub.lock:
                    hub.departure.wait_for(lambda: not hub.departing, LAST_WAIT)
        hub.tell("close")
        return ended

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: object) -> None:
        self.halt(timeout=0 if kind is not None and issubclass(kind, KeyboardInterrupt) else None)

    def __del__(self) -> None:
        # In any thread, perhaps one that holds the hub's lock: so without it. Each worker sees to its own end.
        hub = getattr(self, "_hub", None)
        if hub is not None and hub.closed is None:
            hub.dropped = True
            for station in list(hub.stations.values()):
                station.kill()
                station.wake()

    def __repr__(self) -> str:
        kind = "" if self._class is None else f" of {self._class.__name__}"
        return f"<Master{kind} with {len(self._hub.stations)} workers>"


def _check_class(cls: object) -> None:
    if not (isinstance(cls, type) and issubclass(cls, Worker)):
        raise TypeError(f"a worker's class must be a subclass of Worker, not {cls!r}")


def _check_tag(tag: object) -> None:
    if not isinstance(tag, str):
        raise TypeError(f"a tag must be a string, not {type(tag).__name__}")
