"""Bench the thread pool: many tasks, many tiny calls, none at all, and beside a busy main thread."""

import pytest

from contenders import POOLS, WINDLASS
from interleave import RunMeasure
from measures import beside_main, dropin_futures, idle_pool, imap_no_ops, map_pairs, submit_collect


@pytest.mark.parametrize("contender", POOLS)
def test_submit_collect_10k(run_measure: RunMeasure, contender: str) -> None:
    """Submit no-ops one by one, then collect every result."""
    run_measure(submit_collect.measure, contender)


@pytest.mark.parametrize("contender", [WINDLASS, imap_no_ops.LOOP, imap_no_ops.PEER])
def test_imap_1m(run_measure: RunMeasure, contender: str) -> None:
    """Call a no-op a million times, the values collected."""
    run_measure(imap_no_ops.measure, contender)


@pytest.mark.parametrize("contender", POOLS)
def test_map_pairs_200k(run_measure: RunMeasure, contender: str) -> None:
    """Make one task per pair of arguments, then collect every result."""
    run_measure(map_pairs.measure, contender)


@pytest.mark.parametrize("contender", POOLS)
def test_idle_pool_of_4(run_measure: RunMeasure, contender: str) -> None:
    """Watch an idle pool; wake-ups and CPU time are in the extra info, the time is the watching."""
    run_measure(idle_pool.measure, contender)


@pytest.mark.parametrize("contender", [*POOLS, beside_main.ALONE])
def test_cpu_bound_main_beside_2k_tasks_per_second(run_measure: RunMeasure, contender: str) -> None:
    """Compute in the main thread while a producer keeps the pool busy."""
    run_measure(beside_main.measure, contender)


@pytest.mark.parametrize("contender", POOLS)
def test_dropin_futures_10k(run_measure: RunMeasure, contender: str) -> None:
    """Submit, go there and back, map and collect as completed, by the drop-in executor under windlass's name."""
    run_measure(dropin_futures.measure, contender)
