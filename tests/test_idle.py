"""An idle pool costs nothing: its threads are not even looked at by the scheduler."""

import sys
import threading
import time

import pytest

from waiting import is_asleep, until, what_it_does
from windlass import ThreadPool


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
def test_idle_workers_are_never_woken() -> None:
    with ThreadPool(4, idle_timeout=None) as for_ever, ThreadPool(4, idle_timeout=60.0) as for_a_while:
        for pool in (for_ever, for_a_while):
            meet = threading.Barrier(4)
            for task in [pool.submit(meet.wait, 10) for _ in range(4)]:
                task.result(10)
            until(lambda pool=pool: pool.inactive_workers == 4)
        ids = [worker.native_id for pool in (for_ever, for_a_while) for worker in pool.workers]
        assert len(ids) == 8
        until(lambda: all(is_asleep(at) for at in ids if at is not None))
        before = [what_it_does(at) for at in ids if at is not None]
        time.sleep(1)
        assert [what_it_does(at) for at in ids if at is not None] == before  # who has run since has stopped once more
