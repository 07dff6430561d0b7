"""culsans: queues for threads and for asyncio at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from rivals.rival import Rival, Way


@contextmanager
def open_queue(name: str) -> Iterator[Any]:
    import culsans

    items = getattr(culsans, name)()
    yield items.sync_q
    items.shutdown()


OPTIONS = "Unbounded, through sync_q, its interface for threads."
RIVAL = Rival(
    "culsans",
    "culsans",
    "culsans",
    [
        Way(kind, f"culsans.{name}", partial(open_queue, name), OPTIONS)
        for kind, name in (
            ("fifo_queue", "Queue"),
            ("lifo_queue", "LifoQueue"),
            ("priority_queue", "PriorityQueue"),
        )
    ],
)
