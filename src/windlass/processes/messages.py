"""What parent and worker say to each other, and how a call and its outcome become a message."""

import pickle
import struct
from typing import Any, NamedTuple

from windlass._core.chunk_stream import Failure, are_plain
from windlass._core.interrupts import is_interrupt
from windlass.processes.channel import Message
from windlass.processes.transfer import (
    RESULT_NOT_PICKLED,
    RESULT_NOT_UNPICKLED,
    pack,
    pack_error,
    transfer_error,
    unpack,
    unpack_error,
)

# From the parent.
INIT = 1  # the settings of the worker, before all else
CALL = 2  # one call
CHUNK = 3  # one function for several items

# From the worker.
READY = 10  # the initializer has returned
UNFIT = 11  # the initializer raised
VALUE = 12  # what a call returned
ERROR = 13  # what a call raised
VALUES = 14  # the outcomes of a chunk
REFUSED = 15  # a call that was taken back in time
LOG = 16  # a logging record

NUMBER = struct.Struct("<Q")  # of the call; at the start of CALL, CHUNK and REFUSED
ANSWER = struct.Struct("<QQ")  # number, nanoseconds that it ran; at the start of VALUE, ERROR and VALUES

# Kind, the two parts of the body, the buffers: what the channel's put() takes.
Encoded = tuple[int, bytes, bytes, list[Any]]


class Outcome(NamedTuple):
    """What became of a call."""

    value: Any
    failed: bool
    run_ns: int


# ---- calls ----


def encode_call(number: int, fn: Any, args: Any, kwargs: Any) -> Encoded:
    """Return the message for one call; raises whatever pickling it raises."""
    buffers: list[Any] = []
    data, _ = pack((fn, args, kwargs), buffers, to_worker=True)
    return CALL, NUMBER.pack(number), data, buffers


def decode_call(message: Message) -> tuple[Any, Any, Any]:
    """Undo :func:`encode_call`."""
    call: tuple[Any, Any, Any] = pickle.loads(memoryview(message.body)[NUMBER.size :], buffers=message.buffers)
    return call


def encode_chunk(number: int, fn: Any, items: list[Any]) -> tuple[Encoded, dict[int, Failure]]:
    """Return the message for a chunk, and the items that do not pickle, which it leaves out.

    Raises:
        BaseException: Whatever pickling ``fn`` raised, or a signal handler.
    """
    buffers: list[Any] = []
    packed_fn = pack(fn, buffers, to_worker=True)
    failures: dict[int, Failure] = {}
    packed: list[Any] | None = None
    if not are_plain(items):
        packed = []
        for at, item in enumerate(items):
            try:
                packed.append(pack(item, buffers, to_worker=True))
            except Exception as error:
                if is_interrupt(error):
                    raise
                failures[at] = Failure(transfer_error("the item does not pickle", error))
    data = pickle.dumps((packed_fn, items if packed is None else None, packed), 5)
    return (CHUNK, NUMBER.pack(number), data, buffers), failures


def decode_chunk(message: Message) -> tuple[Any, list[Any], list[Any] | None]:
    """Return function, items, and for items that are not plain their buffers."""
    packed_fn, plain, packed = pickle.loads(memoryview(message.body)[NUMBER.size :])
    buffers = iter(message.buffers)
    fn = unpack(packed_fn, buffers)
    if packed is None:
        return fn, plain, None
    return fn, [(data, [next(buffers) for _ in range(n)]) for data, n in packed], []


# ---- outcomes ----


def encode_value(number: int, run_ns: int, value: Any) -> Encoded:
    """Return the message for what a call returned; raises whatever pickling it raises."""
    buffers: list[Any] = []
    data, _ = pack(value, buffers)
    return VALUE, ANSWER.pack(number, run_ns), data, buffers


def encode_error(number: int, run_ns: int, error: BaseException) -> Encoded:
    """Return the message for what a call raised."""
    return ERROR, ANSWER.pack(number, run_ns), pickle.dumps(pack_error(error), 5), []


class PackedValue:
    """Stands among the values of a chunk for one that was pickled on its own."""

    __slots__ = ("buffers", "data")

    def __init__(self, value: Any) -> None:
        self.buffers: list[Any] = []
        try:
            self.data, _ = pack(value, self.buffers)
        except Exception as error:
            raise transfer_error(RESULT_NOT_PICKLED, error, value) from error


def encode_values(number: int, run_ns: int, values: list[Any]) -> Encoded:
    """Return the message for the outcomes of a chunk: plain values, PackedValues and Failures."""
    buffers: list[Any] = []
    packed: dict[int, Any] = {}
    errors: dict[int, Any] = {}
    if not are_plain(values):
        for at, value in enumerate(values):
            if type(value) is PackedValue:
                packed[at] = value.data, len(value.buffers)
                buffers += value.buffers
                values[at] = None
            elif type(value) is Failure:
                errors[at] = pack_error(value.error)
                values[at] = None
    return VALUES, ANSWER.pack(number, run_ns), pickle.dumps((values, packed, errors), 5), buffers


def decode_outcome(message: Message) -> Outcome:
    """Return what a VALUE, ERROR or VALUES says."""
    _, run_ns = ANSWER.unpack_from(message.body)
    data = memoryview(message.body)[ANSWER.size :]
    try:
        if message.kind == VALUE:
            return Outcome(pickle.loads(data, buffers=message.buffers), False, run_ns)
        if message.kind == ERROR:
            return Outcome(unpack_error(pickle.loads(data)), True, run_ns)
        return Outcome(_decode_values(data, iter(message.buffers)), False, run_ns)
    except BaseException as error:
        return Outcome(transfer_error(RESULT_NOT_UNPICKLED, error), True, run_ns)


def _decode_values(data: Any, buffers: Any) -> list[Any]:
    values: list[Any]
    values, packed, errors = pickle.loads(data)
    for at, one in packed.items():
        try:
            values[at] = unpack(one, buffers)
        except BaseException as error:
            values[at] = Failure(transfer_error(RESULT_NOT_UNPICKLED, error))
    for at, one in errors.items():
        values[at] = Failure(unpack_error(one))
    return values


def decode_unfit(message: Message) -> BaseException:
    """Return what an UNFIT says the initializer raised."""
    return unpack_error(pickle.loads(memoryview(message.body)[ANSWER.size :]))
