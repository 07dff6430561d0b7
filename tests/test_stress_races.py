"""Races between two calls: each pair many times, with one of the allowed outcomes every time."""

import ctypes
import random
import threading
import time
from functools import partial
from typing import Any

import pytest

from waiting import run_threads, until
from windlass import Task, ThreadPool
from windlass.pools.crew import PoolWorker


@pytest.mark.slow
@pytest.mark.stress
def test_submit_racing_shutdown_raises_or_resolves() -> None:
    for turn in range(200):
        pool = ThreadPool(2)
        accepted: list[Task[int]] = []
        answers: list[bool] = []

        def submit(at: int, pool: ThreadPool = pool, accepted: Any = accepted, answers: Any = answers) -> None:
            if at == 7:
                answers.append(pool.shutdown(timeout=20))
                return
            try:
                for number in range(4):
                    accepted.append(pool.submit(int, number))
            except RuntimeError:
                pass

        run_threads(*(partial(submit, at) for at in range(8)))
        assert answers == [True]
        for task in accepted:
            assert task.result(10) in range(4), turn
        assert (pool.unfinished_tasks, pool.num_workers) == (0, 0)


@pytest.mark.slow
@pytest.mark.stress
@pytest.mark.usefixtures("switch_often")
def test_cancel_racing_start_has_one_winner() -> None:
    rounds, each = 200, 100
    ran = [0] * (rounds * each)
    cancelled = [False] * len(ran)

    def run(number: int) -> None:
        ran[number] += 1

    with ThreadPool(2) as pool:
        for first in range(0, len(ran), each):
            tasks = pool.submit_many(run, range(first, first + each))
            for at in reversed(range(each)):  # the workers come from the other end
                cancelled[first + at] = tasks[at].cancel()
        assert pool.wait_completion(20)
    assert [bool(n) for n in ran] == [not c for c in cancelled]
    assert max(ran) == 1
    assert 0 < sum(cancelled) < len(ran), "they never met"
    counts = pool.statistics()
    assert (counts.cancelled, counts.done) == (sum(cancelled), sum(ran))


@pytest.mark.slow
def test_timeout_racing_result_gives_either() -> None:
    rng = random.Random(3)
    with ThreadPool(2) as pool:
        for number in range(3_000):
            limit = rng.random() * 1e-4
            wait = rng.random() * 1e-4
            task = pool.submit(lambda number=number, wait=wait: (time.sleep(wait), number)[1])
            try:
                assert task.result(limit) == number
            except TimeoutError:
                assert task.result(10) == number


@pytest.mark.slow
@pytest.mark.stress
def test_resize_under_load_loses_nothing() -> None:
    rng = random.Random(4)
    with ThreadPool(4) as pool:
        tasks: list[Task[int]] = []
        stop = threading.Event()

        def act(at: int) -> None:
            if at == 0:
                for _ in range(150):
                    pool.set_max_workers(rng.randint(1, 16))
                    time.sleep(0.001)
                stop.set()
                return
            while not stop.is_set():
                for _ in range(100):
                    tasks.append(pool.submit(int, len(tasks)))
                assert tasks[-1].wait(10)

        run_threads(*(partial(act, at) for at in range(2)))
        assert [task.result(10) for task in tasks] == list(range(len(tasks)))
        assert pool.set_max_workers(2) == 2
        assert pool.wait_completion(10)


@pytest.mark.slow
@pytest.mark.stress
def test_workers_that_leave_all_the_time_leave_no_task_behind() -> None:
    with ThreadPool(2, idle_timeout=1e-5) as pool:

        def burst(at: int) -> None:
            for turn in range(300):
                tasks = [pool.submit(int, number) for number in range(1 + turn % 5)]
                assert [task.result(10) for task in tasks] == list(range(len(tasks)))

        run_threads(*(partial(burst, at) for at in range(4)))
        assert pool.wait_completion(10)


def test_remove_worker_leaves_queued_tasks_to_somebody() -> None:
    with ThreadPool(1) as pool:
        gate = threading.Event()
        first = pool.submit(gate.wait, 10)
        second = pool.submit(int, "7")
        assert not pool.remove_worker(timeout=0)
        gate.set()
        assert first.result(10)
        assert second.result(10) == 7


def test_worker_that_is_retired_wakes_its_waiter_first() -> None:
    pool = ThreadPool(2)
    gate, seen = threading.Event(), threading.Event()

    def end_of_service() -> int:
        gate.wait(10)
        pool._crew.retire(1)
        return 5

    task = pool.submit(end_of_service)
    waiter = threading.Thread(target=lambda: task.result() == 5 and seen.set(), daemon=True)
    waiter.start()
    time.sleep(0.05)  # lets it fall asleep, the case that matters; either way it must wake
    gate.set()
    assert seen.wait(10), "result() without a timeout was never woken"
    assert pool.shutdown(timeout=10)


@pytest.mark.parametrize("many", [False, True], ids=["submit", "submit_many"])
def test_burst_on_idle_workers_starts_as_many_more_as_it_needs(many: bool) -> None:
    with ThreadPool(4) as pool:
        two, four = threading.Barrier(2), threading.Barrier(4)
        for task in [pool.submit(two.wait, 10) for _ in range(2)]:
            task.result(10)
        until(lambda: pool.inactive_workers == 2)
        tasks = pool.submit_many(four.wait, [10] * 4) if many else [pool.submit(four.wait, 10) for _ in range(4)]
        assert sorted(task.result(10) for task in tasks) == [0, 1, 2, 3]  # they meet: four ran at once


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_start_that_fails_leaves_nothing_half_done(error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    pool, ran, task = ThreadPool(1), [], Task(int)

    def refuse(_: PoolWorker) -> None:
        raise error("no thread")

    with monkeypatch.context() as patch:
        patch.setattr(PoolWorker, "start", refuse)
        with pytest.raises(error):
            pool.submit(ran.append, 1)
    assert (pool.num_workers, pool.unfinished_tasks, pool.num_queued_tasks) == (0, 0, 0)

    def cancel_and_refuse(_: PoolWorker) -> None:
        task.cancel()
        raise RuntimeError("no thread")

    with monkeypatch.context() as patch:
        patch.setattr(PoolWorker, "start", cancel_and_refuse)
        with pytest.raises(RuntimeError):
            pool.submit(task)
    assert (pool.num_workers, pool.unfinished_tasks, pool.num_queued_tasks) == (0, 0, 0)
    assert pool.submit(int, "3").result(10) == 3
    assert ran == []
    assert pool.shutdown(timeout=10)


@pytest.mark.slow
@pytest.mark.stress
@pytest.mark.usefixtures("switch_often")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_async_exceptions_in_workers_lose_nothing() -> None:
    class Shot(BaseException):
        pass

    inject = ctypes.pythonapi.PyThreadState_SetAsyncExc
    inject.argtypes = (ctypes.c_ulong, ctypes.py_object)
    # Threads inside a call. An exception between two calls would hit CPython's own code, or a thread that has got the
    # identity of one that ended: so nobody leaves a call while somebody aims.
    busy: set[int] = set()
    aim = threading.Lock()
    hits: list[int] = []

    def work(number: int) -> int:
        busy.add(threading.get_ident())
        try:
            total = 0
            for _ in range(300):
                total += 1
            return total
        except Shot:
            hits.append(number)
            raise
        finally:
            with aim:
                busy.discard(threading.get_ident())

    pool = ThreadPool(4, thread_name_prefix="target")
    tasks: list[Task[int]] = []
    stop = threading.Event()

    def act(at: int) -> None:
        if at == 0:
            while not stop.is_set():
                tasks.extend(pool.submit_many(work, range(20)))
                tasks[-1].wait(10)
            return
        deadline = time.monotonic() + 2
        while not hits or (len(hits) < 100 and time.monotonic() < deadline):
            with aim:
                for ident in list(busy):
                    busy.discard(ident)  # one shot a call
                    inject(ident, Shot)
            time.sleep(1e-5)
        stop.set()

    run_threads(*(partial(act, at) for at in range(2)))
    for task in tasks:
        assert task.wait(10), "a task was lost with its worker"
        error = task.exception()
        assert error is None or isinstance(error, Shot)
    assert pool.submit(int, "4").result(10) == 4
    assert pool.wait_completion(10)
    assert pool.unfinished_tasks == 0
    assert pool.shutdown(timeout=10)
    for thread in threading.enumerate():  # one that was killed reports it as its last act
        if thread.name.startswith("target"):
            thread.join(10)
