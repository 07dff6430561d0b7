"""Worker: what users derive from; and how one comes to be, and runs tasks, in its process."""

import pickle
from collections.abc import Callable, Coroutine
from importlib import import_module
from multiprocessing.util import Finalize
from typing import Any

from windlass.processes.child import worker_state
from windlass.processes.transfer import transfer_error

# Before multiprocessing's own last works, which take queues and managers down.
BEFORE_OTHERS = 20


class Worker:
    """Base of a master's workers. Derive from it; each worker process makes one instance, once.

    ``__init__`` gets the keyword arguments of :meth:`windlass.Master.add_worker`, in the worker process. What takes
    long belongs there. A derived ``__init__`` calls ``super().__init__(**kwargs)`` with those it does not know itself;
    here they are ignored.

    Its methods may be ``async``, but for ``__init__``: each call runs to its end in an event loop of its own, in the
    worker process.
    """

    def __init__(self, **kwargs: Any) -> None:
        pass

    def run_task(self, argument: Any) -> Any:
        """Return the result of a task, or raise: then the exception is the result."""
        raise NotImplementedError(f"{type(self).__name__} must define run_task(argument)")

    def close(self) -> None:
        """Do the last things, when the worker ends in good order."""


# A class and its arguments on their way: pickled by reference, and if that may fail over there, by value.
Packed = tuple[bytes | None, bytes | None]


def pack_worker(cls: type[Worker], kwargs: dict[str, Any]) -> Packed:
    """Return the class and its arguments in a form that the worker process can read.

    Raises:
        TransferError: They do not pickle.
    """
    by_reference = by_value = None
    try:
        by_reference = pickle.dumps((cls, kwargs), 5)
        refusal = None
    except Exception as error:
        refusal = error
    # A class of a notebook, of `python -c`, or of the block under `if __name__ == "__main__":` is in no module that
    # the worker could import.
    if by_reference is None or cls.__module__ == "__main__":
        try:
            by_value = import_module("cloudpickle").dumps((cls, kwargs), 5)
        except Exception as error:
            if refusal is not None:
                raise transfer_error(f"{cls.__name__} or its arguments do not pickle", refusal) from error
    return by_reference, by_value


# ---- in the worker process ----


def make_worker(by_reference: bytes | None, by_value: bytes | None) -> Worker:
    """Make the instance, which becomes the state of the process."""
    try:
        if by_reference is None:
            cls, kwargs = pickle.loads(by_value or b"")
        else:
            cls, kwargs = pickle.loads(by_reference)
    except (AttributeError, ImportError):
        if by_reference is None or by_value is None:
            raise
        cls, kwargs = pickle.loads(by_value)
    worker: Worker = cls(**kwargs)
    Finalize(worker, _run_to_end, (worker.close, (), {}), exitpriority=BEFORE_OTHERS)
    return worker


def run_task(argument: Any) -> Any:
    """Run a task."""
    return _run_to_end(worker_state().run_task, (argument,), {})


def call_method(method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run a method of the worker."""
    return _run_to_end(getattr(worker_state(), method), args, kwargs)


def _run_to_end(method: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    outcome = method(*args, **kwargs)
    if isinstance(outcome, Coroutine):
        import asyncio  # most workers start sooner without it

        return asyncio.run(outcome)
    return outcome
