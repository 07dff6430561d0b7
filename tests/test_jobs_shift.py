"""DockMaster: when a shift begins and ends, and where jobs go that it does not do."""

import gc
import logging
import os
import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from waiting import until
from windlass import DockMaster, Job, Task, TaskCancelled, ThreadPool

LIMIT = 10


def give(x: object) -> object:
    return x


def ignore(job: Job) -> None:
    """Store nothing."""


class Harbour:
    """A dock master of one ship that is kept busy until ``gate`` is set, and what it stores."""

    def __init__(self, ships: int = 1) -> None:
        self.master = DockMaster(ships)
        self.stored: list[object] = []
        self.gate, self.started = threading.Event(), threading.Event()

    def busy(self) -> Task[Job]:
        def sail() -> str:
            self.started.set()
            assert self.gate.wait(LIMIT)
            return "busy"

        task = self.master.post_job(Job(sail), self.store)
        assert self.started.wait(LIMIT)
        return task

    def store(self, job: Job) -> None:
        self.stored.append(job.results)

    def post(self, x: object) -> Task[Job]:
        return self.master.post_job(Job(give, {"x": x}), self.store)

    def in_thread(self, call: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
        returned: list[Any] = []
        thread = threading.Thread(target=lambda: returned.append(call()))
        thread.start()
        return thread, returned

    def wait_for_the_end_to_begin(self) -> None:
        until(lambda: not self.master.working)


def names(jobs: list[Job]) -> list[object]:
    return [job.kwarg_dictionary.get("x") for job in jobs]


def test_what_is_posted_before_the_shift_is_done_in_it() -> None:
    harbour = Harbour()
    tasks = [harbour.post(number) for number in range(5)]
    assert not harbour.master.working
    assert names(harbour.master.held_jobs) == [0, 1, 2, 3, 4]
    assert not any(task.done() for task in tasks)
    harbour.master.start_shift()
    assert harbour.master.working
    assert harbour.master.held_jobs == []
    harbour.master.end_shift()
    assert harbour.stored == [0, 1, 2, 3, 4]
    assert all(task.done() for task in tasks)


def test_what_is_posted_between_shifts_is_done_in_the_next() -> None:
    harbour = Harbour()
    with harbour.master:
        harbour.post(1)
    harbour.post(2)
    assert harbour.stored == [1]
    with harbour.master as master:
        assert master is harbour.master
        harbour.post(3)
    assert harbour.stored == [1, 2, 3]


def test_starting_twice_and_ending_twice() -> None:
    harbour = Harbour()
    assert harbour.master.end_shift() == []
    assert harbour.master.join(0)
    harbour.master.start_shift()
    threads = set(threading.enumerate())
    harbour.master.start_shift()
    assert set(threading.enumerate()) <= threads
    harbour.post(1)
    assert harbour.master.end_shift() == harbour.master.end_shift() == []
    assert (harbour.stored, harbour.master.working) == ([1], False)


def test_threads_are_gone_after_the_end() -> None:
    before = set(threading.enumerate())
    harbour = Harbour(4)
    with harbour.master:
        for number in range(20):
            harbour.post(number)
        assert not set(threading.enumerate()) <= before
    assert set(threading.enumerate()) <= before  # a thread of an earlier test may have ended meanwhile
    assert ThreadPool.get_pool_by_name(f"dockmaster-{harbour.master._number}-ships") is None


def test_threads_are_gone_after_an_end_that_found_all_jobs_done() -> None:
    before = set(threading.enumerate())
    harbour = Harbour()
    harbour.master.start_shift()
    harbour.post(1).result(LIMIT)
    until(lambda: not harbour.master._at_sea)  # a task ends a moment before it is crossed off
    harbour.master.end_shift()
    assert set(threading.enumerate()) <= before


def test_end_shift_finishes_what_is_queued() -> None:
    harbour = Harbour()
    with harbour.master:
        harbour.busy()
        for number in range(10):
            harbour.post(number)
        thread, returned = harbour.in_thread(harbour.master.end_shift)
        harbour.wait_for_the_end_to_begin()
        harbour.gate.set()
        thread.join(LIMIT)
    assert returned == [[]]
    assert harbour.stored == ["busy", *range(10)]


def test_end_shift_hands_back_what_is_queued() -> None:
    harbour = Harbour()
    harbour.master.start_shift()
    harbour.busy()
    tasks = [harbour.post(number) for number in range(10)]
    thread, returned = harbour.in_thread(lambda: harbour.master.end_shift(finish=False))
    for task in tasks:
        assert task.wait(LIMIT)
        with pytest.raises(TaskCancelled):
            task.result(0)
    assert thread.is_alive()  # what runs is waited for
    harbour.gate.set()
    thread.join(LIMIT)
    assert names(returned[0]) == list(range(10))
    assert harbour.stored == ["busy"]
    assert harbour.master.held_jobs == []
    for job in returned[0]:  # they are as new
        harbour.master.post_job(job, harbour.store)
    with harbour.master:
        pass
    assert harbour.stored == ["busy", *range(10)]


def test_jobs_that_were_held_are_handed_back_too() -> None:
    harbour = Harbour()
    task = harbour.post(1)
    assert harbour.master.end_shift() == []
    assert names(harbour.master.end_shift(finish=False)) == [1]
    assert task.cancelled()
    with harbour.master:
        pass
    assert harbour.stored == []


def test_a_second_call_may_hand_back_what_the_first_would_finish() -> None:
    harbour = Harbour()
    harbour.master.start_shift()
    harbour.busy()
    harbour.post(1)
    first, finished = harbour.in_thread(harbour.master.end_shift)
    harbour.wait_for_the_end_to_begin()
    second, handed = harbour.in_thread(lambda: harbour.master.end_shift(finish=False))
    harbour.gate.set()
    first.join(LIMIT)
    second.join(LIMIT)
    assert finished == [[]]
    assert sorted([*map(str, names(handed[0])), *map(str, harbour.stored)]) == ["1", "busy"]


def test_a_timeout_leaves_the_shift_to_end_by_itself() -> None:
    harbour = Harbour()
    harbour.master.start_shift()
    task = harbour.busy()
    queued = harbour.post(1)
    assert names(harbour.master.end_shift(finish=False, timeout=0)) == [1]
    assert not harbour.master.join(0)
    assert not harbour.master.join(0.001)
    assert not task.done()
    harbour.gate.set()
    assert harbour.master.join(LIMIT)
    assert (task.done(), queued.cancelled(), harbour.stored) == (True, True, ["busy"])


def test_ctrl_c_ends_the_wait_and_not_the_shift() -> None:
    harbour = Harbour()
    harbour.master.start_shift()
    harbour.busy()
    harbour.post(1)

    def interrupt() -> None:
        harbour.wait_for_the_end_to_begin()
        os.kill(os.getpid(), signal.SIGINT)

    thread, _ = harbour.in_thread(interrupt)
    with pytest.raises(KeyboardInterrupt):
        harbour.master.end_shift()
    thread.join(LIMIT)
    harbour.gate.set()
    assert harbour.master.end_shift() == []
    assert harbour.stored == ["busy", 1]


def test_a_finalizer_may_post() -> None:
    harbour = Harbour()

    class Posts:
        def __del__(self) -> None:
            harbour.post("late")

    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        with harbour.master:
            for number in range(50):
                cycle: list[object] = [Posts()]
                cycle.append(cycle)
                del cycle
                harbour.post(number)
    finally:
        gc.set_threshold(*threshold)
    gc.collect()
    with harbour.master:
        pass
    assert Counter(harbour.stored) == Counter({**dict.fromkeys(range(50), 1), "late": 50})


def test_others_posts_during_the_end_are_held_for_the_next_shift() -> None:
    harbour = Harbour()
    harbour.master.start_shift()
    harbour.busy()
    thread, _ = harbour.in_thread(harbour.master.end_shift)
    harbour.wait_for_the_end_to_begin()
    task = harbour.post("late")
    assert names(harbour.master.held_jobs) == ["late"]
    starter, _ = harbour.in_thread(harbour.master.start_shift)  # waits for the end
    harbour.gate.set()
    thread.join(LIMIT)
    starter.join(LIMIT)
    assert task.result(LIMIT).results == "late"
    assert harbour.master.end_shift() == []
    assert harbour.stored == ["busy", "late"]


@pytest.mark.parametrize("where", ["job", "storage"])
def test_end_shift_from_inside_does_not_wait_for_itself(where: str) -> None:
    harbour = Harbour()
    harbour.master.start_shift()
    refused: list[str] = []

    def end(job: Job | None = None) -> None:
        assert harbour.master.end_shift(timeout=LIMIT) == []
        for call in (harbour.master.join, harbour.master.start_shift):
            try:
                call()
            except RuntimeError as error:
                refused.append(str(error))

    harbour.busy()
    task = harbour.master.post_job(Job(end if where == "job" else int), ignore if where == "job" else end)
    last = harbour.post("last")
    harbour.gate.set()
    assert task.result(LIMIT).error is None
    assert harbour.master.join(LIMIT)
    assert last.result(LIMIT).results == "last"
    assert len(refused) == 2
    assert all("wait for itself" in text for text in refused)
    with harbour.master:
        harbour.post("again")
    assert harbour.stored == ["busy", "last", "again"]


def test_cancelling_the_task_withdraws_the_job() -> None:
    harbour = Harbour()
    held = harbour.post("held")
    assert held.cancel()
    assert harbour.master.held_jobs == []
    ran: list[int] = []
    with harbour.master:
        running = harbour.busy()
        queued = harbour.master.post_job(Job(lambda: ran.append(1)), ignore)
        assert queued.cancel()
        assert running.cancel()  # it has begun: only its storage is withdrawn
        harbour.gate.set()
    assert (ran, harbour.stored) == ([], [])


def test_a_job_lost_to_a_stranger_who_stops_all_pools_is_cancelled_not_forgotten() -> None:
    harbour = Harbour()
    harbour.master.start_shift()
    harbour.busy()
    queued = harbour.post(1)
    ships = ThreadPool.get_pool_by_name(f"dockmaster-{harbour.master._number}-ships")
    assert ships is not None
    ships.stop()
    assert queued.cancelled()
    harbour.gate.set()
    assert harbour.master.end_shift(timeout=LIMIT) == []
    assert harbour.master.join(0)
    assert harbour.stored == ["busy"]


def test_a_result_is_stored_though_a_stranger_closed_all_pools(caplog: pytest.LogCaptureFixture) -> None:
    harbour = Harbour()
    harbour.master.start_shift()
    task = harbour.busy()
    clerk = ThreadPool.get_pool_by_name(f"dockmaster-{harbour.master._number}-clerk")
    assert clerk is not None
    assert clerk.join(LIMIT)
    with caplog.at_level(logging.ERROR, "windlass"):
        harbour.gate.set()
        assert task.result(LIMIT).results == "busy"
    assert "no clerk" in caplog.records[0].getMessage()
    assert harbour.master.end_shift() == []
    with harbour.master:
        harbour.post("again")
    assert harbour.stored == ["busy", "again"]


@pytest.mark.stress
@pytest.mark.slow
def test_shifts_that_begin_and_end_while_eight_threads_post_lose_nothing() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    harbour = Harbour(3)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    posting = True
    handed: list[object] = []

    def post(me: int) -> None:
        for number in range(100):
            harbour.post((me, number))

    def command(coin: random.Random) -> None:
        while posting:
            if coin.random() < 0.5:
                harbour.master.start_shift()
            else:
                handed.extend(names(harbour.master.end_shift(finish=coin.random() < 0.5)))

    try:
        posters = [threading.Thread(target=post, args=(me,)) for me in range(8)]
        coins = [random.Random(chance.random()) for _ in range(3)]
        commanders = [threading.Thread(target=command, args=(coin,)) for coin in coins]
        for thread in posters + commanders:
            thread.start()
        for thread in posters:
            thread.join(60)
        posting = False
        for thread in commanders:
            thread.join(60)
    finally:
        sys.setswitchinterval(interval)
    with harbour.master:
        pass
    counts = Counter([*harbour.stored, *handed])
    assert counts == Counter((me, number) for me in range(8) for number in range(100))
