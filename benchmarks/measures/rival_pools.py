"""Pools of all libraries side by side: a task for each argument, there and back, and the library's own map."""

import statistics
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from time import perf_counter_ns
from typing import Any

import rivals
from contenders import identity, open_pool
from interleave import SUBJECT, Contender, Figures, Measure, Row, Shape, Trial
from rivals import pools
from rivals.rival import Way
from rivals.stdlib import METHOD

WORKERS = 2
QUICK_ROUNDS = 2
WARM_UP = {"thread": True, "process": False}  # a pool of processes has new ones in each round, and warms them up itself
PLACES = {"thread": "threads", "process": "processes"}
EACH, MAP = "tasks submitted one by one, then the values", "map, the values in order"


def threads_each(quick: bool) -> Measure:
    """Measure 10 000 tasks submitted one by one to 2 threads."""
    return _many("thread_each", 1_000 if quick else 10_000, EACH, "ns/task", quick)


def threads_map(quick: bool) -> Measure:
    """Measure the map of 50 000 calls by 2 threads."""
    return _many("thread_map", 5_000 if quick else 50_000, MAP, "ns/call", quick)


def threads_trip(quick: bool) -> Measure:
    """Measure 2 000 round trips to 2 threads."""
    return _trips("thread_trip", 200 if quick else 2_000, quick)


def processes_each(quick: bool) -> Measure:
    """Measure 5 000 tasks submitted one by one to 2 processes."""
    return _many("process_each", 500 if quick else 5_000, EACH, "ns/task", quick)


def processes_map(quick: bool) -> Measure:
    """Measure the map of 50 000 calls by 2 processes."""
    return _many("process_map", 5_000 if quick else 50_000, MAP, "ns/call", quick)


def processes_trip(quick: bool) -> Measure:
    """Measure 1 000 round trips to 2 processes."""
    return _trips("process_trip", 100 if quick else 1_000, quick)


@contextmanager
def open_threads(workers: int) -> Iterator[Any]:
    """Give windlass's pool of threads."""
    with open_pool(SUBJECT, workers) as pool:
        yield pool


@contextmanager
def open_processes(workers: int) -> Iterator[Any]:
    """Give windlass's pool of processes."""
    from windlass import ProcessPool

    with ProcessPool(workers, start_method=METHOD, prepopulate=workers) as pool:
        yield pool


def _imap(pool: Any, fn: pools.Function, arguments: range) -> list[Any]:
    return list(pool.imap(fn, arguments))


def _ours() -> dict[str, Way]:
    calls: dict[str, Any] = {"each": pools.submit_each, "trip": pools.submit_trip, "mapped": _imap}
    ways = [
        *pools.pool_ways("thread", SUBJECT, open_threads, "", **calls),
        *pools.pool_ways("process", SUBJECT, open_processes, "", **calls),
    ]
    return {way.kind: way for way in ways}


def all_contenders(kind: str, trial: Callable[..., AbstractContextManager[Trial]], count: int) -> dict[str, Contender]:
    """Return windlass and every rival that does this kind of work, each with the work that ``trial`` makes of it."""
    ways = {SUBJECT: _ours()[kind], **rivals.ways(kind)}
    return {name: partial(trial, way.open, count) for name, way in ways.items()}


def _many(kind: str, count: int, what: str, unit: str, quick: bool) -> Measure:
    place = PLACES[kind.partition("_")[0]]
    return Measure(
        kind.replace("_", "-"),
        all_contenders(kind, _all_at_once, count),
        [Row(f"{WORKERS} {place}: {what}", "time", unit, peer, *_goal(kind, peer)) for peer in rivals.contenders(kind)],
        warm_up=WARM_UP[kind.partition("_")[0]],
        most_rounds=_most_rounds(kind, quick),
    )


def _goal(kind: str, peer: str) -> tuple[str, float | None]:
    """Say what is wanted of processes: faster than everybody, task by task; joblib takes tasks by its map only."""
    wanted = kind == "process_each" or (kind == "process_map" and peer.startswith("joblib"))
    return ("faster", 1.0) if wanted else ("", None)


def _most_rounds(kind: str, quick: bool) -> int | None:
    """Limit quick rounds of processes: the start of each library's pool is most of them."""
    return QUICK_ROUNDS if quick and kind.startswith("process") else None


@contextmanager
def _all_at_once(open_way: Callable[[int], Any], count: int) -> Iterator[Trial]:
    arguments = range(count)

    def figures(values: list[int], elapsed: float) -> Figures:
        assert sorted(values) == list(arguments), "values were lost"
        return {"time": elapsed / count}

    with open_way(WORKERS) as run:
        yield Trial(partial(run, identity, arguments), figures)


def _trips(kind: str, trips: int, quick: bool) -> Measure:
    place = PLACES[kind.partition("_")[0]]
    label = f"round trip to one of {WORKERS} {place}"
    peers = rivals.contenders(kind)
    return Measure(
        kind.replace("_", "-"),
        all_contenders(kind, _one_at_a_time, trips),
        [Row(f"{label}, {figure}", figure, "us", peer) for figure in ("p50", "p99") for peer in peers],
        warm_up=WARM_UP[kind.partition("_")[0]],
        most_rounds=_most_rounds(kind, quick),
        shapes=[Shape("trip", label, "us")],
    )


@contextmanager
def _one_at_a_time(open_way: Callable[[int], Any], trips: int) -> Iterator[Trial]:
    with open_way(WORKERS) as call:
        yield Trial(partial(_there_and_back, call, trips), _percentiles, samples=_samples)


def _there_and_back(call: Callable[[pools.Function, int], Any], trips: int) -> list[int]:
    durations = []
    for argument in range(trips):
        start = perf_counter_ns()
        value = call(identity, argument)
        durations.append(perf_counter_ns() - start)
        assert value == argument, "a wrong value"
    return durations


def _percentiles(durations: list[int], _elapsed: float) -> Figures:
    percentiles = statistics.quantiles(durations, n=100, method="inclusive")
    return {"p50": percentiles[49] / 1e3, "p99": percentiles[98] / 1e3}


def _samples(durations: list[int]) -> dict[str, list[float]]:
    return {"trip": [duration / 1e3 for duration in durations]}
