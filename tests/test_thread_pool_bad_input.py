"""Bad input is refused in the caller's thread and leaves nothing behind; so does a thread that cannot start."""

import _thread
import sys
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import windlass
from waiting import until
from windlass import Task, ThreadPool

LIMIT = 10

BAD_PRIORITIES = [
    ("1", TypeError),
    (Decimal(1), TypeError),
    ([1], TypeError),
    (1j, TypeError),
    (float("nan"), ValueError),
    (float("inf"), ValueError),
    (-float("inf"), ValueError),
    (2**63, OverflowError),
    (-(2**63) - 1, OverflowError),
]
BAD_TIMEOUTS = [("1", TypeError), ([1], TypeError), (1j, TypeError), (float("nan"), ValueError)]
NO_LIMITS = [None, float("inf"), 1e10, 1e300, 2**63, 10**400, Decimal(10), Fraction(10)]


def submitters(pool: ThreadPool) -> dict[str, Callable[[Any], object]]:
    return {
        "submit": lambda priority: pool.submit(int, submit_task_priority=priority),
        "map": lambda priority: pool.map(int, [((), None)], priority=priority),
        "submit_many": lambda priority: pool.submit_many(int, [1], priority=priority),
        "imap": lambda priority: pool.imap(int, [1], priority=priority),
        "options": lambda priority: pool.options(priority=priority).submit(int),
        "Task": lambda priority: pool.submit(Task(int, priority=priority)),
    }


def waits(pool: ThreadPool, task: Task[Any]) -> dict[str, Callable[[Any], object]]:
    """Every call that takes a timeout; none of them has to wait."""
    return {
        "result": task.result,
        "exception": task.exception,
        "wait": task.wait,
        "windlass.wait": lambda timeout: windlass.wait([task], timeout),
        "as_completed": lambda timeout: list(windlass.as_completed([task], timeout)),
        "submit_task_timeout": lambda timeout: pool.submit(int, submit_task_timeout=timeout),
        "options": lambda timeout: pool.options(timeout=timeout).submit(int),
        "wait_completion": pool.wait_completion,
        "gated": lambda timeout: pool.wait_completion(timeout, block=True),
        "remove_worker": lambda timeout: pool.add_worker() and pool.remove_worker(timeout=timeout),
        "ThreadPool": lambda timeout: ThreadPool(1, timeout=timeout).shutdown(),
        "idle_timeout": lambda timeout: ThreadPool(1, idle_timeout=timeout).shutdown(),
        "join": pool.join,
        "shutdown": lambda timeout: pool.shutdown(timeout=timeout),
        "join_pools": lambda timeout: ThreadPool.join_pools(timeout),
    }


WAITS = list(waits(ThreadPool(1), Task(int)))
FUTURE_WAITS = ["result", "exception", "wait", "windlass.wait", "as_completed"]  # negative: at once


@pytest.mark.parametrize("name", list(submitters(ThreadPool(1))))
@pytest.mark.parametrize(("priority", "error"), BAD_PRIORITIES, ids=repr)
def test_bad_priority_is_refused(name: str, priority: Any, error: type[Exception]) -> None:
    with ThreadPool(1) as pool:
        with pytest.raises(error):
            submitters(pool)[name](priority)
        assert pool.statistics().submitted == 0
        assert pool.submit(int).result(LIMIT) == 0


@pytest.mark.parametrize("name", WAITS)
@pytest.mark.parametrize(("timeout", "error"), BAD_TIMEOUTS, ids=repr)
def test_bad_timeout_is_refused(name: str, timeout: Any, error: type[Exception]) -> None:
    with ThreadPool(2) as pool:
        task = Task(int)
        if name in FUTURE_WAITS:  # a task that must be waited for, lest the timeout is not looked at
            with pytest.raises(error, match="timeout"):
                waits(pool, task)[name](timeout)
            return
        with pytest.raises(error, match="timeout"):
            waits(pool, task)[name](timeout)
        assert pool.submit(int).result(LIMIT) == 0  # nothing was closed or left gated


@pytest.mark.parametrize("name", WAITS)
def test_negative_timeout_is_at_once_for_tasks_and_refused_by_pools(name: str) -> None:
    with ThreadPool(2) as pool:
        task = Task(int)
        call = waits(pool, task)[name]
        if name in ("result", "exception", "as_completed"):
            with pytest.raises(TimeoutError):
                call(-1)
        elif name in FUTURE_WAITS:
            assert call(-1) in (False, (set(), {task}))
        else:
            with pytest.raises(ValueError, match="non-negative"):
                call(-1)
            assert pool.submit(int).result(LIMIT) == 0


@pytest.mark.parametrize("name", WAITS)
@pytest.mark.parametrize("timeout", NO_LIMITS, ids=lambda value: f"{type(value).__name__} {str(value)[:20]}")
def test_long_timeouts_are_accepted_by_every_wait(name: str, timeout: Any) -> None:
    with ThreadPool(2) as pool:
        task = pool.submit(int)
        waits(pool, task)[name](timeout)
        assert task.result(LIMIT) == 0


@pytest.mark.parametrize("timeout", NO_LIMITS[1:], ids=lambda value: f"{type(value).__name__} {str(value)[:20]}")
def test_long_timeouts_really_wait(timeout: Any) -> None:
    task, waiting = Task(int), []
    for name in FUTURE_WAITS:
        thread = threading.Thread(target=waits(ThreadPool(1), task)[name], args=(timeout,), daemon=True)
        thread.start()
        waiting.append(thread)
    waiting[0].join(0.01)
    assert all(thread.is_alive() for thread in waiting)
    task()
    for thread in waiting:
        thread.join(LIMIT)
        assert not thread.is_alive()


@pytest.mark.parametrize("bad", [None, 5, "print", object()], ids=str)
def test_what_cannot_be_called_is_refused(bad: Any) -> None:
    with ThreadPool(1) as pool:
        for call in (
            lambda: pool.submit(bad),
            lambda: pool.submit(bad, x=1),
            lambda: pool.map(bad, [((), None)]),
            lambda: pool.submit_many(bad, [1]),
            lambda: pool.imap(bad, [1]),
            lambda: pool.options(name="n").submit(bad),
            lambda: Task(bad),
        ):
            with pytest.raises(TypeError, match="callable"):
                call()
        assert pool.statistics().submitted == 0
        assert pool.num_workers == 0


@pytest.mark.parametrize(
    ("keywords", "error"),
    [
        ({"max_workers": 0}, ValueError),
        ({"max_workers": -1}, ValueError),
        ({"max_workers": "2"}, TypeError),
        ({"max_workers": True}, TypeError),
        ({"max_workers": 2.0}, TypeError),
        ({"maxWorkers": 0}, ValueError),
        ({"min_workers": -1}, ValueError),
        ({"max_queue": -1}, ValueError),
        ({"max_queue": 1.5}, TypeError),
        ({"rejection": "drop"}, ValueError),
        ({"rejection": None}, ValueError),
        ({"idle_timeout": -1}, ValueError),
        ({"timeout": -1}, ValueError),
        ({"prepopulate": -1}, ValueError),
        ({"initializer": 5}, TypeError),
        ({"initargs": 5}, TypeError),
        ({"tasks": [5]}, TypeError),
        ({"unknown": 5}, TypeError),
    ],
    ids=str,
)
def test_bad_arguments_of_a_pool_are_refused(keywords: dict[str, Any], error: type[Exception]) -> None:
    before = set(threading.enumerate())
    with pytest.raises(error):
        ThreadPool(**keywords)
    assert set(threading.enumerate()) <= before


def test_bad_arguments_of_methods_are_refused() -> None:
    with ThreadPool(1) as pool:
        for call, error in (
            (lambda: pool.map(int, [], -1), ValueError),
            (lambda: pool.map(int, [], "1"), TypeError),
            (lambda: pool.map(int, 5), TypeError),
            (lambda: pool.imap(int, [], chunksize=-1), ValueError),
            (lambda: pool.imap(int, [], buffersize=0), ValueError),
            (lambda: pool.set_max_workers(0), ValueError),
            (lambda: pool.set_max_workers("2"), TypeError),
            (lambda: pool.setup_workers(-1), ValueError),
            (lambda: pool.options(unknown=1), TypeError),
            (lambda: pool.options(callback_func=5), TypeError),
            (lambda: pool.options(semaphore=5), TypeError),
            (lambda: pool.options(deadline=float("nan")), ValueError),
            (lambda: pool.options(deadline="soon"), TypeError),
            (lambda: Task(int, semaphore=5), TypeError),
            (lambda: Task(int, 5), TypeError),
            (lambda: pool.submit(), TypeError),
        ):
            with pytest.raises(error):
                call()
        assert pool.submit(int).result(LIMIT) == 0


# ---- a thread that cannot start ----


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    return monkeypatch


def test_submit_that_finds_no_worker_raises_and_queues_nothing(no_threads: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    pool, task = ThreadPool(2), Task(ran.append, (1,))
    calls: list[Callable[[], object]] = [
        lambda: pool.submit(ran.append, 1),
        lambda: pool.submit(task),
        lambda: pool.submit(ran.append, 1, submit_task_priority=3),
        lambda: pool.map(ran.append, [((1,), None)] * 3),
        lambda: pool.submit_many(ran.append, [1, 2, 3]),
        lambda: pool.imap(ran.append, [1, 2, 3]),
        lambda: pool.options(name="n").submit(ran.append, 1),
    ]
    for call in calls:
        with pytest.raises(RuntimeError, match="can't start"):
            call()
        assert (pool.num_queued_tasks, pool.unfinished_tasks, pool.num_workers) == (0, 0, 0)
        assert pool.workers == []
    no_threads.undo()
    assert pool.submit(int).result(LIMIT) == 0
    assert pool.submit(task) is task
    assert pool.join(LIMIT)
    assert ran == [1]  # by the last submit of `task`, not by any that raised


def test_submit_is_queued_when_a_worker_lives(no_threads: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    no_threads.undo()
    with ThreadPool(2) as pool:
        started, go = threading.Event(), threading.Event()
        pool.submit(lambda: (started.set(), go.wait(LIMIT)))
        assert started.wait(LIMIT)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(threading.Thread, "start", lambda _: (_ for _ in ()).throw(RuntimeError("no thread")))
            task = pool.submit(int)
            assert (pool.num_queued_tasks, pool.num_workers) == (1, 1)
        assert "no thread" in caplog.text
        go.set()
        assert task.result(LIMIT) == 0


def test_adding_a_worker_that_cannot_start_leaves_the_counts(no_threads: pytest.MonkeyPatch) -> None:
    pool = ThreadPool(2)
    for add in (pool.add_worker, lambda: pool.setup_workers(2)):
        with pytest.raises(RuntimeError, match="can't start"):
            add()
        assert pool.num_workers == 0
    with pytest.raises(RuntimeError, match="can't start"):
        ThreadPool(2, prepopulate=1)
    no_threads.undo()
    assert pool.submit(int).result(LIMIT) == 0
    assert pool.join(LIMIT)


def test_real_refusal_of_the_system_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    name = next(n for n in ("_start_joinable_thread", "_start_new_thread") if hasattr(threading, n))

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    pool, ran = ThreadPool(1), []
    monkeypatch.setattr(threading, name, refuse)
    with pytest.raises(RuntimeError, match="can't start"):
        pool.submit(ran.append, 1)
    assert pool.num_queued_tasks == 0
    monkeypatch.undo()
    assert pool.submit(int).result(LIMIT) == 0
    assert pool.join(LIMIT)
    assert ran == []


def test_subclass_that_never_calls_the_constructor() -> None:
    class Forgetful(ThreadPool):
        def __init__(self) -> None:
            pass

    pool = Forgetful()
    for use in (
        lambda: pool.submit(int),
        lambda: pool.submit(Task(int)),
        lambda: pool.submit_many(int, []),
        lambda: pool.submit_many(int, ["1"]),
        lambda: pool.map(int, []),
    ):
        with pytest.raises(RuntimeError, match=r"Forgetful.__init__\(\) has not called"):
            use()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_submit_that_raises_does_not_keep_who_waits_for_completion(monkeypatch: pytest.MonkeyPatch) -> None:
    # Its task is counted until it is taken back, and whoever came to wait meanwhile was not told.
    pool = ThreadPool(1)
    threads: list[int] = []
    ended = threading.Event()

    def wait() -> None:
        threads.append(threading.get_native_id())
        if pool.wait_completion(LIMIT):
            ended.set()

    def refuse(_: threading.Thread) -> None:
        _thread.start_new_thread(wait, ())
        until(lambda: threads and Path(f"/proc/self/task/{threads[0]}/stat").read_text().split()[2] == "S")
        time.sleep(0.01)  # it sleeps for want of the GIL, or as it should: in either case nothing fails by itself
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start"):
            pool.submit(int)
    assert ended.wait(LIMIT / 2)
