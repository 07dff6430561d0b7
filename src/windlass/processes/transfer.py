"""How objects become bytes and back: pickle protocol 5, large buffers beside it, cloudpickle where pickle refuses."""

import pickle
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from windlass._core.interrupts import is_interrupt
from windlass.errors import RemoteError, RemoteTraceback, TransferError
from windlass.processes.references import main_comes_along

# A buffer from this size on travels beside the pickle and is not copied into it.
OUT_OF_BAND = 1 << 16

# The steps that may fail, as a TransferError names them.
CALL_NOT_PICKLED = "the call does not pickle"
CALL_NOT_UNPICKLED = "the call cannot be unpickled in the worker"
RESULT_NOT_PICKLED = "the result does not pickle"
RESULT_NOT_UNPICKLED = "the result cannot be unpickled"

# One packed object: the pickle, and how many of the buffers beside it are its own.
Packed = tuple[bytes, int]

# An exception: its pickle if it survives one, name, text, traceback; and of a TransferError, its cause likewise.
PackedError = tuple[bytes | None, str, str, str, Any]


def pack(value: Any, buffers: list[Any], to_worker: bool = False) -> Packed:
    """Pickle ``value``; append its large buffers to ``buffers``.

    Args:
        value: Anything.
        buffers: A list.
        to_worker: Whether a worker will unpickle it: one that may not have what is in this program's main module.

    Raises:
        BaseException: Whatever pickling it raised.
    """
    start = len(buffers)

    def keep_in_band(buffer: pickle.PickleBuffer) -> bool:
        try:
            view = buffer.raw()
        except BufferError:  # not contiguous
            return True
        if view.nbytes < OUT_OF_BAND:
            return True
        buffers.append(view)
        return False

    try:
        data = pickle.dumps(value, 5, buffer_callback=keep_in_band)
        refused = to_worker and b"__main__" in data and not main_comes_along()
    except Exception as error:
        if is_interrupt(error):
            raise
        refused = True
    if refused:
        del buffers[start:]
        by_value: Any = import_module("windlass.processes.by_value")  # here: most programs never need it
        try:
            data = by_value.dumps(value, keep_in_band)
        except Exception:  # this refuses less, so it is the one to say why
            del buffers[start:]
            raise
    return data, len(buffers) - start


def unpack(packed: Packed, buffers: Iterator[Any]) -> Any:
    """Undo :func:`pack`; takes the object's buffers from the iterator, whether it succeeds or not."""
    data, n = packed
    mine = [next(buffers) for _ in range(n)]
    return pickle.loads(data, buffers=mine)


def pack_error(error: BaseException) -> PackedError:
    """Return an exception as something that pickles for sure: itself if it survives, its names, its traceback."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    text = _told(str, error)
    try:
        trace = "".join(traceback.format_exception(error))
    except BaseException:
        trace = f"{name}: {text}\n"
    cause = None
    if isinstance(error, TransferError) and error.__cause__ is not None:
        cause = pack_error(error.__cause__)
    try:
        data = pickle.dumps(error, 5)
        pickle.loads(data)  # what does not come back must not be sent: it would fail over there
    except BaseException:
        return None, name, text, trace, cause
    return data, name, text, trace, cause


def unpack_error(packed: PackedError) -> BaseException:
    """Return the exception; its cause is the traceback it had over there, or what a TransferError was caused by."""
    data, name, text, trace, packed_cause = packed
    cause = RemoteTraceback(trace) if packed_cause is None else unpack_error(packed_cause)
    error: BaseException
    try:
        error = RemoteError(name, text) if data is None else pickle.loads(data)
        error.__cause__ = cause
    except BaseException:
        error = RemoteError(name, text)
        error.__cause__ = cause
    return error


def transfer_error(what: str, cause: BaseException, subject: object = None) -> TransferError:
    """Return the error for a failed transfer, with its cause.

    Args:
        what: Which step failed.
        cause: What it raised.
        subject: A result that does not pickle.
    """
    error = TransferError(f"{what}: {type(cause).__name__}: {_told(str, cause)}")
    error.what = what
    if subject is not None:
        error.subject = _told(repr, subject)
    error.__cause__ = cause
    return error


def _told(how: Callable[[object], str], subject: object) -> str:
    try:
        return how(subject)
    except BaseException as failure:
        return f"<{how.__name__}() raised {type(failure).__name__}>"
