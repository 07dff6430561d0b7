"""Print the bytes that one pending task costs, as JSON (null where it cannot be measured).

Arguments: the pool, the call, the gauge, the number of tasks.
"""

import gc
import json
import os
import sys
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contenders import identity, make_pool, noop

STATM = Path("/proc/self/statm")


def resident_bytes() -> int:
    """Return the resident set size of this process."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def fill(submit: Callable[..., Any], call: str, arguments: list[int]) -> None:
    """Submit one task per argument and keep nothing of it: the pool alone holds the tasks."""
    if call == "submit(noop, i)":
        for argument in arguments:
            submit(identity, argument)
    else:
        for _ in arguments:
            submit(noop)


def main() -> None:
    """Block the only worker, submit, and weigh what has piled up."""
    name, call, gauge, count = sys.argv[1:]
    if gauge == "RSS" and not STATM.exists():
        print(json.dumps(None))
        return
    arguments = list(range(int(count)))  # before the first weighing: the arguments are not the pool's
    pool = make_pool(name, 1)
    started, release = threading.Event(), threading.Event()

    def block() -> None:
        started.set()
        release.wait()

    pool.submit(block)
    assert started.wait(30), "the worker did not start"
    fill(pool.submit, call, arguments[:100])
    gc.collect()
    if gauge == "tracemalloc":
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
    else:
        before = resident_bytes()
    fill(pool.submit, call, arguments)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0] if gauge == "tracemalloc" else resident_bytes()
    print(json.dumps((after - before) / len(arguments)))
    release.set()
    pool.shutdown(wait=True, cancel_futures=True)


if __name__ == "__main__":
    main()
