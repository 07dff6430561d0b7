"""Drop-in ThreadPool: calls within calls, contexts, and keywords that belong to the function."""

import contextvars
import threading
from typing import Any

import pytest

from dropin_pools import SECONDS, each_pool, running
from windlass.dropin.pool import ThreadPool

# The standard class deadlocks in the first tests: its one worker waits for a task that only it could run.


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(
    "inner",
    [
        lambda pool: pool.map(str, range(5), 1),
        lambda pool: pool.starmap(str, [(n,) for n in range(5)]),
        lambda pool: [pool.apply(str, (n,)) for n in range(5)],
        lambda pool: [result.get() for result in [pool.apply_async(str, (n,)) for n in range(5)]],
        lambda pool: list(pool.imap(str, range(5))),
        lambda pool: list(pool.imap(str, (n for n in range(5)))),
        lambda pool: list(pool.imap(str, iter(range(5)), 2)),
        lambda pool: list(pool.imap(str, iter(range(5)), buffersize=1)),
        lambda pool: sorted(pool.imap_unordered(str, (n for n in range(5)))),
        lambda pool: sorted(pool.imap_unordered(str, range(5), 2)),
    ],
    ids=[
        "map",
        "starmap",
        "apply",
        "apply_async",
        "imap",
        "imap generator",
        "imap chunks",
        "imap buffersize",
        "imap_unordered generator",
        "imap_unordered chunks",
    ],
)
def test_a_worker_makes_the_calls_that_it_waits_for(processes: int, inner: Any) -> None:
    with running(ThreadPool, processes) as pool:
        outer = [pool.apply_async(inner, (pool,)) for _ in range(4)]
        for result in outer:
            assert result.get(SECONDS) == ["0", "1", "2", "3", "4"]


def test_nested_maps_of_some_depth() -> None:
    with running(ThreadPool, 1) as pool:

        def count(depth: int) -> int:
            return 1 if depth == 0 else sum(pool.map(count, [depth - 1] * 2))

        assert pool.apply_async(count, (5,)).get(SECONDS) == 32


def test_a_time_limit_is_kept_rather_than_the_call_made() -> None:
    # The call may take longer than the caller is willing to wait.
    with running(ThreadPool, 1) as pool:

        def wait() -> str:
            result = pool.apply_async(int, ("5",))
            result.wait(0.001)
            with pytest.raises(TimeoutError):
                result.get(0.001)
            return f"{result.ready()} {result.get()}"

        assert pool.apply_async(wait).get(SECONDS) == "False 5"


def test_nested_callbacks_come_before_the_result() -> None:
    seen: list[Any] = []
    with running(ThreadPool, 1) as pool:

        def outer() -> int:
            return int(pool.apply_async(int, ("5",), callback=seen.append).get())

        assert pool.apply_async(outer, callback=seen.append).get(SECONDS) == 5
    assert seen == [5, 5]


variable = contextvars.ContextVar("variable", default="unset")


def test_submitters_context_reaches_the_calls() -> None:
    with running() as pool:
        token = variable.set("mine")
        try:
            assert pool.apply(variable.get) == "mine"
            assert pool.map(lambda _: variable.get(), range(4), 1) == ["mine"] * 4
            assert list(pool.imap(lambda _: variable.get(), iter(range(4)), 2)) == ["mine"] * 4
            assert list(pool.imap_unordered(lambda _: variable.get(), range(4))) == ["mine"] * 4
            assert list(pool.imap(str, (variable.get() for _ in range(2)))) == ["mine"] * 2
        finally:
            variable.reset(token)
        assert pool.apply(variable.get) == "unset"


def test_what_a_call_sets_stays_in_it() -> None:
    with running(ThreadPool, 1) as pool:
        pool.apply(variable.set, ("theirs",))
        pool.map(variable.set, ["theirs"])
        assert pool.apply(variable.get) == "unset"
        assert pool.map(lambda _: variable.get(), [1]) == ["unset"]


def everything(*args: Any, TaskObject: Any = None, **kwargs: Any) -> Any:
    return args, TaskObject, kwargs


@each_pool
def test_all_keywords_are_the_functions(kind: Any) -> None:
    kwargs = {"submit_task_priority": 1, "submit_task_timeout": "x", "fn": 2, "self": 3, "func": 4}
    with running(kind) as pool:
        assert pool.apply(everything, (1,), kwargs) == ((1,), None, kwargs)
        assert pool.map(everything, [1]) == [((1,), None, {})]
        assert list(pool.imap(everything, [1])) == [((1,), None, {})]


def test_helped_result_waits_for_its_callback_too() -> None:
    seen: list[str] = []
    inside, go = threading.Event(), threading.Event()

    def hold_the_lane(_: Any) -> None:
        inside.set()
        assert go.wait(SECONDS)
        seen.append("first")

    with running(ThreadPool, 2) as pool:

        def helper() -> tuple[bool, list[str]]:
            assert inside.wait(SECONDS)
            result = pool.apply_async(go.set, callback=lambda _: seen.append("second"))
            result.wait()
            return result.ready(), list(seen)

        outer = pool.apply_async(helper)
        pool.apply_async(int, callback=hold_the_lane)
        assert outer.get(SECONDS) == (True, ["first", "second"])


@each_pool
@pytest.mark.parametrize("how", ["imap", "imap_unordered"])
def test_a_call_may_wait_for_what_follows_the_first_value(kind: Any, how: str) -> None:
    with running(kind, 4) as pool:

        def outer() -> list[bool]:
            gate = threading.Event()
            values = getattr(pool, how)(lambda n: gate.wait(SECONDS) if n else True, range(3))
            got = [values.next()]
            gate.set()
            return got + list(values)

        assert pool.apply_async(outer).get(SECONDS) == [True] * 3


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("how", ["imap", "imap_unordered"])
def test_all_workers_consume_at_once(processes: int, how: str) -> None:
    # The standard class deadlocks.
    all_inside = threading.Barrier(processes)
    with running(ThreadPool, processes) as pool:

        def outer(number: int) -> int:
            all_inside.wait(SECONDS)
            return sum(getattr(pool, how)(abs, (-n for n in range(number))))

        results = [pool.apply_async(outer, (10 * number,)) for number in range(processes)]
        assert [result.get(SECONDS) for result in results] == [sum(range(10 * n)) for n in range(processes)]
