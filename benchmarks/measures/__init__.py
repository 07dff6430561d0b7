"""What is measured: one module per subject, each with ``measure(quick)``."""

from interleave import MakeMeasure
from measures import (
    background_worker,
    beside_main,
    dropin_futures,
    dropin_pool,
    dropin_queue,
    function_collection,
    growth_loops,
    growth_priorities,
    growth_tasks,
    growth_workers,
    idle_pool,
    imap_no_ops,
    limiter,
    map_pairs,
    pending_memory,
    process_pool,
    queue_deep,
    queue_empty,
    rival_pools,
    rival_queues,
    round_trip,
    submit_collect,
    threaded,
    ticker_busy,
    ticker_cost,
    ticker_drift,
    ticker_idle,
    ticker_peers,
    ticker_wakes,
)

# By subject, in the order of the table.
SUBJECTS: dict[str, tuple[MakeMeasure, ...]] = {
    "queue": (
        queue_deep.measure,
        queue_empty.measure,
        rival_queues.fifo,
        rival_queues.lifo,
        rival_queues.priority,
    ),
    "task": (
        submit_collect.measure,
        round_trip.measure,
        rival_pools.threads_each,
        rival_pools.threads_trip,
        pending_memory.measure,
    ),
    "threads": (
        imap_no_ops.measure,
        rival_pools.threads_map,
        map_pairs.measure,
        idle_pool.measure,
        beside_main.measure,
    ),
    "dropins": (dropin_queue.measure, dropin_pool.measure, dropin_futures.measure),
    "decorators": (function_collection.measure, threaded.measure),
    "limiter": (limiter.measure,),
    "loops": (
        ticker_idle.measure,
        ticker_peers.measure,
        ticker_busy.measure,
        ticker_wakes.measure,
        ticker_drift.measure,
        ticker_cost.measure,
        background_worker.measure,
    ),
    "processes": (
        process_pool.measure,
        rival_pools.processes_each,
        rival_pools.processes_trip,
        rival_pools.processes_map,
    ),
    "master": (),
    "growth": (
        growth_tasks.measure,
        growth_workers.threads,
        growth_workers.processes,
        growth_priorities.measure,
        growth_loops.measure,
    ),
}

ALL: tuple[MakeMeasure, ...] = tuple(make for group in SUBJECTS.values() for make in group)
