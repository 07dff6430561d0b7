"""The job of ``windlass demo``: read every Python file below a directory through a ThreadPool.

    run                main thread    scan; one task per file, the largest file first; wait; Ctrl-C
      read_file        worker         (demo_source) bytes -> sha256, lines, identifiers
      Tally.count      worker         the outcome of one task -> totals (a done-callback)
    Tally.summary      main thread    totals -> Summary, which is also the JSON document

Guarantees:
    Nothing below the directory is fatal: whatever cannot be listed, opened or decoded becomes one entry of
    ``Summary.errors``.

    ``KeyboardInterrupt`` reaches only the main thread, and the main thread only waits while workers count:
    it can cut no total in half, and a partial summary is exact for the files that were finished.

    Memory does not grow with the amount of source: a report is dropped once it is in the totals.
"""

import functools
import hashlib
import heapq
import os
import platform
import threading
import time
from array import array
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from windlass._version import __version__
from windlass.demo_source import FileReport, Stopped, read_file, scan
from windlass.pools.thread_pool import ThreadPool
from windlass.task import Task

GRACE = 0.3  # seconds that running tasks get to see the stop flag, out of the one second Ctrl-C may take


@dataclass(frozen=True, slots=True)
class NameCount:
    """An identifier and how often it occurs."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class FileError:
    """A file or directory that could not be read, and why."""

    path: str
    error: str


@dataclass(frozen=True, slots=True)
class Spread:
    """Nearest-rank percentiles of some times, in seconds; None when nothing was measured."""

    p50: float | None
    p99: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcome of the job. Its fields, in this order, are the keys of ``windlass demo --json``.

    Attributes:
        windlass: Version of windlass.
        python: Version of the interpreter.
        directory: The directory that was read.
        interrupted: True when Ctrl-C ended the job early.
        workers: How many worker threads there were.
        found: How many files named ``*.py`` there are, one task each.
        tasks: Tasks that ended: files read plus files that could not be read.
        unfinished: Tasks that Ctrl-C kept from ending; ``found == tasks + unfinished``.
        files: Files read and counted below.
        bytes: Their sizes together.
        lines: Their lines together.
        identifiers: Identifiers in them outside strings and comments, keywords not counted.
        distinct_identifiers: How many different ones.
        seconds: From the first submit to the end of the last task.
        tasks_per_second: ``tasks / seconds``.
        wait_time: How long tasks waited in the queue, as ``{p50, p99, max}`` in seconds.
        run_time: How long tasks ran, likewise.
        top: The most frequent identifiers, as ``{name, count}``; equal counts in alphabetical order.
        errors: Files and directories that could not be read or decoded, as ``{path, error}``, by path.
        digest: sha256 over path and sha256 of each file, sorted by path: equal trees, equal digests.
    """

    windlass: str
    python: str
    directory: str
    interrupted: bool
    workers: int
    found: int
    tasks: int
    unfinished: int
    files: int
    bytes: int
    lines: int
    identifiers: int
    distinct_identifiers: int
    seconds: float
    tasks_per_second: float
    wait_time: Spread
    run_time: Spread
    top: tuple[NameCount, ...]
    errors: tuple[FileError, ...]
    digest: str


class Progress(Protocol):
    """Shows how far the job is. Worker threads call ``update``, the main thread the others."""

    def start(self, found: int, size_bytes: int, workers: int) -> None:
        """Begin, knowing how much there is to do."""

    def update(self, tasks: int, size_bytes: int) -> None:
        """So many tasks have ended, so much was read. Each number of tasks comes once, in any order."""

    def stop(self) -> None:
        """End. Called whatever happened, even when ``start`` was not."""


def printable(text: str) -> str:
    """Return ``text`` with all that a terminal or UTF-8 cannot carry (ESC, newline, raw bytes) escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def spread(times: Iterable[float]) -> Spread:
    """Return the nearest-rank p50 and p99 and the maximum of ``times``."""
    ordered = sorted(times)
    if not ordered:
        return Spread(None, None, None)
    p50, p99 = (ordered[-(-len(ordered) * percent // 100) - 1] for percent in (50, 99))
    return Spread(p50, p99, ordered[-1])


def digest(hashes: Iterable[tuple[str, str]]) -> str:
    """Return one sha256 over pairs of path and sha256, whatever order they come in."""
    lines = sorted(os.fsencode(path) + b"\0" + sha256.encode("ascii") + b"\n" for path, sha256 in hashes)
    return hashlib.sha256(b"".join(lines)).hexdigest()


class Tally:
    """The totals so far.

    Thread safety:
        Safe on shared objects: any thread may call any method.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._lock = threading.Lock()  # guards all below; held for arithmetic only, never for output
        self._tasks = self._bytes = self._lines = 0
        self._names: Counter[str] = Counter()
        self._hashes: list[tuple[str, str]] = []
        self._errors: list[FileError] = []
        self._waits = array("d")
        self._runs = array("d")

    def count(self, path: str, task: Task[FileReport]) -> None:
        """Add the outcome of ``task``, which has just ended; for ``task.add_done_callback``."""
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, Stopped):
            return
        if error is not None:
            self.add_error(path, error)
        with self._lock:
            self._tasks += 1
            self._waits.append(task.wait_time or 0.0)
            self._runs.append(task.run_time or 0.0)
            if error is None:
                report = task.result()
                self._bytes += report.size_bytes
                self._lines += report.lines
                self._names.update(report.names)
                self._hashes.append((path, report.sha256))
            tasks, size_bytes = self._tasks, self._bytes
        self._progress.update(tasks, size_bytes)

    def add_error(self, path: str, error: BaseException) -> None:
        """Note that ``path`` could not be read."""
        # Without the file name that str() of an OSError repeats.
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        entry = FileError(printable(path), printable(f"{type(error).__name__}: {reason}"))
        with self._lock:
            self._errors.append(entry)

    def summary(self, root: str, *, found: int, workers: int, seconds: float, interrupted: bool, top: int) -> Summary:
        """Return the totals as they are now, and what the arguments add to them."""
        with self._lock:
            best = heapq.nsmallest(top, self._names.items(), key=lambda item: (-item[1], item[0]))
            return Summary(
                windlass=__version__,
                python=platform.python_version(),
                directory=printable(root),
                interrupted=interrupted,
                workers=workers,
                found=found,
                tasks=self._tasks,
                unfinished=found - self._tasks,
                files=len(self._hashes),
                bytes=self._bytes,
                lines=self._lines,
                identifiers=self._names.total(),
                distinct_identifiers=len(self._names),
                seconds=seconds,
                tasks_per_second=self._tasks / seconds if seconds > 0 else 0.0,
                wait_time=spread(self._waits),
                run_time=spread(self._runs),
                top=tuple(NameCount(name, count) for name, count in best),
                errors=tuple(sorted(self._errors, key=lambda error: (error.path, error.error))),
                digest=digest(self._hashes),
            )


def run(
    root: str, progress: Progress, *, workers: int | None = None, top: int = 10, skip: Collection[str] = ()
) -> Summary:
    """Do the job.

    Args:
        root: A directory that exists.
        progress: Told how far the job is.
        workers: How many worker threads at most; None for the pool's own choice.
        top: How many of the most frequent identifiers to report.
        skip: Names of directories not to enter.

    Returns:
        The summary. After Ctrl-C that of the files finished so far, at most ``GRACE`` seconds later.
    """
    tally = Tally(progress)
    stopping = threading.Event()
    found: list[tuple[str, int]] = []
    interrupted = True  # until the job has reached its end
    started = time.perf_counter()
    # Daemon, so that after Ctrl-C a read stuck in the kernel (a dead network drive) cannot hold up the exit.
    pool = ThreadPool(workers, name="windlass demo", daemon=True)
    crew = pool.max_workers
    try:
        found.extend(scan(root, tally.add_error, skip))
        crew = min(crew, len(found))
        progress.start(len(found), sum(size for _, size in found), crew)
        started = time.perf_counter()
        for path, size in found:
            task = pool.submit(
                read_file,
                os.path.join(root, path),
                stopping.is_set,
                submit_task_priority=-size,  # lower runs first: no large file is left over for the end
                submit_task_autospawn=False,  # no worker starts before all files are in the queue
            )
            task.add_done_callback(functools.partial(tally.count, path))
        if crew:
            pool.setup_workers(crew)
        pool.join()  # until the last worker has ended, so that the last callback has come too
        interrupted = False
    except KeyboardInterrupt:
        pass
    finally:
        try:
            if interrupted:
                stopping.set()
                pool.stop()
                pool.join(timeout=GRACE)
        finally:  # a second Ctrl-C ends the grace
            ended = time.perf_counter()
            progress.stop()
    return tally.summary(
        root, found=len(found), workers=crew, seconds=ended - started, interrupted=interrupted, top=top
    )
