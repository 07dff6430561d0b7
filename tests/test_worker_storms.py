"""Workers started, stopped and changed by many threads at once."""

import random
import sys
import threading
import time
from typing import Any

import pytest

from recorded_calls import LIMIT
from waiting import until
from windlass import BackgroundEventWorker, BackgroundQueueWorker, BackgroundWorker

pytestmark = pytest.mark.stress
THREADS = 16


class Alone:
    """A function that finds out whether it is run twice at a time."""

    def __init__(self) -> None:
        self._inside = threading.Lock()
        self.clashes = 0
        self.runs = 0

    def __call__(self, *args: Any) -> None:
        if not self._inside.acquire(blocking=False):
            self.clashes += 1
            return
        self.runs += 1
        time.sleep(0)
        self._inside.release()


@pytest.mark.parametrize("kind", ["loop", "delay", "interval", "queue", "event"])
def test_at_most_one_loop_and_the_final_state_is_right(kind: str) -> None:
    fn = Alone()
    worker: Any = {
        "loop": lambda: BackgroundWorker(func=fn),
        "delay": lambda: BackgroundWorker(func=fn, delay=0.0001),
        "interval": lambda: BackgroundWorker(func=fn, interval=0.0002),
        "queue": lambda: BackgroundQueueWorker(func=fn),
        "event": lambda: BackgroundEventWorker(func=fn),
    }[kind]()
    seed = random.randrange(2**32)
    print("seed", seed)
    errors: list[BaseException] = []
    begin = threading.Barrier(THREADS)

    def storm(number: int) -> None:
        dice = random.Random(seed + number)
        begin.wait(LIMIT)
        try:
            for _ in range(250):
                order = dice.randrange(8)
                if order < 3:
                    worker.start()
                elif order < 5:
                    assert worker.stop(wait=bool(dice.randrange(2)), timeout=LIMIT) in (True, False)
                elif order == 5:
                    worker.terminate()
                elif order == 6:
                    worker.pause()
                    worker.resume()
                elif kind == "queue":
                    worker.put(1)
                elif kind == "event":
                    worker.trigger()
                elif kind in ("delay", "interval"):
                    setattr(worker, kind, dice.choice((0.0001, 0.001, 3600)))
                worker.statistics()
                repr(worker)
        except BaseException as error:
            errors.append(error)

    old = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=storm, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
    finally:
        sys.setswitchinterval(old)
    assert errors == []
    assert worker.stop(timeout=LIMIT)
    assert not worker.is_active()
    assert fn.clashes == 0
    before = fn.runs
    worker.start()
    if kind == "queue":
        worker.put(1)
    elif kind == "event":
        worker.trigger()
    until(lambda: fn.runs > before)
    assert worker.stop(timeout=LIMIT)


@pytest.mark.slow
def test_many_workers_at_once() -> None:
    fns = [Alone() for _ in range(50)]
    workers = [BackgroundWorker(func=fn, interval=0.005) for fn in fns]
    for worker in workers:
        worker.start()
    until(lambda: all(fn.runs > 1 for fn in fns))
    for worker in workers:
        worker.stop(wait=False)
    for worker in workers:
        assert worker.join(LIMIT)
    for worker in workers:
        statistics = worker.statistics()
        assert statistics.ticks == statistics.run_time.count
