"""Running a collection of functions: what it costs beside a plain loop that calls them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from interleave import SUBJECT, Figures, Measure, Row, Trial

PEER = "a plain loop"
FUNCTIONS = 100


def measure(quick: bool) -> Measure:
    """Measure runs of 100 functions of different names, results collected by name."""
    runs = 20 if quick else 200
    return Measure(
        "function-collection",
        {SUBJECT: partial(_trial, _collection, runs), PEER: partial(_trial, _loop, runs)},
        [Row("run of a FunctionCollection, for one function", "each", "ns", PEER)],
    )


def make_functions() -> list[Callable[[], int]]:
    """Return functions that do nothing, each of a name of its own."""
    functions: list[Callable[[], int]] = []
    for number in range(FUNCTIONS):

        def function(number: int = number) -> int:
            return number

        function.__name__ = f"function_{number}"
        functions.append(function)
    return functions


def _collection() -> Callable[[], dict[str, Any]]:
    from windlass import FunctionCollection

    collection = FunctionCollection()
    for function in make_functions():
        collection.append(function)
    return collection.run


def _loop() -> Callable[[], dict[str, Any]]:
    named = [(f"{function.__module__}.{function.__name__}", function) for function in make_functions()]

    def run() -> dict[str, Any]:
        results = {}
        for name, function in named:
            results[name] = function()
        return results

    return run


@contextmanager
def _trial(make: Callable[[], Callable[[], dict[str, Any]]], runs: int) -> Iterator[Trial]:
    run_all = make()

    def run() -> dict[str, Any]:
        results = {}
        for _ in range(runs):
            results = run_all()
        return results

    def figures(results: dict[str, Any], elapsed: float) -> Figures:
        assert list(results.values()) == list(range(FUNCTIONS))
        return {"each": elapsed / runs / FUNCTIONS}

    yield Trial(run, figures, batches=5)
