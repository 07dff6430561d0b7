"""Bench calls under a limit."""

import pytest

from everyone import ARGUMENTS, everyone
from interleave import MakeMeasure, RunMeasure
from measures import limiter


@pytest.mark.parametrize(ARGUMENTS, everyone(limiter.measure))
def test_uncontended_call(run_measure: RunMeasure, make_measure: MakeMeasure, contender: str) -> None:
    """Call a function whose limit is never reached; the time of one call is in the extra info."""
    run_measure(make_measure, contender)
