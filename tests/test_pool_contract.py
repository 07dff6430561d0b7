"""What every pool does alike: the same tests over threads and processes."""

import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from process_calls import LIMIT, Gate, add, fail, raise_, same
from windlass import (
    BrokenPool,
    PoolClosed,
    PoolFull,
    Priority,
    ProcessPool,
    Task,
    TaskCancelled,
    ThreadPool,
    WaitTimeout,
    as_completed,
    wait,
)

Make = Callable[..., Any]


@pytest.fixture(params=[ThreadPool, ProcessPool], ids=["threads", "processes"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    pools: list[Any] = []

    def make_pool(*args: Any, **kwargs: Any) -> Any:
        pools.append(request.param(*args, **kwargs))
        return pools[-1]

    yield make_pool
    for pool in pools:
        pool.shutdown(unsafe=True, timeout=LIMIT)
        assert pool.join(LIMIT)


def test_a_call_returns_its_value(make: Make) -> None:
    pool = make(2)
    task = pool.submit(add, 1, b=2)
    assert isinstance(task, Task)
    assert task.result(LIMIT) == 3
    assert task.done()
    assert not task.cancelled()
    assert task.wait_time is not None
    assert task.run_time is not None
    assert (task.fn, task.args, task.kwargs) == (None, None, None)


def test_a_call_raises_its_own_exception(make: Make) -> None:
    task = make(1).submit(fail, "so it was")
    with pytest.raises(ValueError, match="so it was"):
        task.result(LIMIT)


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, BaseException, GeneratorExit])
def test_what_is_no_exception_is_an_outcome_too(make: Make, kind: type[BaseException]) -> None:
    pool = make(1)
    assert isinstance(pool.submit(raise_, kind(7)).exception(LIMIT), kind)
    assert pool.submit(same, 1).result(LIMIT) == 1


def test_a_task_made_by_hand_runs_once(make: Make) -> None:
    pool = make(1)
    task = Task(add, (4,), {"b": 5}, name="sum")
    assert pool.submit(task) is task
    assert task.result(LIMIT) == 9
    with pytest.raises(ValueError, match="submitted before"):
        pool.submit(task)


def test_map_submit_many_and_imap(make: Make) -> None:
    pool = make(2)
    assert [t.result(LIMIT) for t in pool.map(add, [((1,), None), ((2,), {"b": 5})])] == [2, 7]
    assert [t.result(LIMIT) for t in pool.submit_many(add, range(500))] == list(range(1, 501))
    assert list(pool.imap(add, range(2_000))) == list(range(1, 2_001))
    assert sorted(pool.imap(add, range(2_000), ordered=False)) == list(range(1, 2_001))


def test_imap_goes_on_after_an_item_that_raises(make: Make) -> None:
    values = make(2).imap(add, [1, "x", 3], chunksize=3)
    assert next(values) == 2
    with pytest.raises(TypeError):
        next(values)
    assert next(values) == 4


def test_imap_reads_a_bounded_stretch_ahead(make: Make, gate: Gate) -> None:
    read: list[int] = []

    def source() -> Iterator[int]:
        for item in range(1_000):
            read.append(item)
            yield item

    values = make(2).imap(gate.pass_through, source(), chunksize=1)
    gate.wait_for_arrival(2)
    assert len(read) <= 2 * 2 + 1
    gate.let_go(64)  # a later item may be quicker than the first
    assert next(values) == 0
    values.close()


def test_urgent_tasks_go_first(make: Make, gate: Gate) -> None:
    pool = make(1)
    pool.submit(gate.pass_through)
    gate.wait_for_arrival()
    order: list[str] = []
    tasks = []
    for name, priority in (("low", Priority.LOW), ("high", Priority.HIGH), ("normal", Priority.NORMAL)):
        task = pool.options(priority=priority).submit(same, name)
        task.add_done_callback(lambda t: order.append(t.result()))
        tasks.append(task)
    gate.let_go()
    assert pool.wait_completion(LIMIT)
    assert order == ["high", "normal", "low"]


def test_a_waiting_task_can_be_cancelled_and_a_running_one_says_no(make: Make, gate: Gate) -> None:
    pool = make(1)
    running = pool.submit(gate.pass_through, "ran")
    gate.wait_for_arrival()
    waiting = pool.submit(same)
    assert (pool.num_active_tasks, pool.num_queued_tasks) == (1, 1)
    assert waiting.cancel()
    assert not running.cancel()
    gate.let_go()
    assert running.result(LIMIT) == "ran"
    with pytest.raises(TaskCancelled):
        waiting.result(LIMIT)


def test_waiting_has_a_limit(make: Make, gate: Gate) -> None:
    pool = make(1)
    task = pool.submit(gate.pass_through)
    gate.wait_for_arrival()
    with pytest.raises(WaitTimeout):
        task.result(0.01)
    assert not pool.wait_completion(0.01)
    assert not pool.join(0.01)
    gate.let_go()
    assert pool.join(LIMIT)


def test_a_bounded_queue_rejects(make: Make, gate: Gate) -> None:
    pool = make(1, max_queue=1, rejection="reject")
    pool.submit(gate.pass_through)
    gate.wait_for_arrival()
    kept = pool.submit(same, 1)
    with pytest.raises(PoolFull):
        pool.submit(same, 2)
    gate.let_go()
    assert kept.result(LIMIT) == 1


def test_a_bounded_queue_blocks_until_there_is_room(make: Make) -> None:
    pool = make(2, max_queue=2)
    tasks = [pool.submit(add, at) for at in range(200)]
    assert [task.result(LIMIT) for task in tasks] == list(range(1, 201))


def test_options_of_a_submitter(make: Make) -> None:
    got: list[int] = []
    semaphore = threading.Semaphore(1)
    submitter = make(2).options(callback_func=got.append, semaphore=semaphore, store_return=False, name="named")
    tasks = [submitter.submit(add, at) for at in range(20)]
    assert [task.result(LIMIT) for task in tasks] == [None] * 20
    assert sorted(got) == list(range(1, 21))
    assert tasks[0].name == "named"
    assert semaphore.acquire(timeout=LIMIT)


def test_a_deadline_that_has_passed(make: Make) -> None:
    with pytest.raises(WaitTimeout, match="deadline"):
        make(1).options(deadline=0.0).submit(same).result(LIMIT)


def test_as_completed_and_wait(make: Make) -> None:
    pool = make(2)
    tasks = pool.submit_many(add, range(50))
    assert {task.result() for task in as_completed(tasks, LIMIT)} == set(range(1, 51))
    assert wait(tasks, LIMIT).not_done == set()


def test_counts_are_kept(make: Make) -> None:
    pool = make(2)
    tasks = pool.submit_many(add, range(10))
    assert pool.submit(fail).exception(LIMIT) is not None
    wait(tasks, LIMIT)
    assert pool.wait_completion(LIMIT)
    statistics = pool.statistics()
    assert (statistics.submitted, statistics.done, statistics.failed) == (11, 10, 1)
    assert (statistics.queued, statistics.running) == (0, 0)
    assert 1 <= statistics.workers <= 2


def test_the_end_runs_what_waits_and_takes_no_more(make: Make) -> None:
    pool = make(1)
    tasks = pool.submit_many(add, range(20))
    assert pool.shutdown()
    assert pool.state == "STOPPED"
    assert [task.result(0) for task in tasks] == list(range(1, 21))
    with pytest.raises(PoolClosed):
        pool.submit(same)


def test_stop_cancels_what_waits(make: Make, gate: Gate) -> None:
    pool = make(1)
    running = pool.submit(gate.pass_through, 1)
    gate.wait_for_arrival()
    waiting = [pool.submit(same) for _ in range(3)]
    assert set(pool.stop()) == set(waiting)
    gate.let_go()
    assert running.result(LIMIT) == 1
    assert pool.join(LIMIT)


def test_an_initializer_that_raises_breaks_the_pool(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    pool = make(2, initializer=fail, initargs=("not today",))
    task = pool.submit(same)
    error = task.exception(LIMIT)
    assert isinstance(error, BrokenPool)
    assert isinstance(error.__cause__, ValueError)
    with pytest.raises(BrokenPool):
        pool.submit(same)
    assert "initializer" in caplog.text


def test_workers_come_and_go(make: Make) -> None:
    pool = make(3, prepopulate=1)
    assert pool.num_workers == 1
    assert pool.add_worker()
    assert pool.submit(same, 5).result(LIMIT) == 5
    assert pool.remove_worker(timeout=LIMIT)
    assert pool.set_max_workers(1) == 1
    assert pool.submit(same, 6).result(LIMIT) == 6


def test_the_registry_knows_it(make: Make) -> None:
    pool = make(1, name="a name of its own")
    assert type(pool).get_pool_by_name("a name of its own") is pool
    other = ProcessPool if type(pool) is ThreadPool else ThreadPool
    assert other.get_pool_by_name("a name of its own") is None


def test_callbacks_may_submit(make: Make) -> None:
    pool = make(1)
    second: list[Task[int]] = []
    both = threading.Event()

    def go_on(task: Task[int]) -> None:
        second.append(pool.submit(add, task.result()))
        both.set()

    pool.submit(add, 1).add_done_callback(go_on)
    assert both.wait(LIMIT)
    assert second[0].result(LIMIT) == 3


@pytest.mark.parametrize("kwargs", [{"max_workers": 0}, {"max_queue": -1}, {"rejection": "no"}, {"initializer": 5}])
def test_bad_arguments_are_refused_at_once(make: Make, kwargs: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        make(**kwargs)


def test_an_ended_task_pickles(make: Make) -> None:
    task = make(1).submit(add, 1)
    task.result(LIMIT)
    assert pickle.loads(pickle.dumps(task)).result(0) == 2
