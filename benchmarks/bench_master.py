"""Bench the master: workers that are initialised once, in processes of their own."""

import pytest

from everyone import ARGUMENTS, everyone
from interleave import MakeMeasure, RunMeasure
from measures import master


@pytest.mark.parametrize(ARGUMENTS, everyone(master.measure))
def test_master(run_measure: RunMeasure, make_measure: MakeMeasure, contender: str) -> None:
    """Give work to a master's workers; the figures are in the extra info."""
    run_measure(make_measure, contender)
