"""Runs of all kinds while workers are being killed: each result comes once, and nothing is left over."""

import os
import random
import threading
from typing import Any

import pytest

from master_workers import LIMIT, Echo
from process_calls import kill
from windlass import Master, WorkloadMaxCounter

SEED = int(os.environ.get("WINDLASS_SEED", random.randrange(1 << 32)))
ROUNDS = 25


def kill_now_and_then(master: Master, stop: threading.Event, chance: random.Random) -> None:
    while not stop.wait(0.05):
        pids = [worker.pid for worker in master.statistics().workers if worker.pid is not None]
        if pids:
            kill(chance.choice(pids))  # may be the last one we killed


def one_round(master: Master, chance: random.Random) -> None:
    numbers = range(chance.randrange(1, 300))
    added = [f"added {at}" for at in range(3)]
    for argument in added:
        master.add_task(argument)
    options: dict[str, Any] = {"tag": chance.choice([None, "a", "b"]), "priority": chance.choice([1, 10])}
    options |= {"ordered": chance.random() < 0.5}
    seen = [result for _, result in master.run(source=iter(numbers), **options)]
    assert sorted(map(str, seen)) == sorted(map(str, [*numbers, *added]))
    if chance.random() < 0.3:
        for count, _ in enumerate(master.run(*range(200))):
            if count == 20:
                break
    if chance.random() < 0.2:
        for answer in master.broadcast("run_task", 1, timeout=LIMIT).values():
            assert answer == 1 or isinstance(answer, Exception)


@pytest.mark.stress
@pytest.mark.slow
@pytest.mark.usefixtures("switch_often")
def test_kills_in_runs_of_all_kinds() -> None:
    print(f"WINDLASS_SEED={SEED}")
    chance = random.Random(SEED)
    counter = WorkloadMaxCounter()
    with Master(Echo, on_crash="retry", max_crashes=1_000, monitor=counter) as master:
        for tags in (["a"], ["b"], ["a", "b"]):
            master.add_worker(tags=tags)
        stop = threading.Event()
        killer = threading.Thread(target=kill_now_and_then, args=(master, stop, random.Random(SEED + 1)))
        killer.start()
        try:
            for _ in range(ROUNDS):
                one_round(master, chance)
        finally:
            stop.set()
            killer.join(LIMIT)
        master.broadcast("tasks", timeout=LIMIT)  # behind all that is still in the workers
        figures = master.statistics()
        assert (figures.failed, figures.running, figures.waiting) == (0, 0, 0)
        assert set(counter.counts.values()) == {0}
        assert counter.ended == figures.completed
