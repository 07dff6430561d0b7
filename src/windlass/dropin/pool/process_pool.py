"""Pool: the interface of :class:`multiprocessing.pool.Pool` on windlass's engine."""

import multiprocessing
from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext
from typing import Any

from windlass.dropin.pool.calls import PoolCalls
from windlass.dropin.pool.process_engine import ProcessEngine, ProcessEngineCrew
from windlass.errors import BrokenPool


class Pool(PoolCalls):
    """A pool of processes: an instance of the standard class by name, with none of its state.

    A process that dies is replaced. The call that it was at fails with :class:`windlass.WorkerDied`, and nothing else.

    Args:
        processes: How many; None for the CPUs of this process.
        initializer: Called with ``initargs`` in each process before its first call. If it raises, the pool is broken:
            pending and later calls get BrokenPool.
        initargs: Its arguments.
        maxtasksperchild: After so many tasks a process is replaced; None for never. A chunk is one task.
        context: Says how processes are started; None for multiprocessing's default.

    Raises:
        ValueError: ``processes`` or ``maxtasksperchild`` is less than 1.
        TypeError: ``initializer`` is not callable.
        BrokenPool: No process can be started.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(
        self,
        processes: int | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: Iterable[Any] = (),
        maxtasksperchild: int | None = None,
        context: BaseContext | None = None,
    ) -> None:
        processes = self._check(processes, initializer)
        _check_max_tasks(maxtasksperchild)
        self._ctx = context if context is not None else multiprocessing.get_context()
        self._initializer = initializer
        self._initargs = initargs
        self._maxtasksperchild = maxtasksperchild
        method = self._ctx.get_start_method()
        crew = ProcessEngineCrew.of_processes(processes, method, initializer, initargs, maxtasksperchild)
        self._begin(ProcessEngine(crew))
        # Under fork, processes are to see the program as it is now; and their numbers may be asked for at once.
        if not crew.processes() and not crew.threads:
            why = crew.broken or BrokenPool("no worker process can be started")
            self.terminate()  # from here on the crew says that this is why
            raise why

    # ---- names of the standard class that real code reads ----

    @property
    def _pool(self) -> list[Any]:
        crew: ProcessEngineCrew = self._engine._crew
        return crew.processes()


def _check_max_tasks(max_tasks: Any) -> None:
    if max_tasks is not None and (not isinstance(max_tasks, int) or max_tasks < 1):
        raise ValueError("maxtasksperchild must be a positive int or None")


Pool.__module__ = "windlass.dropin.pool"  # where it is imported from, for its repr and for help()
