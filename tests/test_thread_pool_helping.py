"""Helping: a worker that waits for a pending task of its own pool runs it, so nesting cannot dead-lock."""

import threading
from typing import Any

import pytest

import windlass
from waiting import until
from windlass import ThreadPool, current_task

LIMIT = 30


def test_fib_on_one_worker() -> None:
    with ThreadPool(1) as pool:

        def fib(n: int) -> int:
            if n < 2:
                return n
            left, right = pool.submit(fib, n - 1), pool.submit(fib, n - 2)
            return left.result(LIMIT) + right.result(LIMIT)

        assert pool.submit(fib, 15).result(LIMIT) == 610
        assert pool.num_workers == 1
        until(lambda: not pool.has_tasks)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_hundred_levels_deep(workers: int) -> None:
    with ThreadPool(workers) as pool:

        def down(levels: int) -> int:
            return 0 if not levels else 1 + pool.submit(down, levels - 1).result(LIMIT)

        assert pool.submit(down, 100).result(LIMIT) == 100


@pytest.mark.parametrize("how", ["result", "exception", "wait", "windlass.wait", "as_completed", "first"])
def test_every_way_to_wait_helps(how: str) -> None:
    with ThreadPool(1) as pool:

        def outer() -> list[int]:
            tasks = [pool.submit(int, str(number)) for number in range(5)]
            if how == "windlass.wait":
                assert windlass.wait(tasks, LIMIT).not_done == set()
            elif how == "as_completed":
                assert set(pool.as_completed(tasks, LIMIT)) == set(tasks)
            elif how == "first":
                assert windlass.wait(tasks, LIMIT, windlass.FIRST_COMPLETED).done
            else:
                for task in tasks:
                    getattr(task, how)(LIMIT)
            return [task.result(LIMIT) for task in tasks]

        assert pool.submit(outer).result(LIMIT) == list(range(5))


def test_helped_task_knows_itself_and_its_worker() -> None:
    with ThreadPool(1) as pool:

        def outer() -> tuple[Any, ...]:
            inner = pool.submit(lambda: (current_task(), threading.current_thread()))
            seen = inner.result(LIMIT)
            return seen == (inner, inner.worker), current_task(), inner.worker

        task = pool.submit(outer)
        assert task.result(LIMIT) == (True, task, task.worker)
        until(lambda: pool.statistics().done == 2)


def test_exception_of_a_helped_task_goes_to_that_task() -> None:
    with ThreadPool(1) as pool:

        def outer(error: BaseException) -> str:
            inner = pool.submit(raise_it, error)
            with pytest.raises(type(error)):
                inner.result(LIMIT)
            return "went on"

        for error in (ValueError(), SystemExit(), KeyboardInterrupt(), GeneratorExit()):
            assert pool.submit(outer, error).result(LIMIT) == "went on"


def raise_it(error: BaseException) -> None:
    raise error


def test_waiting_for_a_running_task_waits() -> None:
    started, go = threading.Event(), threading.Event()
    with ThreadPool(2) as pool:
        slow = pool.submit(lambda: (started.set(), go.wait(LIMIT), threading.current_thread())[2])
        assert started.wait(LIMIT)
        waiting = pool.submit(slow.result, LIMIT)
        go.set()
        assert waiting.result(LIMIT) is slow.worker
        assert waiting.worker is not slow.worker


def test_worker_does_not_run_tasks_of_another_pool() -> None:
    with ThreadPool(1) as first, ThreadPool(1) as second:

        def outer() -> bool:
            inner = second.submit(threading.current_thread)
            return inner.result(LIMIT) is not threading.current_thread()

        assert first.submit(outer).result(LIMIT)


def test_two_pools_that_call_each_other() -> None:
    with ThreadPool(1) as first, ThreadPool(1) as second:

        def fan_out(pool: ThreadPool, levels: int) -> int:
            if not levels:
                return 1
            tasks = [pool.submit(fan_out, pool, levels - 1) for _ in range(3)]
            return sum(task.result(LIMIT) for task in tasks)

        def across() -> int:
            return second.submit(fan_out, second, 3).result(LIMIT)

        assert [task.result(LIMIT) for task in [first.submit(across) for _ in range(5)]] == [27] * 5


def test_task_run_inline_by_a_worker_may_nest_too() -> None:
    with ThreadPool(1) as pool:

        def inner() -> int:
            return pool.submit(int, "5").result(LIMIT)

        def outer() -> int | None:
            return windlass.Task(inner)()

        assert pool.submit(outer).result(LIMIT) == 5


def test_nested_submits_from_a_done_callback_of_a_helped_task() -> None:
    with ThreadPool(1) as pool:
        seen: list[int] = []

        def outer() -> None:
            inner = pool.submit(int)
            inner.add_done_callback(lambda _: seen.append(pool.submit(int, "7").result(LIMIT)))
            inner.result(LIMIT)

        pool.submit(outer).result(LIMIT)
    assert seen == [7]


@pytest.mark.stress
@pytest.mark.slow
def test_nested_submits_on_many_workers_account_exactly() -> None:
    with ThreadPool(4) as pool:

        def tree(levels: int) -> int:
            if not levels:
                return 1
            return 1 + sum(task.result(LIMIT) for task in [pool.submit(tree, levels - 1) for _ in range(3)])

        tasks = [pool.submit(tree, 5) for _ in range(6)]
        assert [task.result(LIMIT) for task in tasks] == [364] * 6
        assert pool.wait_completion(LIMIT)
        now = pool.statistics()
    assert (now.submitted, now.done, now.queued, now.running) == (6 * 364, 6 * 364, 0, 0)
