"""contextvars: a task sees its submitter's values of the moment of the submit, and nobody sees its own."""

import contextvars
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from windlass import Task, ThreadPool

LIMIT = 10

variable: contextvars.ContextVar[Any] = contextvars.ContextVar("variable", default="default")


@pytest.fixture(autouse=True)
def own_context() -> Iterator[None]:
    token = variable.set("default")
    yield
    variable.reset(token)


def in_empty_context(fn: Any, *args: Any) -> Any:
    return contextvars.Context().run(fn, *args)


def test_task_sees_the_value_at_submit_time() -> None:
    go = threading.Event()
    with ThreadPool(1) as pool:
        pool.submit(go.wait, LIMIT)
        tasks = []
        for number in range(20):
            variable.set(number)
            tasks.append(pool.submit(variable.get))
        variable.set("later")
        go.set()
        assert [task.result(LIMIT) for task in tasks] == list(range(20))


def test_every_way_to_submit_carries_the_context() -> None:
    with ThreadPool(1) as pool:
        for number in range(3):
            variable.set(number)
            tasks = [
                pool.submit(variable.get),
                pool.submit(Task(variable.get)),
                pool.submit(variable.get, submit_task_priority=1),
                pool.options(name="n").submit(variable.get),
                *pool.map(variable.get, [((), None)] * 3),
                *pool.submit_many(lambda _: variable.get(), range(3)),
                *pool.options(store_return=True).map(variable.get, [((), None)]),
            ]
            assert [task.result(LIMIT) for task in tasks] == [number] * 11
            assert list(pool.imap(lambda _: variable.get(), range(3))) == [number] * 3


@pytest.mark.parametrize("as_task", [False, True], ids=["function", "Task"])
def test_what_a_task_sets_is_not_seen_by_the_next(as_task: bool) -> None:
    def run() -> None:
        go = threading.Event()
        with ThreadPool(1) as pool:
            pool.submit(go.wait, LIMIT)  # so that the rest runs without a pause between
            tasks = []
            for _ in range(5):
                pool.submit(variable.set, "dirty")
                tasks.append(pool.submit(Task(variable.get) if as_task else variable.get))
            go.set()
            assert [task.result(LIMIT) for task in tasks] == ["default"] * 5
            assert pool.submit(variable.get).result(LIMIT) == "default"
        assert variable.get() == "default"

    run()
    in_empty_context(run)


def test_set_and_reset_in_an_empty_context_are_seen_by_later_submits() -> None:
    def run() -> None:
        with ThreadPool(1) as pool:
            assert pool.submit(variable.get).result(LIMIT) == "default"
            token = variable.set("a")
            assert pool.submit(variable.get).result(LIMIT) == "a"
            variable.set("b")
            assert pool.submit(variable.get).result(LIMIT) == "b"
            variable.reset(token)
            assert pool.submit(variable.get).result(LIMIT) == "default"

    in_empty_context(run)


def test_submitters_of_different_threads_do_not_mix() -> None:
    failures: list[object] = []
    start = threading.Barrier(4)

    def submit_from(number: int, pool: ThreadPool) -> None:
        variable.set(number)
        start.wait(LIMIT)
        for _ in range(200):
            if pool.submit(variable.get).result(LIMIT) != number:
                failures.append(number)

    with ThreadPool(2) as pool:
        threads = [threading.Thread(target=submit_from, args=(number, pool)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT)
    assert failures == []


def test_nested_submit_carries_the_tasks_own_context() -> None:
    def outer(pool: ThreadPool) -> tuple[object, object]:
        variable.set("outer")
        return pool.submit(inner).result(LIMIT), variable.get()

    def inner() -> object:
        seen = variable.get()
        variable.set("inner")
        return seen

    with ThreadPool(1) as pool:  # the worker runs the inner one itself, in the middle of the outer
        assert pool.submit(outer, pool).result(LIMIT) == ("outer", "outer")


def test_inline_run_carries_the_context() -> None:
    go = threading.Event()
    with ThreadPool(1, max_queue=1, rejection="caller_runs") as pool:
        started = threading.Event()
        pool.submit(lambda: (started.set(), go.wait(LIMIT)))
        assert started.wait(LIMIT)
        pool.submit(int)
        variable.set("caller")
        assert pool.submit(variable.get).result(0) == "caller"
        pool.submit(variable.set, "inline").result(0)
        assert variable.get() == "caller"
        go.set()


def test_given_context_is_entered_itself() -> None:
    context = contextvars.copy_context()
    context.run(variable.set, "given")
    with ThreadPool(1) as pool:
        submitter = pool.options(context=context)
        assert submitter.submit(variable.get).result(LIMIT) == "given"
        submitter.submit(variable.set, "changed").result(LIMIT)
        assert submitter.submit(variable.get).result(LIMIT) == "changed"
        assert pool.submit(variable.get).result(LIMIT) == "default"
    assert context[variable] == "changed"
    assert variable.get() == "default"


def test_given_context_that_is_in_use_fails_its_task_only() -> None:
    with ThreadPool(1) as pool:
        context = contextvars.copy_context()
        task = context.run(pool.options(context=context).submit, int)
        in_use = context.run(lambda: pool.options(context=context).submit(int).exception(LIMIT))
        assert isinstance(in_use, RuntimeError)
        assert task.done()
        assert pool.options(context=context).submit(int).result(LIMIT) == 0


def test_direct_call_runs_in_the_callers_context() -> None:
    Task(variable.set, ("mine",))()
    assert variable.get() == "mine"


def test_wrong_context_is_refused() -> None:
    with ThreadPool(1) as pool, pytest.raises(TypeError, match="context"):
        pool.options(context={})


def test_what_the_initializer_sets_lies_over_the_submitters_values() -> None:
    other: contextvars.ContextVar[str] = contextvars.ContextVar("other", default="default")
    variable.set("submitter")
    other.set("submitter")

    def both() -> tuple[Any, str]:
        seen = variable.get(), other.get()
        variable.set("task")
        return seen

    with ThreadPool(1, initializer=variable.set, initargs=("initializer",)) as pool:
        for _ in range(2):  # what the first one sets is gone
            assert pool.submit(both).result(LIMIT) == ("initializer", "submitter")
            assert in_empty_context(pool.submit, both).result(LIMIT) == ("initializer", "default")
    assert variable.get() == "submitter"
