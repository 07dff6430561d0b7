"""``concurrent.futures`` with windlass's engine under both executors.

Everything that the standard module exports is here. ``ThreadPoolExecutor``, ``ProcessPoolExecutor``, ``Future``,
``wait`` and ``as_completed`` are windlass's; exceptions, constants and ``Executor`` are the standard ones themselves,
so futures and handlers of both kinds may be mixed. What is the same, what is better and what differs is in
docs/drop-in.md.
"""

import importlib
from concurrent import futures as _standard
from typing import TYPE_CHECKING, Any

from windlass.dropin.futures._base import ALL_COMPLETED as ALL_COMPLETED
from windlass.dropin.futures._base import FIRST_COMPLETED as FIRST_COMPLETED
from windlass.dropin.futures._base import FIRST_EXCEPTION as FIRST_EXCEPTION
from windlass.dropin.futures._base import BrokenExecutor as BrokenExecutor
from windlass.dropin.futures._base import CancelledError as CancelledError
from windlass.dropin.futures._base import Executor as Executor
from windlass.dropin.futures._base import Future as Future
from windlass.dropin.futures._base import InvalidStateError as InvalidStateError
from windlass.dropin.futures._base import TimeoutError as TimeoutError
from windlass.dropin.futures._base import as_completed as as_completed
from windlass.dropin.futures._base import wait as wait
from windlass.dropin.futures.thread import ThreadPoolExecutor as ThreadPoolExecutor

if TYPE_CHECKING:
    from windlass.dropin.futures.process import ProcessPoolExecutor as ProcessPoolExecutor

__all__ = list(_standard.__all__)  # it grows with Python's versions


def __getattr__(name: str) -> Any:
    # What needs processes or interpreters is imported when somebody asks for it, as in the standard module.
    if name == "ProcessPoolExecutor":
        return importlib.import_module("windlass.dropin.futures.process").ProcessPoolExecutor
    if name in __all__:
        return getattr(_standard, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
