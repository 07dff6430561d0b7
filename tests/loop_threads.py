"""What the tests of loops share: a thread with a time limit, and threads that keep the GIL busy."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LIMIT = 20  # seconds; only a hang reaches it


@contextmanager
def started(body: Callable[[], object]) -> Iterator[threading.Thread]:
    """Run ``body`` in a thread that is joined at the end."""
    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(LIMIT)
        assert not thread.is_alive(), f"{thread.name} hangs"


@contextmanager
def busy_threads(number: int) -> Iterator[None]:
    """Let threads compute in pure Python meanwhile."""
    over = threading.Event()

    def compute() -> None:
        while not over.is_set():
            sum(range(100))

    threads = [threading.Thread(target=compute, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(LIMIT)
