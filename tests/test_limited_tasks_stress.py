"""Limited tasks under attack: cancels, threads, several pools, resizes, the collector and a tiny switch interval."""

import gc
import random
import threading
from typing import Any

import pytest

from limited_calls import Crowd
from waiting import until
from windlass import Limit, TaskCancelled, ThreadPool

LIMIT = 30
SEED = random.randrange(2**32)

pytestmark = [pytest.mark.stress, pytest.mark.usefixtures("switch_often")]


class Failure(BaseException):
    pass


def call(crowd: Crowd, value: int) -> int:
    with crowd:
        if value % 7 == 0:
            raise Failure
        if value % 11 == 0:
            raise SystemExit
    return value


@pytest.mark.parametrize("slots", [1, 3])
def test_every_task_ends_and_no_slot_is_lost(slots: int) -> None:
    print("seed", SEED)
    chance = random.Random(SEED)
    limit, crowd = Limit(slots), Crowd()
    pools = [ThreadPool(3), ThreadPool(1), ThreadPool(4, idle_timeout=0.0005), ThreadPool(2, max_queue=5)]
    tasks: list[Any] = []
    cancelled: list[Any] = []
    over = threading.Event()

    def barge() -> None:
        while not over.is_set():
            if limit.acquire(timeout=0.001):
                with crowd:
                    pass
                limit.release()

    def cancel() -> None:
        while not over.is_set():
            if tasks:
                task = chance.choice(tasks)
                if task.cancel():
                    cancelled.append(task)

    def submit() -> None:
        for value in range(300):
            pool = pools[value % len(pools)]
            submitter = pool.options(semaphore=limit, priority=chance.randrange(3))
            tasks.append(submitter.submit(call, crowd, value))

    others = [threading.Thread(target=barge), threading.Thread(target=cancel)]
    submitters = [threading.Thread(target=submit) for _ in range(4)]
    for thread in others + submitters:
        thread.start()
    for thread in submitters:
        thread.join(LIMIT)
        assert not thread.is_alive()
    until(lambda: all(task.done() for task in tasks))
    over.set()
    for thread in others:
        thread.join(LIMIT)
    assert len(tasks) == 1200
    assert crowd.most <= slots
    assert all(task.cancelled() for task in cancelled)
    assert (limit.free, limit.held, limit.waiting) == (slots, 0, 0)
    for pool in pools:
        assert pool.shutdown(timeout=LIMIT)
        assert (pool.unfinished_tasks, pool.num_queued_tasks, pool.num_active_tasks) == (0, 0, 0)
    assert sum(pool.statistics().cancelled for pool in pools) == sum(task.cancelled() for task in tasks)


def test_nested_waits_on_few_workers_come_to_an_end() -> None:
    limit = Limit(2)
    with ThreadPool(2) as pool:
        limited = pool.options(semaphore=limit)

        def outer(depth: int) -> int:
            tasks = [limited.submit(int, "1") for _ in range(3)]
            below = pool.submit(outer, depth - 1).result(LIMIT) if depth else 0
            return below + sum(task.result(LIMIT) for task in tasks)

        tasks = [pool.submit(outer, 6) for _ in range(10)]
        assert [task.result(LIMIT) for task in tasks] == [21] * 10
    assert limit.free == 2


def test_pools_stopped_and_shut_down_while_tasks_are_held() -> None:
    limit = Limit(1)
    for round_number in range(30):
        pools = [ThreadPool(2) for _ in range(3)]
        tasks = [pool.options(semaphore=limit).submit(int) for _ in range(20) for pool in pools]
        pools[0].stop()
        stopper = threading.Thread(target=pools[1].shutdown, kwargs={"cancel_futures": bool(round_number % 2)})
        stopper.start()
        assert pools[2].join(LIMIT)
        stopper.join(LIMIT)
        assert pools[0].join(LIMIT)
        for task in tasks:
            try:
                assert task.result(LIMIT) == 0
            except TaskCancelled:
                pass
        assert (limit.free, limit.held) == (1, 0)


def test_under_a_busy_collector() -> None:
    limit, crowd = Limit(2), Crowd(meet=2)
    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        with ThreadPool(4) as pool:
            tasks = [pool.options(semaphore=limit).submit(crowd.call, value) for value in range(200)]
            assert [task.result(LIMIT) for task in tasks] == list(range(200))
    finally:
        gc.set_threshold(*before)
    assert crowd.most == 2
