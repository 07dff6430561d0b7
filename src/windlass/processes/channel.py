"""Messages over one private socket. README.md, "Messages", has the format."""

import socket
import struct
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

# Kind, number of buffers, length of the body; the lengths of the buffers, the body and the buffers follow.
HEADER = struct.Struct("<BxxxIQ")

READ = 1 << 18  # bytes asked for at a time
SOCKET_BUFFER = 1 << 22  # what the kernel is asked to hold; it gives what it is allowed to
COPIED = 1 << 16  # shorter data are joined with what goes before them
SENT_AT_ONCE = 64  # pieces of one system call


def frame(kind: int, head: bytes, data: Any, buffers: Sequence[Any]) -> Any:
    """Return a small message as the bytes that are to be sent, and a large one as what :meth:`Channel.put` takes."""
    if buffers or len(data) >= COPIED:
        return kind, head, data, buffers
    return HEADER.pack(kind, 0, len(head) + len(data)) + head + data


class Message(NamedTuple):
    """One message: its kind, its body and the buffers beside it."""

    kind: int
    body: Any
    buffers: list[Any]


class Channel:
    """One end of a socket that carries messages.

    Thread safety:
        Safe on distinct objects; one thread may send while another receives.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        self._outgoing: deque[Any] = deque()
        self._incoming = bytearray()  # the beginning of a message
        self._room = memoryview(bytearray(READ))  # one for all reads: fresh memory of this size is slow to come by
        self._partial: _Partial | None = None
        self._lost = False  # a message could not be taken in: what follows makes no sense

    def fileno(self) -> int:
        """Return the descriptor, for poll."""
        return self.sock.fileno()

    def close(self) -> None:
        """Give the socket back."""
        self.sock.close()
        self._outgoing.clear()

    # ---- sending ----

    def put(self, kind: int, head: bytes, data: Any = b"", buffers: Sequence[Any] = ()) -> None:
        """Add a message to what is to be sent; its body is ``head`` and ``data``, one after the other."""
        sizes = [memoryview(buffer).nbytes for buffer in buffers]
        head = HEADER.pack(kind, len(sizes), len(head) + len(data)) + struct.pack(f"<{len(sizes)}Q", *sizes) + head
        if len(data) < COPIED:
            self._outgoing.append(head + data)
        else:
            self._outgoing += (head, data)
        self._outgoing.extend(memoryview(buffer).cast("B") for buffer in buffers if memoryview(buffer).nbytes)

    def put_rest(self, rest: bytes) -> None:
        """Add the rest of a message that was begun to be sent past this object."""
        self._outgoing.append(rest)

    @property
    def is_sending(self) -> bool:
        """Whether something waits to be sent."""
        return bool(self._outgoing)

    def flush(self) -> bool:
        """Send what the socket takes; return whether that was all.

        Raises:
            OSError: The other side has gone.
        """
        outgoing = self._outgoing
        while outgoing:
            if len(outgoing) == 1:
                pieces = [outgoing[0]]
            else:
                pieces = [outgoing[at] for at in range(min(len(outgoing), SENT_AT_ONCE))]
            try:
                sent = self.sock.sendmsg(pieces, (), socket.MSG_NOSIGNAL)
            except BlockingIOError:
                return False
            for piece in pieces:
                if sent < len(piece):
                    outgoing[0] = memoryview(piece)[sent:]
                    break
                sent -= len(piece)
                outgoing.popleft()
        return True

    # ---- receiving ----

    def receive(self) -> list[Message] | None:
        """Read once; return the messages that are complete, or None at the end of the stream.

        Raises:
            OSError: The other side has gone. BlockingIOError: there is nothing to read.
            MemoryError: A message is too large; the stream is at its end for this side.
        """
        if self._lost:
            return None
        if self._partial is not None:
            return self._partial_read(self._partial)
        try:
            return self._read()
        except MemoryError:
            self._lost = True
            raise

    def _read(self) -> list[Message] | None:
        n_read = self.sock.recv_into(self._room)
        if not n_read:
            return None
        incoming: Any = self._room[:n_read]
        if self._incoming:
            self._incoming += incoming
            incoming, self._incoming = memoryview(self._incoming), bytearray()
        messages = []
        at = 0
        while len(incoming) - at >= HEADER.size:
            kind, n, length = HEADER.unpack_from(incoming, at)
            start = at + HEADER.size + 8 * n
            if n or len(incoming) < start + length:
                if len(incoming) < start:
                    break
                sizes = struct.unpack_from(f"<{n}Q", incoming, at + HEADER.size)
                partial = _Partial(kind, length, sizes)
                at = start + partial.feed(incoming[start:])
                if partial.is_complete:
                    messages.append(partial.message)
                    continue
                self._partial = partial
                break
            messages.append(Message(kind, bytes(incoming[start : start + length]), []))
            at = start + length
        self._incoming += incoming[at:]
        return messages

    def _partial_read(self, partial: "_Partial") -> list[Message] | None:
        n = self.sock.recv_into(partial.room)
        if not n:
            return None
        partial.advance(n)
        if not partial.is_complete:
            return []
        self._partial = None
        return [partial.message]


class _Partial:
    """A message that is larger than one read: its parts are filled where they will stay."""

    def __init__(self, kind: int, length: int, sizes: tuple[int, ...]) -> None:
        self.message = Message(kind, bytearray(length), [bytearray(size) for size in sizes])
        self._rooms = deque(memoryview(part) for part in (self.message.body, *self.message.buffers) if len(part))

    @property
    def is_complete(self) -> bool:
        return not self._rooms

    @property
    def room(self) -> memoryview:
        return self._rooms[0]

    def advance(self, n: int) -> None:
        room = self._rooms.popleft()
        if n < len(room):
            self._rooms.appendleft(room[n:])

    def feed(self, data: memoryview) -> int:
        """Fill from what has been read already; return how much of it was used."""
        used = 0
        while self._rooms and used < len(data):
            n = min(len(self.room), len(data) - used)
            self.room[:n] = data[used : used + n]
            used += n
            self.advance(n)
        return used
