"""Bench function collections."""

import pytest

from interleave import SUBJECT, RunMeasure
from measures import function_collection


@pytest.mark.parametrize("contender", [SUBJECT, function_collection.PEER])
def test_run_of_100_functions(run_measure: RunMeasure, contender: str) -> None:
    """Run a collection of 100 functions that do nothing; the time of one is in the extra info."""
    run_measure(function_collection.measure, contender)
