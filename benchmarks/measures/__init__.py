"""What is measured: one module per subject, each with ``measure(quick)``."""

from interleave import MakeMeasure
from measures import (
    background_worker,
    beside_main,
    dropin_futures,
    dropin_pool,
    dropin_queue,
    function_collection,
    idle_pool,
    imap_no_ops,
    map_pairs,
    pending_memory,
    queue_deep,
    queue_empty,
    round_trip,
    submit_collect,
    ticker_busy,
    ticker_cost,
    ticker_drift,
    ticker_idle,
    ticker_peers,
    ticker_wakes,
)

# In the order of the table.
ALL: tuple[MakeMeasure, ...] = (
    queue_deep.measure,
    queue_empty.measure,
    dropin_queue.measure,
    submit_collect.measure,
    round_trip.measure,
    imap_no_ops.measure,
    map_pairs.measure,
    pending_memory.measure,
    idle_pool.measure,
    beside_main.measure,
    dropin_pool.measure,
    dropin_futures.measure,
    function_collection.measure,
    ticker_idle.measure,
    ticker_peers.measure,
    ticker_busy.measure,
    ticker_wakes.measure,
    ticker_drift.measure,
    ticker_cost.measure,
    background_worker.measure,
)
