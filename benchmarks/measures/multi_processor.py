"""Several functions in a process each by ``MultiProcessor``, beside ``multiprocessing.Process`` and a queue by hand."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter_ns
from typing import Any

from interleave import SUBJECT, Contender, Figures, Measure, Row, Trial
from windlass import MultiProcessor

BY_HAND = "multiprocessing.Process each"
FUNCTIONS = 4
REPEATS = 5
METHOD = "forkserver"


def measure(quick: bool) -> Measure:
    """Measure the execution of four functions, each of which puts one result."""
    repeats = 1 if quick else REPEATS
    contenders: dict[str, Contender] = {
        SUBJECT: partial(_trial, _multi_processor, repeats),
        BY_HAND: partial(_trial, _by_hand, repeats),
    }
    return Measure("multi-processor", contenders, [Row("4 functions in a process each", "each", "ms", BY_HAND)])


def function(q: Any, context: dict[str, int], args: dict[str, int]) -> None:
    """Put one result."""
    q.put(context["factor"] * args["number"])


def _multi_processor() -> list[int]:
    processor = MultiProcessor({"factor": 2}, start_method=METHOD)
    for number in range(FUNCTIONS):
        processor.register_function(function, {"number": number})
    return processor.execute_parallel()


def _by_hand() -> list[int]:
    # All are started before the first result is waited for; nothing of this copes with one that raises or dies.
    context: Any = multiprocessing.get_context(METHOD)
    queue = context.Queue()
    processes = [
        context.Process(target=function, args=(queue, {"factor": 2}, {"number": number})) for number in range(FUNCTIONS)
    ]
    for process in processes:
        process.start()
    results = [queue.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    queue.close()
    queue.join_thread()
    return sorted(results)


@contextmanager
def _trial(execute: Callable[[], list[int]], repeats: int) -> Iterator[Trial]:
    execute()  # the fork server is there
    yield Trial(partial(_run, execute, repeats), partial(_figures, repeats))


def _run(execute: Callable[[], list[int]], repeats: int) -> int:
    begin = perf_counter_ns()
    for _ in range(repeats):
        assert execute() == [2 * number for number in range(FUNCTIONS)]
    return perf_counter_ns() - begin


def _figures(repeats: int, duration: int, _elapsed: float) -> Figures:
    return {"each": duration / repeats / 1e6}
