"""Bench the thread pool: many tiny calls, none at all, and beside a busy main thread."""

import pytest

from everyone import ARGUMENTS, everyone
from interleave import MakeMeasure, RunMeasure
from measures import beside_main, idle_pool, imap_no_ops, map_pairs, rival_pools

MEASURES = (
    imap_no_ops.measure,
    rival_pools.threads_map,
    map_pairs.measure,
    idle_pool.measure,
    beside_main.measure,
)


@pytest.mark.parametrize(ARGUMENTS, everyone(*MEASURES))
def test_thread_pool(run_measure: RunMeasure, make_measure: MakeMeasure, contender: str) -> None:
    """Map, idle, and compute beside it; the figures are in the extra info, the time of an idle pool says nothing."""
    run_measure(make_measure, contender)
