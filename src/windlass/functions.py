"""FunctionCollection: functions that are run together."""

import asyncio
import inspect
import traceback
from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple, TypeVar, overload

from windlass._core.priority_key import priority_key
from windlass._core.report import report
from windlass.callable_name import callable_name, module_name
from windlass.pools.crew_pool import CrewPool
from windlass.priority import DEFAULT_PRIORITY

F = TypeVar("F", bound=Callable[..., Any])


class FunctionCollection:
    """Functions that are run together, and their results by name.

    Used as a decorator it collects, called with nothing it runs::

        dump = FunctionCollection()


        @dump
        def threads():
            return threading.active_count()


        dump()  # {"mymodule.threads": 1}

    Functions run in the order of their priorities, and of their coming where these are equal. The key of a result is
    ``module.name``. Of several functions of one name the first to come has it, the others have ``#2``, ``#3`` and so on
    added; a function keeps its key as long as it is in the collection.

    A function that raises does not keep the others from running. Its exception goes to ``on_error``; where there is
    none, into the results with ``include_exceptions``, and to the ``windlass`` logger without. What is no
    :class:`Exception`, such as KeyboardInterrupt and SystemExit, ends the run and comes out of it.

    Args:
        on_error: Called with each exception as keyword argument ``e``. What it raises is logged.
        on_error_kwargs: Further keyword arguments for it.
        include_exceptions: Whether the result of a function that raised is ``(exception, traceback)``, the latter as a
            string, rather than None.
        pool: Where the functions run: a windlass pool, which heeds their priorities, or any other executor. None: one
            after another on the thread that runs the collection.

    All four are attributes that may be set later. ``run`` may be overridden, on an instance too.

    Raises:
        TypeError: An argument is not of the kind described.

    Thread safety:
        Safe on shared objects. A run has the functions that are in the collection when it begins.
    """

    def __init__(
        self,
        *,
        on_error: Callable[..., object] | None = None,
        on_error_kwargs: Mapping[str, Any] | None = None,
        include_exceptions: bool = False,
        pool: Any = None,
    ) -> None:
        if on_error is not None and not callable(on_error):
            raise TypeError(f"on_error must be callable, not {type(on_error).__name__}")
        if on_error_kwargs is not None and not isinstance(on_error_kwargs, Mapping):
            raise TypeError(f"on_error_kwargs must be a mapping, not {type(on_error_kwargs).__name__}")
        if pool is not None and not callable(getattr(pool, "submit", None)):
            raise TypeError(f"pool must have submit, and {type(pool).__name__} has not")
        self.on_error = on_error
        self.on_error_kwargs: Mapping[str, Any] = dict(on_error_kwargs or {})
        self.include_exceptions = bool(include_exceptions)
        self.pool = pool
        # No lock: each change is one dict operation, so a signal handler or a finalizer may append and remove too.
        self._entries: dict[Callable[..., Any], _Entry] = {}
        self._keys: dict[str, object] = {}  # an entry has its key before it is in _entries
        self._timings: dict[str, float] = {}

    # ---- what is in it ----

    @overload
    def __call__(self, f: None = None, *, priority: None = None) -> dict[str, Any]: ...
    @overload
    def __call__(self, f: F, *, priority: int | float | None = None) -> F: ...
    @overload
    def __call__(self, f: None = None, *, priority: int | float) -> Callable[[F], F]: ...
    def __call__(self, f: Any = None, *, priority: int | float | None = None) -> Any:
        """Collect ``f`` and return it; with only a priority, return a decorator; with nothing, :meth:`run`."""
        if f is not None:
            self.append(f, priority=priority)
            return f
        if priority is None:
            return self.run()
        priority_key(priority)
        return lambda f: self(f, priority=priority)

    def append(self, f: Callable[[], object], *, priority: int | float | None = None) -> str:
        """Add a function. One that is in the collection keeps its place.

        Args:
            f: Anything callable without arguments; it may be an ``async`` function.
            priority: Lower runs first. None: 10 for a new function, and no change for one that is there.

        Returns:
            The key of its results.

        Raises:
            TypeError, ValueError, OverflowError: ``f`` is not callable or not hashable, ``priority`` is no priority.
        """
        if not callable(f):
            raise TypeError(f"f must be callable, not {type(f).__name__}")
        if priority is not None:
            priority_key(priority)
        entry = self._entries.get(f)
        if entry is None:
            made = _Entry(f, self._take_key(f), DEFAULT_PRIORITY)
            entry = self._entries.setdefault(f, made)
            if entry is not made:  # another thread was faster
                del self._keys[made.key]
        if priority is not None:
            entry.priority = priority
        return entry.key

    def _take_key(self, f: Callable[..., Any]) -> str:
        key = name = f"{module_name(f)}.{callable_name(f)}"
        number = 1
        token = object()  # not f, which another thread may be adding at the same time
        while self._keys.setdefault(key, token) is not token:
            number += 1
            key = f"{name}#{number}"
        return key

    def remove(self, f: Callable[[], object]) -> None:
        """Take a function out.

        Raises:
            KeyError: It is not there, and there is no ``on_error`` to be told.
        """
        entry = self._entries.pop(f, None)
        if entry is not None:
            del self._keys[entry.key]
            return
        error = KeyError(f)
        if self.on_error is None:
            raise error
        self._call_on_error(error)

    def __contains__(self, f: object) -> bool:
        return f in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Callable[[], Any]]:
        return iter([entry.f for entry in self._in_order()])

    def __bool__(self) -> bool:
        return True  # it is a thing to run, even with nothing in it

    def _in_order(self) -> list["_Entry"]:
        return sorted(self._entries.values(), key=_by_priority)

    # ---- running ----

    def run(self) -> dict[str, Any]:
        """Run all functions and return their results by key: :meth:`execute` without its second value."""
        return self.execute()[0]

    def execute(self) -> tuple[dict[str, Any], bool]:
        """Run all functions.

        The coroutines of ``async`` functions are run to their end, all on one event loop, or with a pool each on one of
        its own. ``on_error`` is called on this thread in either case.

        Returns:
            The results by key, in the order of the functions, and whether no function raised.

        Raises:
            RuntimeError: There are ``async`` functions and no pool, and an event loop runs on this thread.
            BaseException: What a function raised that is no :class:`Exception`. Functions that have not begun do not.
        """
        entries = self._in_order()
        record = _Record()
        outcomes = self._outcomes_here(entries) if self.pool is None else self._outcomes_of_pool(entries)
        with closing(outcomes):
            for entry, outcome in outcomes:
                self._note(record, entry, outcome)
        return self._finish(record)

    async def run_async(self) -> dict[str, Any]:
        """Do as :meth:`run` on an event loop: :meth:`execute_async` without its second value."""
        return (await self.execute_async())[0]

    async def execute_async(self) -> tuple[dict[str, Any], bool]:
        """Do as :meth:`execute` on an event loop.

        ``async`` functions are awaited on this loop, one after another. With a pool the other functions run on it
        meanwhile; without one each holds up the loop.
        """
        entries = self._in_order()
        record = _Record()
        plain = [] if self.pool is None else [entry for entry in entries if not inspect.iscoroutinefunction(entry.f)]
        futures: dict[str, Any] = {}
        try:
            for entry in plain:
                futures[entry.key] = self._submit(entry)
            for entry in entries:
                future = futures.get(entry.key)
                if future is None:
                    outcome = await _outcome_async(entry.f)
                else:
                    outcome = await _awaited(asyncio.wrap_future(future))
                    del futures[entry.key]
                self._note(record, entry, outcome)
        finally:
            _leave(futures)
        return self._finish(record)

    @property
    def timings(self) -> dict[str, float]:
        """Seconds that each function took, by key, in the run that ended last. Waiting for a worker does not count."""
        return dict(self._timings)

    def _outcomes_here(self, entries: list["_Entry"]) -> Generator[tuple["_Entry", "_Outcome"], None, None]:
        if asyncio._get_running_loop() is not None and any(inspect.iscoroutinefunction(entry.f) for entry in entries):
            raise RuntimeError("an event loop runs on this thread: await run_async() or execute_async() instead")
        with closing(asyncio.Runner()) as runner:  # makes its loop when it is given the first coroutine
            for entry in entries:
                yield entry, _outcome(entry.f, runner.run)

    def _outcomes_of_pool(self, entries: list["_Entry"]) -> Generator[tuple["_Entry", "_Outcome"], None, None]:
        futures: dict[str, Any] = {}
        try:
            for entry in entries:
                futures[entry.key] = self._submit(entry)
            for entry in entries:
                future = futures[entry.key]
                try:
                    outcome = future.result()
                except Exception as error:  # not of the function: it was cancelled, or the pool broke
                    outcome = _Outcome(None, error, 0.0)
                finally:
                    if future.done():  # or else this was interrupted
                        del futures[entry.key]
                yield entry, outcome
        finally:
            _leave(futures)

    def _submit(self, entry: "_Entry") -> Any:
        submitter = self.pool
        if isinstance(submitter, CrewPool):
            submitter = submitter.options(priority=entry.priority, name=entry.key)
        return submitter.submit(_outcome, entry.f, asyncio.run)

    def _note(self, record: "_Record", entry: "_Entry", outcome: "_Outcome") -> None:
        error = outcome.error
        record.timings[entry.key] = outcome.seconds
        if error is None:
            record.results[entry.key] = outcome.value
            return
        record.success = False
        described = (error, "".join(traceback.format_exception(error))) if self.include_exceptions else None
        record.results[entry.key] = described
        if self.on_error is not None:
            self._call_on_error(error)
        elif not self.include_exceptions:
            report("exception in the collected function", entry.key, error)

    def _call_on_error(self, error: Exception) -> None:
        assert self.on_error is not None
        try:
            self.on_error(**{**self.on_error_kwargs, "e": error})
        except Exception as raised:
            report("exception in the on_error of", self, raised)

    def _finish(self, record: "_Record") -> tuple[dict[str, Any], bool]:
        self._timings = record.timings
        return record.results, record.success

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} functions>"

    def __getstate__(self) -> dict[str, Any]:
        # Copies: what copy.copy makes is a collection of its own.
        entries = {f: replace(entry) for f, entry in self._entries.copy().items()}
        keys = {entry.key: None for entry in entries.values()}
        return {**self.__dict__, "_entries": entries, "_keys": keys}


@dataclass(slots=True)
class _Entry:
    f: Callable[..., Any]
    key: str
    priority: int | float


def _by_priority(entry: _Entry) -> int | float:
    return entry.priority


class _Outcome(NamedTuple):
    value: Any
    error: Exception | None
    seconds: float


class _Record:
    """What a run has brought so far."""

    def __init__(self) -> None:
        self.results: dict[str, Any] = {}
        self.timings: dict[str, float] = {}
        self.success = True


def _outcome(f: Callable[[], Any], run: Callable[[Coroutine[Any, Any, Any]], Any]) -> _Outcome:
    begin = perf_counter()
    try:
        value = f()
        if isinstance(value, Coroutine):
            coroutine = value
            try:
                value = run(coroutine)
            finally:
                coroutine.close()  # if it has not begun, because a loop runs on this thread
        return _Outcome(value, None, perf_counter() - begin)
    except Exception as error:
        return _Outcome(None, error, perf_counter() - begin)


def _leave(futures: dict[str, Any]) -> None:
    """Cancel what a run that is cut short has submitted; log what comes of the functions that have begun."""
    for key, future in futures.items():
        if not future.cancel():
            future.add_done_callback(partial(_report, key))


def _report(key: str, future: Any) -> None:
    error = future.exception() or future.result().error
    if error is not None:
        report("exception in the collected function", key, error)


async def _outcome_async(f: Callable[[], Any]) -> _Outcome:
    begin = perf_counter()
    try:
        value = f()
        if isinstance(value, Coroutine):
            value = await value
        return _Outcome(value, None, perf_counter() - begin)
    except Exception as error:
        return _Outcome(None, error, perf_counter() - begin)


async def _awaited(future: "asyncio.Future[_Outcome]") -> _Outcome:
    try:
        return await future
    except Exception as error:  # not of the function: the pool broke
        return _Outcome(None, error, 0.0)
