"""Bench the drop-in ThreadPool: the same calls as on the standard one."""

import pytest

from contenders import WINDLASS
from interleave import RunMeasure
from measures import dropin_pool


@pytest.mark.parametrize("contender", [WINDLASS, dropin_pool.PEER])
def test_every_way_to_call(run_measure: RunMeasure, contender: str) -> None:
    """Map, apply and imap; the figures of each are in the extra info."""
    run_measure(dropin_pool.measure, contender)
