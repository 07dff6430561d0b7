"""wait and as_completed, ours and the standard ones, on futures of both kinds in one call."""

import threading
from collections.abc import Iterator
from concurrent import futures as standard
from contextlib import contextmanager
from typing import Any

import pytest

from dropin_peers import LIMIT, both, occupied
from windlass import Task
from windlass.dropin import futures as ours

# Which module's functions, on whose futures.
MIXES = {
    "standard": (standard, [standard, standard]),
    "windlass": (ours, [ours, ours]),
    "ours_on_both": (ours, [ours, standard]),
    "ours_on_standard": (ours, [standard, standard]),
    "standard_on_both": (standard, [standard, ours]),
    "standard_on_ours": (standard, [ours, ours]),
}
each_mix = pytest.mark.parametrize(("functions", "modules"), MIXES.values(), ids=MIXES)


@contextmanager
def in_background(action: Any) -> Iterator[None]:
    thread = threading.Timer(0.02, action)  # late enough for the waiter to sleep; if not, the test only shows less
    thread.start()
    yield
    thread.join(LIMIT)


def pair(modules: list[Any]) -> list[Any]:
    return [module.Future() for module in modules]


@each_mix
def test_wait_for_all(functions: Any, modules: list[Any]) -> None:
    first, second = pair(modules)
    first.set_result(1)
    result = functions.wait([first, second, first], timeout=0)
    assert (result.done, result.not_done) == ({first}, {second})
    with in_background(lambda: second.set_exception(OSError())):
        done, not_done = functions.wait(iter([first, second]), LIMIT)
    assert (done, not_done) == ({first, second}, set())


@each_mix
def test_wait_for_the_first(functions: Any, modules: list[Any]) -> None:
    first, second = pair(modules)
    assert functions.wait([first, second], 0.01, functions.FIRST_COMPLETED) == (set(), {first, second})
    with in_background(lambda: second.set_result(1)):
        assert functions.wait([first, second], LIMIT, functions.FIRST_COMPLETED) == ({second}, {first})
    first.set_result(2)
    assert functions.wait([first, second], LIMIT, functions.FIRST_COMPLETED) == ({first, second}, set())


@each_mix
def test_wait_for_the_first_exception(functions: Any, modules: list[Any]) -> None:
    first, second = pair(modules)
    third = modules[0].Future()
    third.set_result(0)  # no exception: waits on
    with in_background(lambda: second.set_exception(OSError())):
        result = functions.wait([first, second, third], LIMIT, return_when=functions.FIRST_EXCEPTION)
    assert result == ({second, third}, {first})
    first.cancel()
    first.set_running_or_notify_cancel()  # a cancel is no exception
    assert functions.wait([first, third], LIMIT, functions.FIRST_EXCEPTION) == ({first, third}, set())


@each_mix
@pytest.mark.parametrize("how", ["ALL_COMPLETED", "FIRST_COMPLETED"])
def test_a_cancel_counts_when_the_executor_has_noticed_it(functions: Any, modules: list[Any], how: str) -> None:
    futures = pair(modules)
    for future in futures:
        assert future.cancel()
        assert future.done()
    # Reproduced with the standard library, which real tests rely on.
    assert functions.wait(futures, 0, how) == (set(), set(futures))
    with pytest.raises(functions.TimeoutError):
        list(functions.as_completed(futures, 0))

    def notice() -> None:
        for future in futures:
            assert not future.set_running_or_notify_cancel()

    with in_background(notice):
        done = functions.wait(futures, LIMIT, how).done
        assert len(done) >= 1
    assert functions.wait(futures, LIMIT, how) == (set(futures), set())
    assert set(functions.as_completed(futures, 0)) == set(futures)
    assert [future._waiters for future in futures] == [[], []]


@each_mix
def test_as_completed_gives_the_order_of_the_ends(functions: Any, modules: list[Any]) -> None:
    first, second = pair(modules)
    third = modules[0].Future()
    third.set_result(3)
    completed = functions.as_completed([first, second, third, first])
    assert next(completed) is third
    with in_background(lambda: second.set_exception(OSError())):
        assert next(completed) is second
    with in_background(lambda: first.set_result(1)):
        assert next(completed) is first
    assert next(completed, "end") == "end"
    assert list(functions.as_completed([])) == []


@each_mix
def test_as_completed_tells_how_many_are_missing(functions: Any, modules: list[Any]) -> None:
    futures = [*pair(modules), modules[0].Future()]
    futures[0].set_result(1)
    seen = []
    with pytest.raises(functions.TimeoutError, match=r"^2 \(of 3\) futures unfinished$"):
        seen.extend(functions.as_completed(futures, timeout=0))
    completed = functions.as_completed(futures, timeout=0)
    assert next(completed) is futures[0]
    with pytest.raises(functions.TimeoutError, match=r"^2 \(of 3\) futures unfinished$"):
        next(completed)
    assert all(future._waiters == [] for future in futures)


@each_mix
@pytest.mark.slow
def test_executors_of_both_kinds_in_one_call(functions: Any, modules: list[Any]) -> None:
    with modules[0].ThreadPoolExecutor(2) as one, modules[1].ThreadPoolExecutor(2) as other:
        for _ in range(20):
            submitted = [pool.submit(abs, -number) for number in range(50) for pool in (one, other)]
            seen = [future.result() for future in functions.as_completed(submitted, LIMIT)]
            assert sorted(seen) == sorted(2 * list(range(50)))
            assert functions.wait(submitted, LIMIT) == (set(submitted), set())


@each_mix
def test_waits_of_several_threads_on_the_same_futures(functions: Any, modules: list[Any]) -> None:
    futures = pair(modules)
    results: list[Any] = []
    starts = threading.Barrier(5)

    def listen() -> None:
        starts.wait(LIMIT)
        results.append(functions.wait(futures, LIMIT).done)
        results.append(set(functions.as_completed(futures, LIMIT)))

    threads = [threading.Thread(target=listen) for _ in range(4)]
    for thread in threads:
        thread.start()
    starts.wait(LIMIT)
    for future in futures:
        future.set_result(None)
    for thread in threads:
        thread.join(LIMIT)
    assert results == [set(futures)] * 8


@both
def test_waiters_of_others_are_called_under_the_condition(futures: Any) -> None:
    called: list[tuple[str, Any, bool]] = []

    class Waiter:
        def __getattr__(self, name: str) -> Any:
            def call(future: Any) -> None:
                acquired: list[bool] = []
                prober = threading.Thread(target=lambda: acquired.append(future._condition.acquire(blocking=False)))
                prober.start()
                prober.join(LIMIT)
                called.append((name, future, acquired[0]))

            return call

    ends: dict[str, Any] = {
        "add_result": lambda future: future.set_result(1),
        "add_exception": lambda future: future.set_exception(OSError()),
        "add_cancelled": lambda future: (future.cancel(), future.set_running_or_notify_cancel()),
    }
    made = []
    for end in ends.values():
        future = futures.Future()
        with future._condition:
            future._waiters.append(Waiter())
        end(future)
        made.append(future)
    assert called == [(name, future, False) for name, future in zip(ends, made, strict=True)]


@both
def test_condition_may_be_waited_on(futures: Any) -> None:
    future = futures.Future()
    with in_background(lambda: future.set_result(1)), future._condition:
        assert future._condition.wait_for(lambda: future._state == "FINISHED", LIMIT)


@both
def test_cancelled_in_the_queue_counts_when_the_worker_comes_past(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        with occupied(executor):
            cancelled, other = executor.submit(int), executor.submit(int)
            cancelled.cancel()
            assert futures.wait([cancelled, other], 0) == (set(), {cancelled, other})
        assert futures.wait([cancelled, other], LIMIT) == ({cancelled, other}, set())


@both
def test_arguments_that_make_no_sense(futures: Any) -> None:
    with pytest.raises(TypeError):
        futures.wait(futures.Future())
    with pytest.raises(ValueError, match="nonsense"):
        futures.wait([futures.Future()], 0, return_when="nonsense")
    with pytest.raises((AttributeError, TypeError)):
        futures.wait([7])


@both
def test_abandoned_as_completed_leaves_no_trace(futures: Any) -> None:
    waiting = [futures.Future() for _ in range(3)]
    waiting[0].set_result(None)
    completed = futures.as_completed(waiting)
    assert next(completed) is waiting[0]
    completed.close()
    assert [future._waiters for future in waiting] == [[], [], []]


def test_nan_limits_are_refused() -> None:
    # The standard functions wait without end or not at all, by version.
    with pytest.raises(ValueError, match="NaN"):
        ours.wait([ours.Future()], float("nan"))
    with pytest.raises(ValueError, match="NaN"):
        next(ours.as_completed([ours.Future()], float("nan")))


@pytest.mark.parametrize("kind", [ours.Future, lambda: Task(int)], ids=["Future", "Task"])
def test_the_end_shows_to_the_standard_library_when_its_waiters_are_told(kind: Any) -> None:
    # Its as_completed looks at the state and adds its waiter under the condition; if it were told of an end that it
    # has seen, it would raise KeyError.
    future = kind()
    ended = threading.Event()
    future.add_done_callback(lambda _: ended.set())
    told: list[Any] = []

    class Waiter:
        add_result = told.append

    with future._condition:
        ender = threading.Thread(target=future.set_result, args=(1,))
        ender.start()
        assert ended.wait(LIMIT)
        assert future.done()
        assert future._state not in ("FINISHED", "CANCELLED_AND_NOTIFIED")
        future._waiters.append(Waiter)
    ender.join(LIMIT)
    assert told == [future]
    assert future._state == "FINISHED"


def test_a_noticed_cancel_shows_to_the_standard_library_when_its_waiters_are_told() -> None:
    future = ours.Future[None]()
    told: list[Any] = []

    class Waiter:
        add_cancelled = told.append

    with future._condition:
        assert future.cancel()
        assert future._state == "CANCELLED"
        noticer = threading.Thread(target=future.set_running_or_notify_cancel)
        noticer.start()
        while not future._is_noticed:  # it can get no further: the condition is held
            noticer.join(0.001)
        assert future._state == "CANCELLED"
        future._waiters.append(Waiter)  # type: ignore[arg-type]
    noticer.join(LIMIT)
    assert told == [future]
    assert future._state == "CANCELLED_AND_NOTIFIED"
