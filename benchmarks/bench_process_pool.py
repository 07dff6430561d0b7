"""Bench the process pool: tasks one by one, there and back, maps, arrays, the start, a kill."""

import pytest

from everyone import ARGUMENTS, everyone
from interleave import MakeMeasure, RunMeasure
from measures import multi_processor, process_pool, rival_pools

MEASURES = (
    process_pool.measure,
    rival_pools.processes_each,
    rival_pools.processes_trip,
    rival_pools.processes_map,
    multi_processor.measure,
)


@pytest.mark.parametrize(ARGUMENTS, everyone(*MEASURES))
def test_process_pool(run_measure: RunMeasure, make_measure: MakeMeasure, contender: str) -> None:
    """Give work to 2 processes; the figures are in the extra info."""
    run_measure(make_measure, contender)
