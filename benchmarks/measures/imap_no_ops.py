"""Many tiny calls through ``imap``: how close a pool comes to calling the function in a loop."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.pool import ThreadPool as StdlibThreadPool

from contenders import WINDLASS, identity, open_pool
from interleave import Figures, Measure, Row, Trial

WORKERS = 2
LOOP = "bare for loop"
PEER = "multiprocessing.pool.ThreadPool.map"


def measure(quick: bool) -> Measure:
    """Measure 1 000 000 calls with automatic chunks, the values collected in a list."""
    arguments = range(20_000 if quick else 1_000_000)
    label = "imap of 1 M no-ops, values collected"
    return Measure(
        "imap",
        {
            WINDLASS: partial(_windlass, arguments),
            LOOP: partial(_bare_loop, arguments),
            PEER: partial(_stdlib_thread_pool, arguments),
        },
        [
            Row(label, "time", "ns/call", LOOP, goal="at most 2x its time (0.5x)", least_ratio=0.5),
            Row(label, "time", "ns/call", PEER, goal="not slower", least_ratio=1),
        ],
    )


@contextmanager
def _windlass(arguments: range) -> Iterator[Trial]:
    with open_pool(WINDLASS, WORKERS) as pool:
        yield Trial(lambda: list(pool.imap(identity, arguments)), partial(_figures, arguments))


@contextmanager
def _stdlib_thread_pool(arguments: range) -> Iterator[Trial]:
    with StdlibThreadPool(WORKERS) as pool:
        pool.map(identity, range(WORKERS), chunksize=1)
        yield Trial(lambda: pool.map(identity, arguments), partial(_figures, arguments))
        pool.close()
        pool.join()


@contextmanager
def _bare_loop(arguments: range) -> Iterator[Trial]:
    yield Trial(partial(call_in_a_loop, arguments), partial(_figures, arguments))


def call_in_a_loop(arguments: range) -> list[int]:
    """Do without any pool."""
    values = []
    for argument in arguments:
        values.append(identity(argument))  # no comprehension: a loop is what is compared with
    return values


def _figures(arguments: range, result: list[int], elapsed: float) -> Figures:
    assert result == list(arguments), "values were lost or out of order"
    return {"time": elapsed / len(arguments)}
