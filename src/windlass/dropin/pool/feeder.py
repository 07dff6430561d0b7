"""A thread that reads the input of one imap.

The standard pool has one thread that reads the inputs of all its calls in turn: a slow or endless input holds up every
later call. The workers should not read it either: an input may wait for something that only a free worker can do, and
a generator that opens a file, a connection or a lock wants all its steps made by one thread. So each input that may
run foreign code has a thread of its own, from the call until it ends.
"""

import threading
import weakref
from collections.abc import Iterable
from contextvars import copy_context
from itertools import islice
from typing import TYPE_CHECKING, Any

from windlass._core.imap_iterator import IMapIterator
from windlass._core.parker import Parker
from windlass.errors import PoolClosed

if TYPE_CHECKING:
    from windlass.dropin.pool.engine import Engine


class Feeder(threading.Thread):
    """Reads an input and hands it to the iterator of its imap, chunk by chunk.

    Args:
        engine: Is told of the end.
        iterator: Takes the chunks. A bounded one is held weakly: dropped, it needs no more.
        source: The input.
        chunksize: Arguments in a chunk.
        bounded: Whether to wait for room.
    """

    def __init__(
        self, engine: "Engine", iterator: IMapIterator[Any], source: Iterable[Any], chunksize: int, bounded: bool
    ) -> None:
        super().__init__(name="ThreadPool-input", daemon=True)
        self._engine = engine
        self._iterator = weakref.ref(iterator)
        self._kept = None if bounded else iterator
        self._source: Iterable[Any] = source
        self._chunksize = chunksize
        self._bounded = bounded
        self._parker = Parker()
        self._callers_context = copy_context()
        self._over = threading.Event()
        self._joined = False  # whoever waits for this thread may be the consumer it waits for
        self._gave_up = False

    def run(self) -> None:
        """Read to the end, unless nobody wants more."""
        try:
            self._callers_context.run(self._read)
        finally:
            del self._source, self._callers_context
            self._kept = None
            self._engine.reader_ended(self)
            self._over.set()

    def _read(self) -> None:
        iterator: IMapIterator[Any] | None = None
        try:
            source = iter(self._source)
            while self._wait_for_room():
                chunk = list(islice(source, self._chunksize))
                iterator = self._iterator()
                if iterator is None or not chunk:
                    break
                if self._gave_up:
                    raise PoolClosed("the pool was joined before this item was read: values waited to be consumed")
                if not iterator._add(chunk):
                    break
                iterator = None
        except BaseException as error:
            iterator = self._iterator()
            if iterator is not None:
                iterator._add_failure(error)
        finally:
            iterator = self._iterator()
            if iterator is not None:
                iterator._close()
            iterator = None  # the error holds this frame, and should not hold what it is in

    def _wait_for_room(self) -> bool:
        # False: the iterator has been dropped.
        while self._bounded:
            iterator = self._iterator()
            if iterator is None:
                return False
            if iterator._wait_for_room(self._parker):
                return True
            if self._joined:
                self._gave_up = True
                return True  # whether the input is at its end shows by one more look
            del iterator  # it may be dropped while this thread waits, which wakes it
            self._parker.park()
        return True

    def abort(self, error: BaseException) -> None:
        """Have the iterator raise ``error`` behind what has been read, and end; the thread ends when it can."""
        iterator = self._iterator()
        if iterator is not None:
            iterator._add_failure(error)
            iterator._close()

    def settle(self) -> None:
        """Wait for the end; one that waits for a consumer gives up."""
        self._joined = True
        self._parker.unpark()
        self._over.wait()

    def forsake(self) -> None:
        """In a forked child, where this thread does not exist."""
        iterator = self._iterator()
        if iterator is not None:
            iterator._forsake()
