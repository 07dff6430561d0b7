"""Workers killed at random moments: each kill costs at most one task, and everything is answered."""

import os
import random
import signal
import threading
import time

import pytest

from process_calls import LIMIT, METHODS, await_end
from windlass import ProcessPool, WorkerDied, wait

KILLS = {"forkserver": 80, "spawn": 40, "fork": 80}
TASKS = 4_000


def work(value: int) -> int:
    """Take from no time to a millisecond."""
    if value % 4 == 0:
        time.sleep(value % 11 / 10_000)
    return value


@pytest.mark.slow
@pytest.mark.stress
@pytest.mark.parametrize("method", METHODS)
def test_each_kill_costs_one_task_at_most(method: str) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    killed: set[int] = set()
    wanted = KILLS[method]
    with ProcessPool(2, start_method=method) as pool:
        tasks = []
        pause = threading.Event()
        while len(killed) < wanted:
            if sum(not task.done() for task in tasks[-TASKS:]) < TASKS // 2:
                tasks += pool.submit_many(work, range(len(tasks), len(tasks) + 500))
            pause.wait(chance.random() / 100)  # a random moment is what is tested
            pid = chance.choice([worker.pid for worker in pool.workers] or [None])  # type: ignore[attr-defined]
            if pid is None or pid in killed:
                continue
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed.add(pid)
        assert not wait(tasks, 3 * LIMIT).not_done
        failed = 0
        for value, task in enumerate(tasks):
            error = task.exception(0)
            if error is None:
                assert task.result(0) == value
            else:
                assert isinstance(error, WorkerDied)
                assert error.pid in killed
                failed += 1
        assert failed <= len(killed)
        assert failed > 0
        assert pool.submit(work, 1).result(LIMIT) == 1
    for pid in killed:
        await_end(pid)


@pytest.mark.slow
@pytest.mark.stress
def test_kills_do_not_lose_items_of_imap() -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    over = threading.Event()
    killed: set[int] = set()
    with ProcessPool(2, on_crash="retry", max_crashes=50) as pool:

        def kill_now_and_then() -> None:
            while not over.wait(chance.random() / 20) and len(killed) < 20:
                for worker in pool.workers[:1]:
                    pid = worker.pid  # type: ignore[attr-defined]
                    if pid is not None and pid not in killed:
                        killed.add(pid)
                        os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill_now_and_then)
        killer.start()
        try:
            while not killed:
                assert list(pool.imap(work, range(6_000))) == list(range(6_000))
        finally:
            over.set()
            killer.join(LIMIT)
