"""The worker's side: one thread that receives calls, runs them and answers."""

import mmap
import multiprocessing
import os
import signal
import socket
import sys
import threading
from time import monotonic_ns, perf_counter_ns
from typing import Any, NoReturn

from windlass._core.chunk_stream import Failure, are_plain
from windlass._core.orphan_watch import die_with
from windlass._core.slot_page import PAGE_SIZE, SlotPage
from windlass.processes import messages, relay
from windlass.processes.channel import Channel, Message
from windlass.processes.messages import NUMBER, PackedValue
from windlass.processes.settings import WorkerSettings
from windlass.processes.start import HandedDescriptor
from windlass.processes.transfer import (
    CALL_NOT_UNPICKLED,
    RESULT_NOT_PICKLED,
    transfer_error,
    unpack,
)

# Nanoseconds between two looks at the memory of this process.
LOOK_AGAIN_NS = 20_000_000

_state: Any = None
_is_worker = False


def worker_state() -> Any:
    """In a worker process: what the pool's initializer returned there; None elsewhere."""
    return _state


def in_worker() -> bool:
    """Return whether this process is a worker of a pool."""
    return _is_worker


def main(sock: HandedDescriptor, memory: HandedDescriptor, inherited: WorkerSettings | None) -> None:
    """Serve the parent until it closes the channel."""
    global _is_worker
    _is_worker = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it decides what becomes of the work
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        try:
            die_with(os.pidfd_open(parent.pid) if hasattr(os, "pidfd_open") else parent.sentinel)
        except ProcessLookupError:
            os._exit(1)
    page = SlotPage(mmap.mmap(memory.fd, PAGE_SIZE))
    os.close(memory.fd)
    os.set_inheritable(sock.fd, False)
    Worker(Channel(socket.socket(fileno=sock.fd)), page, inherited).serve()


class Worker:
    """The loop of a worker process."""

    def __init__(self, channel: Channel, page: SlotPage, inherited: WorkerSettings | None) -> None:
        self._channel = channel
        self._page = page
        self._inherited = inherited
        self._lock = threading.Lock()  # one message at a time; in this process only
        self._sender: int | None = None  # the thread that holds it
        self._is_copy = False  # in a process that a task has forked
        self._watch_memory = False
        self._looked_ns = 0
        os.register_at_fork(after_in_child=self._become_copy)

    def serve(self) -> None:
        """Answer until the parent closes the channel."""
        handlers = {messages.INIT: self._prepare, messages.CALL: self._call, messages.CHUNK: self._chunk}
        while True:
            try:
                came = self._channel.receive()
            except OSError:
                came = None
            if came is None:
                return
            for message in came:
                handlers[message.kind](message)
                if self._is_copy:  # a task forked and returned in both
                    os._exit(0)

    # ---- what the parent sends ----

    def _prepare(self, message: Message) -> None:
        global _state
        relay.install(lambda data: self._send((messages.LOG, b"", data, [])))
        try:
            sent: WorkerSettings | None = unpack((message.body, len(message.buffers)), iter(message.buffers))
            settings = sent or self._inherited
            assert settings is not None
            relay.set_level(settings.log_level)
            self._watch_memory = settings.watch_memory
            if settings.initializer is not None:
                _state = settings.initializer(*settings.initargs)
        except BaseException as error:
            self._send((messages.UNFIT, *messages.encode_error(0, 0, error)[1:]))
            return
        self._send((messages.READY, b"", b"", []))

    def _call(self, message: Message) -> None:
        (number,) = NUMBER.unpack_from(message.body)
        if not self._page.begin(number):
            self._refuse(number)
            return
        started = perf_counter_ns()
        what = CALL_NOT_UNPICKLED
        value: Any = None
        try:
            fn, args, kwargs = messages.decode_call(message)
            message = None  # type: ignore[assignment]  # its bytes are not needed while the call runs
            what = ""
            value = fn(*args, **kwargs) if kwargs else fn(*args)
            del fn, args, kwargs
            what = RESULT_NOT_PICKLED
            answer = messages.encode_value(number, perf_counter_ns() - started, value)
        except BaseException as error:
            failure = transfer_error(what, error, value) if what else error
            answer = messages.encode_error(number, perf_counter_ns() - started, failure)
        del value
        self._answer(answer)

    def _chunk(self, message: Message) -> None:
        (number,) = NUMBER.unpack_from(message.body)
        if not self._page.begin(number):
            self._refuse(number)
            return
        started = perf_counter_ns()
        page = self._page
        try:
            fn, items, packed = messages.decode_chunk(message)
        except BaseException as error:
            failure = transfer_error(CALL_NOT_UNPICKLED, error)
            self._answer(messages.encode_error(number, 0, failure))
            return
        if packed is not None:
            values = page.run_items(lambda item: _run_packed(fn, item), items)
        else:
            values = page.run_items(fn, items)
            if not are_plain(values):
                for at, value in enumerate(values):
                    page.note_item(at)  # for a crash while it is pickled
                    values[at] = _packed(value)
        self._answer(messages.encode_values(number, perf_counter_ns() - started, values))

    # ---- answers ----

    def _refuse(self, number: int) -> None:
        self._answer((messages.REFUSED, NUMBER.pack(number), b"", []))

    def _answer(self, answer: messages.Encoded) -> None:
        if self._watch_memory:
            self._look_at_memory()
        self._send(answer)
        self._page.finish()

    def _look_at_memory(self) -> None:
        if monotonic_ns() - self._looked_ns > LOOK_AGAIN_NS:
            self._looked_ns = monotonic_ns()
            self._page.note_memory(_occupied())

    def _send(self, message: messages.Encoded) -> None:
        if self._is_copy:
            return
        here = threading.get_ident()
        if self._sender == here:  # a record logged by a finalizer in the middle of flush(): that will send it
            self._channel.put(*message)
            return
        with self._lock:
            self._sender = here
            try:
                self._channel.put(*message)
                self._channel.flush()
            except OSError:
                self._parent_has_gone()
            finally:
                self._sender = None

    def _parent_has_gone(self) -> NoReturn:
        os._exit(1)

    def _become_copy(self) -> None:
        self._is_copy = True
        self._channel.close()


def _run_packed(fn: Any, item: tuple[bytes, list[Any]]) -> Any:
    data, buffers = item
    try:
        argument = unpack((data, len(buffers)), iter(buffers))
    except BaseException as error:
        raise transfer_error("the item cannot be unpickled in the worker", error) from error
    return _packed(fn(argument))


def _packed(value: Any) -> Any:
    if type(value) is Failure or are_plain([value]):
        return value
    try:
        return PackedValue(value)
    except BaseException as error:
        return Failure(error)


def _occupied() -> int:
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
