"""MultiProcessor: several functions at once, each in a process of its own, and their results."""

import asyncio
import inspect
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from windlass.callable_name import callable_name
from windlass.errors import BrokenPool
from windlass.pools.crew_pool import check_count
from windlass.pools.hidden_process_pool import HiddenProcessPool
from windlass.pools.process_pool import check_limit
from windlass.processes.start import check_method
from windlass.processes.transfer import Packed, pack, pack_error, transfer_error, unpack, unpack_error
from windlass.task import FIRST_COMPLETED, Task, wait

# What comes back from a process: what was put, each pickled by itself with its large buffers; and an exception.
_Report = tuple[list[tuple[Packed, list[pickle.PickleBuffer]]], Any]


class Result:
    """What a function has to tell.

    Args:
        function_name: Whose.

    Attributes:
        result: Whatever the function wants; an empty dictionary to begin with.
        error: Why there is no more from this function: what it raised, WorkerDied or TaskTimeout. Else None.
    """

    def __init__(self, function_name: str | None = None) -> None:
        self.function_name = function_name
        self.result: Any = {}
        self.error: BaseException | None = None

    def __repr__(self) -> str:
        what = repr(self.result) if self.error is None else f"raised {self.error!r}"
        return f"<Result of {self.function_name}: {what}>"


class ResultQueue:
    """What a function puts its results into. It is there only while the function runs."""

    def __init__(self) -> None:
        self._put: list[tuple[Packed, list[pickle.PickleBuffer]]] = []

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Add a result, as it is now; there is always room.

        Raises:
            BaseException: Whatever pickling it raised.
        """
        buffers: list[Any] = []
        packed = pack(item, buffers)
        self._put.append((packed, [pickle.PickleBuffer(buffer) for buffer in buffers]))

    def put_nowait(self, item: Any) -> None:
        """As :meth:`put`."""
        self.put(item)


@dataclass(frozen=True, slots=True)
class _Registered:
    function: Callable[..., Any]
    args: Any
    timeout: float | None


class MultiProcessor:
    """Runs several functions at once, each in a process of its own.

    ::

        def count(q, context, args):
            result = Result(function_name="count")
            result.result["words"] = len(args["text"].split())
            q.put(result)


        if __name__ == "__main__":
            processor = MultiProcessor(context={"language": "en"})
            processor.register_function(f=count, f_args={"text": "some words"})
            processor.execute_parallel()
            print(processor.results[0].result["words"])

    A function that raises, dies or takes too long has a result that says so as its :attr:`Result.error`; the others are
    not affected. What it had put before it raised comes too. What it had put before it died is lost with it.

    Args:
        context: For every function.
        max_workers: Most processes at a time; None for as many as there are functions.
        start_method: As of :class:`windlass.ProcessPool`.

    Attributes:
        context: As given; it may be changed between two executions.
        results: Of the latest execution: in the order in which the functions were registered, and of one function in
            the order in which it put them.

    Raises:
        TypeError, ValueError: An argument is not of the kind described.

    Thread safety:
        Safe on distinct objects.
    """

    def __init__(
        self,
        context: Mapping[str, Any] | None = None,
        *,
        max_workers: int | None = None,
        start_method: str | None = None,
    ) -> None:
        self.context: Mapping[str, Any] = {} if context is None else context
        self.results: list[Any] = []
        self._max_workers = None if max_workers is None else check_count("max_workers", max_workers, 1)
        self._start_method = check_method(start_method)
        self._registered: list[_Registered] = []

    @property
    def functions(self) -> list[Callable[..., Any]]:
        """The registered functions."""
        return [one.function for one in self._registered]

    def register_function(
        self, f: Callable[..., Any], f_args: Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> None:
        """Add a function; one that is added twice runs twice.

        Args:
            f: Called as ``f(q, context, args)``. It calls ``q.put(result)`` as often as it likes. It may be ``async``.
            f_args: Its ``args``.
            timeout: Seconds that it may run, after which its process is killed; None for the limit of the execution.

        Raises:
            TypeError, ValueError: An argument is not of the kind described.
        """
        if not callable(f):
            raise TypeError(f"f must be callable, not {type(f).__name__}")
        if f_args is not None and not isinstance(f_args, Mapping):
            raise TypeError(f"f_args must be a mapping or None, not {type(f_args).__name__}")
        self._registered.append(_Registered(f, {} if f_args is None else f_args, check_limit("timeout", timeout)))

    def execute_parallel(self, timeout: float | None = None) -> list[Any]:
        """Run all functions, and wait until they have ended.

        Args:
            timeout: Seconds that each of them may run; None for no limit.

        Returns:
            The :attr:`results`.

        Raises:
            TypeError, ValueError: ``timeout`` is not a number of seconds above 0.
            BrokenPool: No process can be started. Is the main part of the script under ``if __name__ == "__main__":``?
            KeyboardInterrupt: Ctrl-C. The processes are killed.
        """
        timeout = check_limit("timeout", timeout)
        registered = list(self._registered)
        self.results = []
        # A pool for each: its process is of no use to the others, which are not to find what this one changes in it.
        pools: list[HiddenProcessPool] = []
        tasks: list[Task[_Report]] = []
        running: set[Task[_Report]] = set()
        try:
            for one in registered:
                if len(running) == self._max_workers:
                    running = wait(running, return_when=FIRST_COMPLETED).not_done
                pool = HiddenProcessPool(1, start_method=self._start_method, process_name_prefix="windlass-multi")
                pools.append(pool)
                submitter = pool.options(task_timeout=one.timeout or timeout)
                tasks.append(submitter.submit(_run, one.function, self.context, one.args))
                running.add(tasks[-1])
                pool.close()  # its process ends after this task
            results = [result for one, task in zip(registered, tasks, strict=True) for result in _results(one, task)]
            for pool in pools:
                pool.join()
        except BaseException:
            for pool in pools:
                pool.terminate()
            raise
        self.results = results
        return results


def _results(one: _Registered, task: Task[_Report]) -> list[Any]:
    try:
        put, error = task.result()
    except BrokenPool:  # there are no processes for any of them
        raise
    except Exception as failure:
        return [_failed(one, failure)]
    results = []
    for packed, buffers in put:
        try:
            results.append(unpack(packed, iter(buffers)))
        except Exception as failure:
            results.append(_failed(one, transfer_error("the result cannot be unpickled", failure)))
    if error is not None:
        results.append(_failed(one, unpack_error(error)))
    return results


def _failed(one: _Registered, error: BaseException) -> Result:
    result = Result(callable_name(one.function))
    result.error = error
    return result


def _run(function: Callable[..., Any], context: Any, args: Any) -> _Report:
    # In the process.
    queue = ResultQueue()
    try:
        outcome = function(queue, context, args)
        if inspect.iscoroutine(outcome):
            asyncio.run(outcome)
    except BaseException as error:
        return queue._put, pack_error(error)
    return queue._put, None
