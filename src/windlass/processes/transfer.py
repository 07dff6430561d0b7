"""How objects become bytes and back: pickle protocol 5, large buffers beside it, cloudpickle where pickle refuses."""

import pickle
import traceback
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from windlass.errors import RemoteError, RemoteTraceback, TransferError
from windlass.processes.references import main_comes_along

# A buffer from this size on travels beside the pickle and is not copied into it.
OUT_OF_BAND = 1 << 16

# One packed object: the pickle, and how many of the buffers beside it are its own.
Packed = tuple[bytes, int]


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
    except Exception:
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


def pack_error(error: BaseException) -> tuple[bytes | None, str, str, str]:
    """Return an exception as something that pickles for sure: itself if it survives, its names, its traceback."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    try:
        text = str(error)
    except BaseException as failure:
        text = f"<str() raised {type(failure).__name__}>"
    try:
        trace = "".join(traceback.format_exception(error))
    except BaseException:
        trace = f"{name}: {text}\n"
    try:
        data = pickle.dumps(error, 5)
        pickle.loads(data)  # what does not come back must not be sent: it would fail over there
    except BaseException:
        return None, name, text, trace
    return data, name, text, trace


def unpack_error(packed: tuple[bytes | None, str, str, str]) -> BaseException:
    """Return the exception, with the traceback it had over there as its cause."""
    data, name, text, trace = packed
    error: BaseException
    try:
        error = RemoteError(name, text) if data is None else pickle.loads(data)
        error.__cause__ = RemoteTraceback(trace)
    except BaseException:
        error = RemoteError(name, text)
        error.__cause__ = RemoteTraceback(trace)
    return error


def transfer_error(what: str, cause: BaseException) -> TransferError:
    """Return the error for a failed transfer, with its cause."""
    error = TransferError(f"{what}: {type(cause).__name__}: {cause}")
    error.__cause__ = cause
    return error
