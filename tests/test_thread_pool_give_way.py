"""Workers that always have a next task, and the other threads that want the GIL."""

import threading
from functools import partial
from typing import Any

import pytest

from windlass import ThreadPool

LIMIT = 30


def in_c(pool: ThreadPool) -> Any:
    """Return a call, none of it in Python, that submits itself again."""
    again: Any = partial(pool.submit)
    again.__setstate__((pool.submit, (again,), {}, {}))
    return again


def in_python(pool: ThreadPool) -> Any:
    """Return the same in Python."""

    def again() -> None:
        pool.submit(again)

    return again


@pytest.mark.slow
@pytest.mark.parametrize("kind", [in_c, in_python])
@pytest.mark.parametrize("workers", [1, 2])
def test_endless_tasks_let_other_threads_go_on(kind: Any, workers: int) -> None:
    # Each wait gives the GIL up, and the worker must hand it back. Where it was only released now and then, the worker
    # took it again before the other thread was awake, and such a wait could take seconds: this was 20 of them.
    pool = ThreadPool(workers)
    bell = threading.Event()
    for _ in range(workers):
        pool.submit(kind(pool))
    for _ in range(20):
        threading.Thread(target=bell.set).start()
        assert bell.wait(LIMIT)
        bell.clear()
    pool.stop()
    assert pool.join(LIMIT)
