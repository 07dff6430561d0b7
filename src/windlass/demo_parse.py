"""The second half of ``windlass demo``, on all CPUs: tokenise and parse files in a Master, and kill a worker meanwhile.

    Parser           worker process    prepared once; a path -> FileParts
    parse            main thread       a worker for each CPU; results as they come; one kill -9; -> ParseSummary

The kill does no harm: the file that the worker was at is given to another (``on_crash="retry"``), and a worker takes
its place. Nor does Ctrl-C: the summary is then of the files that were finished.
"""

import ast
import io
import os
import signal
import time
import tokenize
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from windlass.demo import Progress
from windlass.demo_source import read_bytes
from windlass.errors import NoWorkers, WorkerDied
from windlass.master.master import Master
from windlass.master.worker import Worker
from windlass.pools.crew_pool import count_cpus

# So much of the source is parsed: a few seconds of work for two CPUs.
SAMPLE_BYTES = 3_000_000

# Where there is no SIGKILL, os.kill ends a process with any other.
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class FileParts:
    """What a file is made of."""

    size_bytes: int
    tokens: int
    nodes: int


@dataclass(frozen=True, slots=True)
class ParseSummary:
    """The outcome. Its fields are the keys of ``parsing`` in ``windlass demo --json``.

    Attributes:
        interrupted: True when Ctrl-C ended the job early.
        workers: How many worker processes there were at a time.
        found: How many files were to be parsed.
        files: How many were.
        refused: How many are no valid Python of this version; ``found == files + refused`` unless interrupted.
        lost: Files whose result is missing for any other reason: none.
        bytes: Sizes of the files parsed, together.
        tokens: Their tokens, as the ``tokenize`` module counts them.
        nodes: The nodes of their syntax trees.
        killed: The process that was killed in the middle, or None if it was over too soon.
        deaths: How many workers died.
        retried: How many files had been begun by those, and were begun again.
        seconds: From the first file given out to the last result.
    """

    interrupted: bool
    workers: int
    found: int
    files: int
    refused: int
    lost: int
    bytes: int
    tokens: int
    nodes: int
    killed: int | None
    deaths: int
    retried: int
    seconds: float


class Parser(Worker):
    """Tokenises and parses files.

    Args:
        root: The directory that the paths are relative to.
    """

    def __init__(self, root: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._root = root
        warnings.simplefilter("ignore")  # what the compiler thinks of other people's source is not our subject
        ast.parse("pass")  # sets the compiler up

    def run_task(self, argument: str) -> FileParts:
        """Take a file apart.

        Raises:
            OSError, SyntaxError, ValueError, tokenize.TokenError: It cannot be read, or is no valid Python.
        """
        source = read_bytes(os.path.join(self._root, argument), _never)
        tokens = sum(1 for _ in tokenize.tokenize(io.BytesIO(source).readline))
        nodes = sum(1 for _ in ast.walk(ast.parse(source)))
        return FileParts(len(source), tokens, nodes)


def _never() -> bool:
    return False


def sample(found: Sequence[tuple[str, int]], most_bytes: int = SAMPLE_BYTES) -> list[tuple[str, int]]:
    """Return files, evenly spread over all of them, that are not more than ``most_bytes`` together; largest first."""
    total = sum(size for _, size in found)
    step = max(1, -(-total // most_bytes)) if most_bytes else len(found) + 1
    chosen, left = [], most_bytes
    for path, size in found[step - 1 :: step]:
        if size <= left:
            chosen.append((path, size))
            left -= size
    return sorted(chosen, key=lambda one: -one[1])


def parse(
    root: str, files: Sequence[tuple[str, int]], progress: Progress, *, workers: int | None = None
) -> ParseSummary:
    """Do the job.

    Args:
        root: A directory.
        files: Paths relative to it, with their sizes.
        progress: Told how far the job is.
        workers: How many processes; None for one for each CPU.
    """
    crew = min(len(files), count_cpus() if workers is None else workers)
    parts: list[FileParts] = []
    size_bytes = refused = lost = 0
    killed: int | None = None
    interrupted = True  # until the job has reached its end
    started = time.perf_counter()
    master = Master(on_crash="retry", name="windlass demo")
    try:
        progress.start(len(files), sum(size for _, size in files), crew)
        for _ in range(crew):
            master.add_worker(Parser, root=root)
        started = time.perf_counter()
        sizes = iter(size for _, size in files)
        for done, (_, result) in enumerate(master.run(*(path for path, _ in files)), 1):
            if isinstance(result, FileParts):
                parts.append(result)
            elif isinstance(result, WorkerDied | NoWorkers):
                lost += 1
            else:
                refused += 1
            size_bytes += next(sizes)
            if killed is None and done * 8 >= len(files):  # those that are being parsed are still large
                killed = _kill_one(master)
            progress.update(done, size_bytes)
        interrupted = False
    except KeyboardInterrupt:
        pass
    finally:
        ended = time.perf_counter()
        master.halt(timeout=0)
        progress.stop()
    figures = master.statistics()
    return ParseSummary(
        interrupted=interrupted,
        workers=crew,
        found=len(files),
        files=len(parts),
        refused=refused,
        lost=lost,
        bytes=sum(part.size_bytes for part in parts),
        tokens=sum(part.tokens for part in parts),
        nodes=sum(part.nodes for part in parts),
        killed=killed,
        deaths=figures.deaths,
        retried=figures.retried,
        seconds=ended - started,
    )


def _kill_one(master: Master) -> int | None:
    # A worker that is at a file, so that something is at stake.
    for worker in master.statistics().workers:
        if worker.state == "busy" and worker.pid is not None:
            os.kill(worker.pid, KILL)
            return worker.pid
    return None
