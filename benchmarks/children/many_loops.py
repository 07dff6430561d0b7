"""Run many periodic loops in this process and print their figures as JSON.

Arguments: the kind, the number of loops, the interval in seconds, the ticks of each.
"""

import asyncio
import itertools
import json
import sys
import threading
import time
from collections.abc import Callable
from time import monotonic, monotonic_ns

from children.pending_tasks import STATM, resident_bytes

WARM_UP = 5  # ticks of each loop that do not count
LIMIT = 60.0  # seconds beyond the time that the ticks should take

Stamps = list[int]


def with_workers(all_stamps: list[Stamps], interval: float, ticks: int) -> None:
    """Run a background worker for each list of stamps."""
    from windlass import BackgroundWorker

    workers = [BackgroundWorker(func=noter(stamps), interval=interval, max_ticks=ticks) for stamps in all_stamps]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(LIMIT + interval * ticks)


def noter(stamps: Stamps) -> Callable[[], None]:
    """Return a loop's function."""

    def note() -> None:
        stamps.append(monotonic_ns())

    return note


def with_threads(all_stamps: list[Stamps], interval: float, ticks: int) -> None:
    """Run a thread for each list, on an absolute grid, that waits for a stop which does not come."""

    def loop(note: Callable[[], None]) -> None:
        start, stop = monotonic(), threading.Event()
        for tick in range(ticks):
            stop.wait(max(0, start + tick * interval - monotonic()))
            note()

    threads = [threading.Thread(target=loop, args=(noter(stamps),)) for stamps in all_stamps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT + interval * ticks)


def with_asyncio(all_stamps: list[Stamps], interval: float, ticks: int) -> None:
    """Run a coroutine for each list, on an absolute grid, all in one thread."""

    async def loop(note: Callable[[], None]) -> None:
        start = monotonic()
        for tick in range(ticks):
            await asyncio.sleep(max(0, start + tick * interval - monotonic()))
            note()

    async def run_all() -> None:
        await asyncio.gather(*(loop(noter(stamps)) for stamps in all_stamps))

    asyncio.run(run_all())


KINDS = {"windlass": with_workers, "threads with Event.wait": with_threads, "asyncio": with_asyncio}


def main() -> None:
    """Run the loops; measure the error of each period, and what they take of the processor and the memory."""
    kind, count, interval, ticks = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    KINDS[kind]([[]], interval, WARM_UP)  # imports, the first thread
    all_stamps: list[Stamps] = [[] for _ in range(count)]
    resident = [resident_bytes() if STATM.exists() else 0]
    middle = threading.Timer(interval * ticks / 2, lambda: resident.append(resident_bytes() if resident[0] else 0))
    middle.start()
    cpu, begin = time.process_time(), monotonic()
    KINDS[kind](all_stamps, interval, WARM_UP + ticks)
    share = (time.process_time() - cpu) / (monotonic() - begin)
    middle.join()
    assert all(len(stamps) == WARM_UP + ticks for stamps in all_stamps), "ticks were lost"
    period = round(interval * 1e9)
    errors = sorted(
        abs(after - before - period) for stamps in all_stamps for before, after in itertools.pairwise(stamps[WARM_UP:])
    )
    figures = {
        "p50": errors[len(errors) // 2] / 1e3,
        "p99": errors[len(errors) * 99 // 100] / 1e3,
        "cpu": 100 * share / count,
    }
    if resident[0]:
        figures["bytes"] = (resident[1] - resident[0]) / count / 1e3
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
