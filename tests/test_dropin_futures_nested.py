"""What ours does beyond the standard class: tasks that wait for tasks of a full executor, the submitter's context."""

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor as StandardExecutor
from typing import Any

import pytest

from dropin_peers import LIMIT, both, occupied
from windlass.dropin.futures import ThreadPoolExecutor, wait

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")

# ---- tasks that wait for tasks: the standard class deadlocks when its threads are all at such ----


@pytest.mark.parametrize("workers", [1, 2])
def test_submit_and_result_inside_a_task(workers: int) -> None:
    def fibonacci(number: int) -> int:
        if number < 2:
            return number
        first, second = executor.submit(fibonacci, number - 1), executor.submit(fibonacci, number - 2)
        return first.result() + second.result()

    with ThreadPoolExecutor(workers) as executor:
        assert executor.submit(fibonacci, 10).result(LIMIT) == 55
        assert len(executor._threads) <= workers


def test_wait_inside_a_task() -> None:
    def outer() -> int:
        inner = [executor.submit(abs, -number) for number in range(10)]
        done, not_done = wait(inner)
        assert not not_done
        return sum(future.result() for future in done)

    with ThreadPoolExecutor(1) as executor:
        assert executor.submit(outer).result(LIMIT) == 45


def test_map_inside_a_task() -> None:
    with ThreadPoolExecutor(1) as executor:
        assert executor.submit(lambda: list(executor.map(abs, [-1, -2]))).result(LIMIT) == [1, 2]


@both
def test_submit_inside_a_task_where_threads_are_free(futures: Any) -> None:
    with futures.ThreadPoolExecutor(2) as executor:
        outer = executor.submit(lambda: executor.submit(pow, 2, 3).result(LIMIT))
        assert outer.result(LIMIT) == 8


# ---- contexts: the standard class runs every call in the thread's own ----


def test_task_sees_the_context_of_its_submit() -> None:
    with ThreadPoolExecutor(1) as executor:
        assert executor.submit(variable.get).result(LIMIT) == "unset"
        with occupied(executor):
            futures = []
            for value in ("a", "b"):
                token = variable.set(value)
                futures.append(executor.submit(variable.get))
                variable.reset(token)
        assert [future.result(LIMIT) for future in futures] == ["a", "b"]
        assert executor.submit(variable.get).result(LIMIT) == "unset"


def test_what_a_task_sets_stays_its_own() -> None:
    with ThreadPoolExecutor(1) as executor:
        token = variable.set("mine")
        executor.submit(variable.set, "its").result(LIMIT)
        assert executor.submit(variable.get).result(LIMIT) == "mine"
        assert variable.get() == "mine"
        variable.reset(token)


def test_map_takes_the_context_of_the_call() -> None:
    with ThreadPoolExecutor(2) as executor:
        token = variable.set("mapped")
        results = executor.map(lambda _: variable.get(), range(5))
        variable.reset(token)
        assert list(results) == ["mapped"] * 5


def test_run_in_executor_keeps_what_asyncio_drops() -> None:
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        variable.set("request")
        with StandardExecutor(1) as theirs, ThreadPoolExecutor(1) as mine:
            return [await loop.run_in_executor(executor, variable.get) for executor in (theirs, mine)]

    assert asyncio.run(main()) == ["unset", "request"]


def test_context_of_an_initializer_is_the_base_of_every_task() -> None:
    with ThreadPoolExecutor(1, initializer=variable.set, initargs=("thread",)) as executor:
        assert executor.submit(variable.get).result(LIMIT) == "thread"


@both
def test_thread_locals_stay_with_the_thread(futures: Any) -> None:
    local = threading.local()

    def count() -> int:
        local.count = getattr(local, "count", 0) + 1
        return int(local.count)

    with futures.ThreadPoolExecutor(1) as executor:
        assert [executor.submit(count).result(LIMIT) for _ in range(3)] == [1, 2, 3]
