"""Bench functions that were decorated, and collections of functions."""

import pytest

from everyone import ARGUMENTS, everyone
from interleave import MakeMeasure, RunMeasure
from measures import function_collection, processed, threaded


@pytest.mark.parametrize(ARGUMENTS, everyone(threaded.measure, processed.measure, function_collection.measure))
def test_decorated(run_measure: RunMeasure, make_measure: MakeMeasure, contender: str) -> None:
    """Call them; the time of one call is in the extra info."""
    run_measure(make_measure, contender)
