"""Bench the queues: deep and empty, between two threads and within one."""

import pytest

from everyone import ARGUMENTS, everyone
from interleave import MakeMeasure, RunMeasure
from measures import queue_deep, queue_empty, rival_queues

MEASURES = (queue_deep.measure, queue_empty.measure, rival_queues.fifo, rival_queues.lifo, rival_queues.priority)


@pytest.mark.parametrize(ARGUMENTS, everyone(*MEASURES))
def test_queue(run_measure: RunMeasure, make_measure: MakeMeasure, contender: str) -> None:
    """Put and get; the figures, per item, are in the extra info."""
    run_measure(make_measure, contender)
