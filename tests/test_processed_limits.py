"""Limits of processed functions and of tasks of process pools: counted in the parent, waited for by no thread."""

import threading
from typing import Any

import pytest

from process_calls import Gate, add, die, hang, same
from waiting import until
from windlass import Limit, Limiter, Processed, ProcessPool, TaskTimeout, WorkerDied

LIMIT = 20


FORMS = {
    "below": lambda limit, f: Processed(pool=True, _pool_max_workers=3)(Limiter(limit)(f)),
    "below, passing": lambda limit, f: Processed(pool=True, _pool_max_workers=3)(Limiter(limit, blocking=False)(f)),
    "above, passing": lambda limit, f: Limiter(limit, blocking=False)(Processed(pool=True, _pool_max_workers=3)(f)),
}


def pass_through(gate: Gate, value: int) -> int:
    return int(gate.pass_through(value))


@pytest.mark.parametrize("form", FORMS)
def test_no_more_calls_run_than_the_limit_lets(gate: Gate, form: str) -> None:
    limit = Limit(2)
    call: Any = FORMS[form](limit, pass_through)
    tasks = [call(gate, number) for number in range(5)]
    for ended in range(5):
        if ended < 4:
            gate.wait_for_arrival(2 if ended == 0 else 1)
        until(lambda: limit.free == (0 if ended < 4 else 1))  # noqa: B023  # given back after the end
        assert sum(task.running() for task in tasks) == min(2, 5 - ended)
        gate.let_go()
        until(lambda: sum(task.done() for task in tasks) == ended + 1)  # noqa: B023  # called before the next round
    assert sorted(task.result(LIMIT) for task in tasks) == list(range(5))
    until(lambda: limit.free == 2)


def test_a_limiter_above_waits_in_the_caller_until_the_task_ends(gate: Gate) -> None:
    call = Limiter(1)(Processed(pass_through))
    first = call(gate, 1)
    gate.wait_for_arrival()
    second: list[Any] = []
    caller = threading.Thread(target=lambda: second.append(call(gate, 2)))
    caller.start()
    assert not second
    gate.let_go(2)
    caller.join(LIMIT)
    assert (first.result(LIMIT), second[0].result(LIMIT)) == (1, 2)


def test_tasks_that_wait_for_their_limit_keep_no_worker_from_others() -> None:
    limit = Limit(1)
    limit.acquire()
    with ProcessPool(1) as pool:
        held = [pool.options(semaphore=limit).submit(add, number) for number in range(20)]
        until(lambda: limit.held == 20)
        assert pool.submit(add, 1).result(LIMIT) == 2
        assert pool.num_queued_tasks == 20
        limit.release()
        assert [task.result(LIMIT) for task in held] == list(range(1, 21))
    assert limit.free == 1


def test_a_pool_lifts_the_limit_of_a_function() -> None:
    limit = Limit(1)
    limited = Limiter(limit)(add)
    limit.acquire()
    with ProcessPool(2) as pool:
        tasks = [pool.submit(limited, number) for number in range(3)]
        until(lambda: limit.held == 3)
        limit.release()
        assert [task.result(LIMIT) for task in tasks] == [1, 2, 3]


@pytest.mark.parametrize(
    ("fn", "error"), [(die, WorkerDied), (hang, TaskTimeout), (same, TypeError), (threading.Lock, Exception)]
)
def test_the_slot_is_free_again_whatever_becomes_of_the_call(fn: Any, error: type[BaseException]) -> None:
    limit = Limit(1)
    with ProcessPool(1) as pool:
        args = (1, 2) if fn is same else ()
        options = pool.options(semaphore=limit)
        first = pool.options(semaphore=limit, task_timeout=0.1) if fn is hang else options
        assert isinstance(first.submit(fn, *args).exception(LIMIT), error)
        until(lambda: limit.free == 1)
        assert options.submit(add, 1).result(LIMIT) == 2
        cancelled = options.submit(hang)
        until(cancelled.running)
        assert pool.cancel(cancelled)
        until(lambda: limit.free == 1)


def test_a_retried_task_takes_its_slot_once_more() -> None:
    limit = Limit(1)
    with ProcessPool(1, on_crash="retry", max_crashes=2) as pool:
        assert isinstance(pool.options(semaphore=limit).submit(die).exception(LIMIT), WorkerDied)
    assert limit.free == 1


def test_what_is_taken_back_from_a_slow_worker_gives_its_slot_up(gate: Gate) -> None:
    limit = Limit(3)
    with ProcessPool(1) as pool:
        for task in pool.submit_many(add, range(300)):  # now it is known for short tasks, and is sent many at once
            task.result(LIMIT)
        first = pool.submit(gate.pass_through, "slow")
        gate.wait_for_arrival()
        rest = [pool.options(semaphore=limit).submit(add, number) for number in range(50)]
        pool.set_max_workers(2)
        assert [task.result(LIMIT) for task in rest] == list(range(1, 51))
        gate.let_go()
        assert first.result(LIMIT) == "slow"
    assert limit.free == 3


def test_an_end_that_finishes_work_waits_for_held_tasks_and_starts_processes_for_them_again() -> None:
    limit = Limit(1)
    limit.acquire()
    pool = ProcessPool(2, idle_timeout=0.01)
    held = [pool.options(semaphore=limit).submit(add, number) for number in range(5)]
    until(lambda: limit.held == 5 and pool.num_workers == 0)
    ends: list[bool] = []
    closing = threading.Thread(target=lambda: ends.append(pool.shutdown(timeout=LIMIT)))
    closing.start()
    until(lambda: any(worker.pid for worker in pool.workers))
    closing.join(0.2)  # longer than the idle timeout, which holds no more
    assert closing.is_alive()
    limit.release()
    closing.join(LIMIT)
    assert ends == [True]
    assert [task.result(0) for task in held] == [1, 2, 3, 4, 5]


def test_stop_cancels_held_tasks() -> None:
    limit = Limit(1)
    limit.acquire()
    pool = ProcessPool(1)
    held = [pool.options(semaphore=limit).submit(add, number) for number in range(5)]
    until(lambda: limit.held == 5)
    assert set(pool.stop()) == set(held)
    assert pool.join(LIMIT)
