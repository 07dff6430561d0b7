"""The parent's side of one worker process: start it, send to it, receive from it, see it die, stop it.

What is above (a pool, a master) mostly needs no more than host_interface.py says, so a worker elsewhere can stand in.
"""

import contextlib
import mmap
import os
import select
import signal
import socket
import tempfile
import threading
import weakref
from time import monotonic
from typing import Any

from windlass._core.slot_page import PAGE_SIZE, SlotPage
from windlass.processes import child, messages, relay
from windlass.processes.channel import Channel, Message
from windlass.processes.settings import WorkerSettings
from windlass.processes.start import HandedDescriptor, start_process
from windlass.processes.transfer import pack

# Seconds for a process whose channel has ended to end itself, and for its exit status to come.
LAST_MOMENTS = 1.0

# Whether a process is signalled by its descriptor, which never becomes that of another.
CAN_SIGNAL = hasattr(os, "pidfd_open") and hasattr(signal, "pidfd_send_signal")

# All whose descriptors are open. A forked child closes its copies: else a worker would not see its parent's end.
_open: "weakref.WeakSet[WorkerHost]" = weakref.WeakSet()


class WorkerHost:
    """A worker process and the private socket to it.

    Args:
        method: The start method.
        name: Of the process.
        inherited: Settings that can only be handed over at the start; None: see :meth:`configure`.

    Raises:
        OSError, RuntimeError: The process cannot be started; nothing is left behind.

    Thread safety:
        Safe on distinct objects, but for :meth:`kill`, which any thread may call.
    """

    def __init__(self, method: str, name: str, inherited: WorkerSettings | None = None) -> None:
        self._death = -1  # closed
        self._process: Any = None
        self._collecting = threading.Lock()  # of two waits for one process, one would never learn the exit status
        self._status: int | None = None
        mine, theirs = socket.socketpair()
        self._channel = Channel(mine)
        _open.add(self)
        try:
            memory = _shared_memory()
            try:
                self.page = SlotPage(mmap.mmap(memory, PAGE_SIZE))
                args = (HandedDescriptor(theirs.fileno()), HandedDescriptor(memory), inherited)
                self._process = start_process(method, child.main, args, name)
            finally:
                os.close(memory)
            self.pid: int = self._process.pid
            # The process cannot be waited for meanwhile by anybody else, so the number is still its own.
            self._death = os.pidfd_open(self.pid) if hasattr(os, "pidfd_open") else os.dup(self._process.sentinel)
        except BaseException:
            if self._process is not None:
                self._process.kill()
                self._process.join()
            self.close()
            raise
        finally:
            theirs.close()
        mine.setblocking(False)
        self._poll = select.poll()
        self._poll.register(mine, select.POLLIN)
        self._poll.register(self._death, select.POLLIN)
        self._awaits_room = False
        self.is_gone = False

    # ---- the interface ----

    def configure(self, settings: WorkerSettings | None) -> None:
        """Send the settings, which must come first; None: those inherited. Raises whatever pickling them raises."""
        buffers: list[Any] = []
        data, _ = pack(settings, buffers, to_worker=True)
        self.send((messages.INIT, b"", data, buffers))

    def send(self, message: messages.Encoded) -> None:
        """Take a message to be sent; it goes out with :meth:`flush` and :meth:`receive`."""
        self._channel.put(*message)

    def send_rest(self, rest: bytes) -> None:
        """Take the rest of a message of which the beginning was sent past this object."""
        self._channel.put_rest(rest)

    @property
    def descriptors(self) -> tuple[int, int]:
        """Readable: when the worker has sent something; when it has ended."""
        return self._channel.fileno(), self._death

    @property
    def is_sending(self) -> bool:
        """Whether something waits to be sent."""
        return self._channel.is_sending

    def flush(self) -> None:
        """Send what can be sent without waiting."""
        try:
            room = self._channel.flush()
        except OSError:  # it has gone, which receive() will find
            room = True
        if self._awaits_room is room:
            self._awaits_room = not room
            self._poll.modify(self._channel, select.POLLIN if room else select.POLLIN | select.POLLOUT)

    def receive(self, timeout: float | None) -> list[Message]:
        """Wait for messages, sending meanwhile; when the worker has died, return its last ones and set ``is_gone``.

        Args:
            timeout: Longest wait in seconds; None for no limit.

        Returns:
            What came; nothing if the time is over, or if only a part of a large message has come.
        """
        # Rounded up: a wait that ended early would be begun again.
        ready = self._poll.poll(None if timeout is None else max(0, int(timeout * 1000 + 0.999)))
        came: list[Message] = []
        for fd, events in ready:
            if fd == self._death:
                self._drain(came)
                return came
            if events & select.POLLOUT:
                self.flush()
            if events & ~select.POLLOUT and not self._receive(came):
                self._await_death()
                self._drain(came)
                return came
        return came

    def kill(self) -> None:
        """Have the kernel end the process now. It has no say in it."""
        try:
            if CAN_SIGNAL:
                signal.pidfd_send_signal(self._death, signal.SIGKILL)  # -1: there is no such descriptor
            else:
                self._process.kill()
        except (OSError, ValueError):
            pass  # it has ended

    def stop(self, grace: float) -> None:
        """Let an idle worker end; kill it if it has not within ``grace`` seconds. Gives everything back."""
        with contextlib.suppress(OSError):  # it has gone
            self._channel.sock.shutdown(socket.SHUT_WR)
        end = monotonic() + grace
        while not self.is_gone and (left := end - monotonic()) > 0:
            self._last_words(self.receive(left))
        self.bury()

    def bury(self) -> int | None:
        """Kill the process if it lives, collect its exit status and give everything back; return that status."""
        self.kill()
        self._has_died(None)
        status = self.exit_status()
        self.close()
        return status

    def exit_status(self) -> int | None:
        """Return the exit status of a process that has died, None if nobody knows it. Any thread may ask.

        Thread safety:
            Safe on shared objects.
        """
        with self._collecting:
            if self._status is None:
                try:
                    self._status = self._process.exitcode
                    if self._status is None:  # the fork server is about to tell
                        self._process.join(LAST_MOMENTS)
                        self._status = self._process.exitcode
                except ValueError:
                    pass  # it has been closed
            return self._status

    def close(self) -> None:
        """Give the descriptors back."""
        _open.discard(self)
        self.abandon()
        with self._collecting:
            if self._process is not None and self._process.exitcode is not None:
                self._process.close()

    def abandon(self) -> None:
        """In a forked child, where the process is not ours."""
        self._channel.close()
        death, self._death = self._death, -1  # before it is another's: somebody may be about to kill
        if death >= 0:
            os.close(death)

    def watch_death(self) -> int:
        """Return a descriptor of the caller's own that is readable once the process has died."""
        return os.dup(self._death)

    # ---- death ----

    def _receive(self, came: list[Message]) -> bool:
        try:
            some = self._channel.receive()
        except BlockingIOError:
            return True
        except OSError:
            return False
        if some is None:
            return False
        came += some
        return True

    def _drain(self, came: list[Message]) -> None:
        # What it sent before its death counts. A child of its own may hold the socket open: then there is no end.
        while select.select([self._channel], [], [], 0)[0] and self._receive(came):
            pass
        self.is_gone = True

    def _await_death(self) -> None:
        # The channel has ended: the process is about to end, or a task has closed a descriptor that was not its own.
        if not self._has_died(LAST_MOMENTS):
            self.kill()
            self._has_died(None)

    def _has_died(self, timeout: float | None) -> bool:
        if self._death < 0:
            return True
        death = select.poll()
        death.register(self._death, select.POLLIN)
        return bool(death.poll(None if timeout is None else timeout * 1000))

    @staticmethod
    def _last_words(came: list[Message]) -> None:
        for message in came:
            if message.kind == messages.LOG:
                relay.deliver(message.body)

    def __repr__(self) -> str:
        return f"<WorkerHost of process {self.pid}>"


def _shared_memory() -> int:
    # Without a name: nothing is left behind however the processes end.
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("windlass", os.MFD_CLOEXEC)
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    os.ftruncate(fd, PAGE_SIZE)
    return fd


def _reset_in_child() -> None:
    for host in list(_open):
        host.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_in_child)
