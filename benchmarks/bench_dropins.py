"""Bench the drop-ins: the same calls as on the standard classes."""

import pytest

from everyone import ARGUMENTS, everyone
from interleave import MakeMeasure, RunMeasure
from measures import dropin_futures, dropin_pool, dropin_process, dropin_queue

MEASURES = (
    dropin_queue.measure,
    dropin_pool.measure,
    dropin_futures.measure,
    dropin_process.executor,
    dropin_process.pool,
)


@pytest.mark.parametrize(ARGUMENTS, everyone(*MEASURES))
def test_dropin(run_measure: RunMeasure, make_measure: MakeMeasure, contender: str) -> None:
    """Call every way there is; the figures of each are in the extra info."""
    run_measure(make_measure, contender)
