"""Bench the priority queue, deep and empty, and the stand-ins for the standard queues."""

import pytest

from contenders import WINDLASS
from interleave import RunMeasure
from measures import dropin_queue, queue_deep, queue_empty


@pytest.mark.parametrize("contender", [WINDLASS, queue_deep.PEER])
def test_put_get_8_priorities_200k_deep(run_measure: RunMeasure, contender: str) -> None:
    """Fill the queue in random order of priority, then empty it."""
    run_measure(queue_deep.measure, contender)


@pytest.mark.parametrize("contender", [WINDLASS, queue_empty.PEER])
def test_put_get_empty_queue(run_measure: RunMeasure, contender: str) -> None:
    """Put one item and get it back, 200 000 times with each pair of methods."""
    run_measure(queue_empty.measure, contender)


@pytest.mark.parametrize("contender", [WINDLASS, dropin_queue.STANDARD])
def test_producer_consumer_and_pairs(run_measure: RunMeasure, contender: str) -> None:
    """Pass 200 000 ints through each of the four classes, between two threads and within one."""
    run_measure(dropin_queue.measure, contender)
