"""What runs the calls of a drop-in pool, and outlives it while work is left."""

import os
import threading
import weakref
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from multiprocessing import util
from typing import Any

from windlass._core.apply_result import ApplyResult
from windlass._core.imap_iterator import IMapIterator
from windlass._core.report import report
from windlass._core.result_dispatcher import ResultDispatcher
from windlass.dropin.pool.feeder import Feeder
from windlass.errors import BrokenPool, PoolTerminated
from windlass.pools.crew import PoolWorker, ThreadCrew

# Reading these runs nobody's code and never waits.
_AT_HAND = (list, tuple, range, set, frozenset, dict, str, bytes, bytearray)
_FEW_CHUNKS = 1_000

# All that live, by id, for the interpreter's exit and for forked children.
_engines: "weakref.WeakValueDictionary[int, Engine]" = weakref.WeakValueDictionary()


class EngineCrew(ThreadCrew):
    """The workers of an engine; they keep it alive while they live."""

    engine: "Engine | None" = None

    def depart(self, worker: PoolWorker) -> None:
        """Note that a thread is about to end; let go of the engine with the last one."""
        super().depart(worker)
        if self.closing and not self.threads:
            self.engine = None

    def break_down(self, broken: BrokenExecutor, cause: BaseException | None = None) -> None:
        """Fail what waits, its inputs too, and refuse what comes."""
        super().break_down(broken, cause)
        if self.engine is not None:
            self.engine.stop_reading(broken)

    def note_failure(self, error: BaseException) -> BrokenExecutor:
        """Log what the initializer raised; return what every pending and later call is to get."""
        report("exception in the initializer of", self, error)
        return broken_by(self.initializer, error)


def broken_by(initializer: object, error: BaseException) -> BrokenPool:
    """Return what the calls of a pool get whose initializer raised."""
    name = getattr(initializer, "__qualname__", repr(initializer))
    return BrokenPool(f"the pool's initializer {name} raised {type(error).__name__}: no call can be made")


class Engine(ResultDispatcher):
    """Workers, their queue, and the readers of inputs.

    It does not know its pool: one that is dropped closes its engine, which finishes the work and ends.

    Args:
        crew: The workers.
    """

    def __init__(self, crew: EngineCrew) -> None:
        crew.engine = self
        self._engage(crew, ApplyResult, "block")
        # Whoever reads an input is in here, and keeps a closed engine open: see _close_when_read.
        self._readers: set[Any] = set()
        self.entered: dict[int, Any] = {}  # results of the standard library's own classes, see standard_names
        self._closed = False
        _engines[id(self)] = self

    # ---- workers ----

    def _start_worker(self, place: Any = None) -> PoolWorker:
        return self._crew.start_worker(place)  # type: ignore[no-any-return]

    def _refusal(self) -> Exception:
        if self._crew.broken is not None:
            return self._crew.broken  # type: ignore[no-any-return]
        return ValueError("Pool not running")

    @property
    def workers(self) -> list[PoolWorker]:
        """The threads that live now, in order of their start."""
        return sorted((worker for worker in self._crew.threads if worker.ident), key=_number_of)

    def fill(self) -> None:
        """Start the workers that are missing.

        Raises:
            RuntimeError: No thread can be started.
        """
        while not self._crew.closing and self._crew.reserve(True):
            self._start_worker()

    def resize(self, processes: int) -> None:
        """Change how many workers there should be."""
        self._crew.max_workers = self._crew.min_workers = processes
        self._crew.retire(0)

    # ---- reading inputs ----

    def feed(self, iterator: IMapIterator[Any], source: Iterable[Any], chunksize: int, bounded: bool) -> None:
        """Have an input read: at once if that is quick and runs nobody's code, else by a thread of its own."""
        if not bounded and type(source) in _AT_HAND and len(source) <= _FEW_CHUNKS * chunksize:  # type: ignore[arg-type]
            items = list(source)
            for at in range(0, len(items), chunksize):
                if not iterator._add(items[at : at + chunksize]):
                    break
            iterator._close()
        else:
            self.start_reader(Feeder(self, iterator, source, chunksize, bounded))

    def start_reader(self, reader: Any) -> None:
        """Start a thread that reads an input, and keep the pool open until it has called :meth:`reader_ended`."""
        self._readers.add(reader)
        try:
            reader.start()
        except BaseException:
            self.reader_ended(reader)
            raise

    def reader_ended(self, reader: Any) -> None:
        """Note that a reader has ended."""
        self._readers.discard(reader)
        self._close_when_read()

    def stop_reading(self, error: BaseException) -> None:
        """Have every iterator that is being fed raise ``error`` and end. Nobody waits for an input that is stuck."""
        readers, self._readers = self._readers, set()
        for reader in readers:
            reader.abort(error)

    def _close_when_read(self) -> None:
        # Both ends look after they have written, so the last one sees it, whatever comes between: no lock is needed,
        # which a finalizer might find taken by the thread that it interrupts.
        if self._closed and not self._readers:
            self._crew.finish()

    # ---- the end ----

    def close(self) -> None:
        """Take no more calls, but read the inputs to their ends and make those that wait."""
        self._closed = True
        self._close_when_read()

    def terminate(self) -> None:
        """Take no more calls, and fail those that wait with PoolTerminated."""
        self._closed = True
        self._crew.close()
        error = PoolTerminated("the pool was terminated before this call began")
        with self.callbacks_elsewhere():
            self.stop_reading(error)
            self._crew.drain(error)

    @contextmanager
    def callbacks_elsewhere(self) -> Iterator[None]:
        """Keep callbacks from the calling thread, which is the user's: they are for one of the pool."""
        held = self.lane.hold()
        try:
            yield
        finally:
            if held and self.lane.release():
                self._deliver_elsewhere()

    def _deliver_elsewhere(self) -> None:
        try:
            threading.Thread(target=self.lane.deliver_waiting, name="ThreadPool-callbacks", daemon=True).start()
        except RuntimeError as error:
            report("no thread can be started for the callbacks of", self, error)
            self.lane.deliver_waiting()

    def join(self) -> None:
        """Wait for the readers and the workers to end.

        Raises:
            RuntimeError: Called by one of the pool's own threads.
        """
        if self._crew.is_inside():
            raise RuntimeError("cannot join the pool on one of its own threads: it would wait for itself")
        for reader in list(self._readers):
            reader.settle()
        self._crew.join_workers(None)

    def at_exit(self) -> None:
        """Drop what waits, and start nothing."""
        self._closed = True
        self._crew.close()
        self._crew.drain()

    def reset_after_fork(self) -> None:
        """In a forked child: what the parent's workers were to do ends as cancelled; new calls start new ones."""
        for reader in self._readers:
            reader.forsake()
        self._readers.clear()
        self.forsake()
        self._crew.reset_after_fork()

    def __repr__(self) -> str:
        return f"<Engine of {self._crew!r}>"


def _number_of(worker: PoolWorker) -> int:
    return int(worker.name.rpartition("_")[2])


def _end_all() -> None:
    for engine in list(_engines.values()):
        engine.at_exit()


def _reset_in_child() -> None:
    for engine in list(_engines.values()):
        engine.reset_after_fork()


# As late as the standard pool's own: threads that the interpreter waits for may use their pools until they end.
util.Finalize(None, _end_all, exitpriority=15)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_in_child)
