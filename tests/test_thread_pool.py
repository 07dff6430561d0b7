"""ThreadPool: submit and its keywords, counters, states, the end in all its forms, the registry."""

import functools
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from windlass import BrokenPool, PoolClosed, Task, TaskCancelled, ThreadPool

LIMIT = 10


class Blocker:
    """A task that says when it has started and ends when it may."""

    def __init__(self, pool: ThreadPool, **keywords: Any) -> None:
        self._started, self._go = threading.Event(), threading.Event()
        self.task = pool.submit(self._run, **keywords)
        assert self._started.wait(LIMIT)

    def _run(self) -> str:
        self._started.set()
        assert self._go.wait(LIMIT)
        return "released"

    def release(self) -> None:
        self._go.set()


def give_back(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return args, kwargs


# ---- submit ----


def test_submit_passes_arguments_through() -> None:
    with ThreadPool(2) as pool:
        assert pool.submit(give_back).result(LIMIT) == ((), {})
        assert pool.submit(give_back, 1, x=2).result(LIMIT) == ((1,), {"x": 2})
        assert pool.submit(give_back, self=1, fn=2, args=3, kwargs=4, task=5).result(LIMIT) == (
            (),
            {"self": 1, "fn": 2, "args": 3, "kwargs": 4, "task": 5},
        )
        partial = functools.partial(give_back, 1, x=2)
        assert pool.submit(partial, 3, y=4).result(LIMIT) == ((1, 3), {"x": 2, "y": 4})


def test_submit_takes_its_own_keywords_out() -> None:
    with ThreadPool(1) as pool:
        task = pool.submit(
            give_back,
            submit_task_priority=3,
            submit_task_timeout=5,
            submit_task_nowait=True,
            submit_task_autospawn=True,
            mine=1,
        )
        assert task.result(LIMIT) == ((), {"mine": 1})
        assert task.priority == 3
        assert isinstance(task, Task)


def test_lower_priority_runs_first_and_equals_in_order() -> None:
    order: list[object] = []
    with ThreadPool(1) as pool:
        blocker = Blocker(pool)
        for priority in (20, 5, 10, 5, 0.5, -1, True):
            pool.submit(order.append, priority, submit_task_priority=priority)
        pool.submit(order.append, "default")
        pool.options(priority=5).submit(order.append, "third five")
        pool.submit(Task(order.append, ("task",), priority=4))
        blocker.release()
    assert order == [-1, 0.5, True, "task", 5, 5, "third five", 10, "default", 20]


def test_autospawn_false_starts_no_worker() -> None:
    with ThreadPool(2) as pool:
        task = pool.submit(int, submit_task_autospawn=False)
        assert (pool.num_workers, pool.num_queued_tasks, pool.needs_workers) == (0, 1, True)
        assert pool.state == "INACTIVE"
        assert pool.add_worker()
        assert task.result(LIMIT) == 0


def test_task_may_be_submitted_once_only() -> None:
    with ThreadPool(1) as pool:
        blocker, task = Blocker(pool), Task(int)
        pool.submit(task)
        with pytest.raises(ValueError, match="PENDING"):
            pool.submit(task)
        with pytest.raises(TypeError, match="arguments"):
            pool.submit(Task(int), 5)
        blocker.release()
        assert task.result(LIMIT) == 0
        with pytest.raises(ValueError, match="FINISHED"):
            pool.submit(task)


def test_pool_begins_with_its_tasks() -> None:
    tasks = [Task(abs, (number,)) for number in (-1, -2)]
    with ThreadPool(1, tasks=tasks) as pool:
        assert [task.result(LIMIT) for task in tasks] == [1, 2]
        assert pool.statistics().submitted == 2


# ---- counters and states ----


def test_counters_follow_the_work() -> None:
    pool = ThreadPool(1)
    assert (pool.state, pool.has_tasks, pool.has_workers, pool.is_idle, pool.is_active) == (
        "INACTIVE",
        False,
        False,
        True,
        False,
    )
    blocker = Blocker(pool, submit_task_priority=7)
    queued = pool.submit(int)
    assert (pool.state, pool.is_active, pool.is_idle, pool.has_tasks) == ("ACTIVE", True, False, True)
    assert (pool.num_queued_tasks, pool.num_active_tasks, pool.unfinished_tasks) == (1, 1, 2)
    assert (pool.num_workers, pool.active_workers, pool.inactive_workers) == (1, 1, 0)
    assert pool.highest_priority == 7
    assert not pool.needs_workers  # no more are allowed
    assert [worker.is_active for worker in pool.workers] == [True]
    pool.close()
    assert pool.state == "STOPPING"
    blocker.release()
    assert pool.join(LIMIT)
    assert queued.result(0) == 0
    assert (pool.state, pool.workers, pool.num_workers, pool.has_tasks) == ("STOPPED", [], 0, False)
    assert pool.highest_priority == 0


def test_statistics_account_for_every_task() -> None:
    with ThreadPool(1) as pool:
        blocker = Blocker(pool)
        failing, gone = pool.submit(int, "x"), pool.submit(int)
        pool.submit(int)
        gone.cancel()
        now = pool.statistics()
        assert (now.workers, now.queued, now.running, now.submitted) == (1, 2, 1, 4)
        assert (now.done, now.failed, now.cancelled) == (0, 0, 1)
        blocker.release()
        assert pool.wait_completion(LIMIT)
        now = pool.statistics()
    assert (now.queued, now.running, now.submitted) == (0, 0, 4)
    assert (now.done, now.failed, now.cancelled) == (2, 1, 1)
    times = [failing.run_time, blocker.task.run_time]
    assert now.run_max == max(time for time in times if time is not None)
    assert now.run_total >= now.run_max > 0
    assert now.wait_total >= now.wait_max > 0
    assert now.run_mean == pytest.approx(now.run_total / 3)
    assert now.wait_mean == pytest.approx(now.wait_total / 3)
    with pytest.raises(AttributeError):
        now.done = 5  # type: ignore[misc]


# ---- waiting and the end ----


def test_wait_completion_times_out_and_the_work_goes_on() -> None:
    with ThreadPool(1) as pool:
        blocker = Blocker(pool)
        assert not pool.wait_completion(0)
        assert not pool.wait_completion(0.01)
        blocker.release()
        assert pool.wait_completion(LIMIT)
        assert pool.wait_completion(0)
        assert pool.submit(int).result(LIMIT) == 0


@pytest.mark.parametrize("end", [ThreadPool.join, ThreadPool.shutdown, ThreadPool.__exit__])
def test_every_orderly_end_finishes_the_queue(end: Callable[..., object]) -> None:
    pool, ran = ThreadPool(1), []
    tasks = [pool.submit(ran.append, number) for number in range(50)]
    end(pool)
    assert ran == list(range(50))
    assert all(task.done() for task in tasks)
    assert pool.state == "STOPPED"
    assert not pool.workers


@pytest.mark.parametrize("used", [False, True])
def test_closed_pool_refuses_every_kind_of_submit(used: bool) -> None:
    pool = ThreadPool(1)
    if used:
        pool.submit(int)
    assert pool.shutdown()
    calls: list[Callable[[], object]] = [
        lambda: pool.submit(int),
        lambda: pool.map(int, [((), None)]),
        lambda: pool.submit_many(int, [1]),
        lambda: list(pool.imap(int, [1])),
        lambda: pool.options(name="n").submit(int),
    ]
    for call in calls:
        with pytest.raises(PoolClosed, match="after shutdown"):
            call()
        with pytest.raises(RuntimeError):
            call()
    assert not pool.add_worker()
    assert pool.num_queued_tasks == 0
    assert pool.shutdown()
    assert pool.join(LIMIT)
    assert pool.stop() == []


def test_shutdown_with_cancel_futures_cancels_what_waits() -> None:
    pool = ThreadPool(1)
    blocker = Blocker(pool)
    waiting = [pool.submit(int) for _ in range(10)]
    assert not pool.shutdown(wait=False, cancel_futures=True)
    assert all(task.cancelled() for task in waiting)
    with pytest.raises(TaskCancelled):
        waiting[0].result(0)
    blocker.release()
    assert pool.join(LIMIT)
    assert blocker.task.result(0) == "released"


def test_shutdown_without_wait_lets_the_work_finish() -> None:
    pool = ThreadPool(1)
    blocker, waiting = Blocker(pool), pool.submit(int)
    assert not pool.shutdown(wait=False)
    assert not waiting.done()
    blocker.release()
    assert waiting.result(LIMIT) == 0
    assert pool.shutdown(timeout=LIMIT)


def test_shutdown_timeout_and_the_pools_own() -> None:
    pool = ThreadPool(1, timeout=0.01)
    blocker = Blocker(pool)
    assert not pool.shutdown(timeout=0)
    assert not pool.shutdown()
    assert not pool.join()
    assert not pool.join(0.01)
    blocker.release()
    assert pool.shutdown(timeout=LIMIT)


def test_unsafe_shutdown_drops_the_queue_and_does_not_wait() -> None:
    pool = ThreadPool(1)
    blocker, waiting = Blocker(pool), pool.submit(int)
    assert not pool.shutdown(unsafe=True)
    assert waiting.cancelled()
    blocker.release()
    assert pool.join(LIMIT)


def test_stop_returns_what_it_cancelled() -> None:
    pool = ThreadPool(1)
    blocker = Blocker(pool)
    late, early = pool.submit(int), pool.submit(int, submit_task_priority=1)
    gone = pool.submit(int)
    gone.cancel()
    assert pool.stop() == [early, late]
    blocker.release()
    assert pool.join(LIMIT)
    assert pool.statistics().cancelled == 3


@pytest.mark.parametrize("name", ["join", "shutdown", "wait_completion"])
def test_worker_cannot_wait_for_its_own_pool(name: str) -> None:
    with ThreadPool(1) as pool:
        with pytest.raises(RuntimeError, match="worker"):
            pool.submit(getattr(pool, name)).result(LIMIT)
        with pytest.raises(RuntimeError, match="worker"):
            pool.submit(Task(getattr(pool, name))).result(LIMIT)
        assert pool.submit(int).result(LIMIT) == 0


def test_task_may_shut_its_pool_down_without_waiting() -> None:
    pool = ThreadPool(1)
    task = pool.submit(lambda: pool.shutdown(wait=False))
    assert task.result(LIMIT) is False
    with pytest.raises(PoolClosed):
        pool.submit(int)
    assert pool.join(LIMIT)


@pytest.mark.stress
def test_shutdown_from_many_threads_ends_for_all() -> None:
    pool, start = ThreadPool(2), threading.Barrier(20)
    tasks = pool.submit_many(abs, range(1_000))
    answers: list[bool] = []

    def end() -> None:
        start.wait(LIMIT)
        answers.append(pool.shutdown())

    threads = [threading.Thread(target=end) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert answers == [True] * 20
    assert all(task.done() for task in tasks)


# ---- initializer ----


def test_initializer_runs_once_on_each_worker() -> None:
    local, calls = threading.local(), []

    def prepare(value: int) -> None:
        local.value = value
        calls.append(threading.current_thread())

    with ThreadPool(2, initializer=prepare, initargs=(5,)) as pool:
        together = threading.Barrier(2)
        tasks = [pool.submit(lambda: (together.wait(LIMIT), local.value)[1]) for _ in range(2)]
        assert [task.result(LIMIT) for task in tasks] == [5, 5]
        assert pool.submit(lambda: local.value).result(LIMIT) == 5
    assert len(calls) == len(set(calls)) == 2


@pytest.mark.parametrize("error", [ValueError("init"), SystemExit(1)], ids=["ValueError", "SystemExit"])
def test_failing_initializer_breaks_the_pool(error: BaseException) -> None:
    go = threading.Event()

    def prepare() -> None:
        go.wait(LIMIT)
        raise error

    pool = ThreadPool(1, initializer=prepare)
    tasks = [pool.submit(int) for _ in range(5)]
    go.set()
    for task in tasks:
        with pytest.raises(BrokenPool) as caught:
            task.result(LIMIT)
        assert caught.value.__cause__ is error
    with pytest.raises(BrokenPool):
        pool.submit(int)
    assert pool.shutdown(timeout=LIMIT)
    assert not pool.has_tasks


# ---- registry ----


def test_pools_are_found_by_name() -> None:
    name = str(uuid.uuid4())
    with ThreadPool(1, name=name) as first, ThreadPool(1, name=name) as second, ThreadPool(1) as other:
        assert ThreadPool.get_pool_by_name(name) is first
        assert ThreadPool.get_pools(name) == [first, second]
        assert {first, second, other} <= set(ThreadPool.get_pools())
        assert other.name == other.uuid
        assert ThreadPool.get_pool_by_name(other.uuid) is other
        ThreadPool.register_pool(first)
        assert ThreadPool.get_pools(name) == [first, second]
        assert name in repr(first)
    assert ThreadPool.get_pool_by_name("no such pool") is None
    with pytest.raises(TypeError):
        ThreadPool.register_pool(5)


def test_dropped_pool_leaves_the_registry() -> None:
    name = str(uuid.uuid4())
    pool = ThreadPool(1, name=name)
    del pool
    assert ThreadPool.get_pools(name) == []


def test_join_pools_ends_them_all() -> None:
    pools = [ThreadPool(1) for _ in range(3)]
    tasks = [pool.submit(int) for pool in pools]
    assert ThreadPool.join_pools(LIMIT)
    assert all(task.done() for task in tasks)
    assert {pool.state for pool in pools} == {"STOPPED"}
