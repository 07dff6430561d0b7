"""Where Threaded's calls go: shared threads, one worker, a worker given, pools by name; and what it refuses."""

import ctypes
import gc
import threading
import time
import uuid
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from limited_calls import Crowd
from waiting import until
from windlass import PoolClosed, Threaded, ThreadPool, ThreadWorker
from windlass.decorators.thread_destinations import MAX_THREADS, shared_pool

LIMIT = 10


def where() -> threading.Thread:
    return threading.current_thread()


@pytest.fixture
def name() -> Iterator[str]:
    """The name of a pool that is shut down at the end."""
    name = f"destinations-{uuid.uuid4()}"
    yield name
    for pool in ThreadPool.get_pools(name):
        pool.shutdown(timeout=LIMIT)


def test_a_free_thread_is_used_again() -> None:
    threaded = Threaded(where)
    first = threaded().result(LIMIT)
    until(lambda: shared_pool.inactive_workers == shared_pool.num_workers)
    before = set(threading.enumerate())
    for _ in range(50):
        threaded().result(LIMIT)
        until(lambda: shared_pool.inactive_workers == shared_pool.num_workers)
    assert set(threading.enumerate()) <= before
    assert first.name.startswith("windlass-threaded_")
    assert not first.daemon


@pytest.mark.stress
def test_ten_thousand_calls_from_eight_threads_are_all_made() -> None:
    made: list[int] = []
    threaded = Threaded(made.append)
    tasks: list[Any] = []
    most = [0]

    def call() -> None:
        for number in range(1250):
            tasks.append(threaded(number))
            most[0] = max(most[0], shared_pool.num_workers)

    callers = [threading.Thread(target=call) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert [task.result(30) for task in tasks] == [None] * 10_000
    assert sorted(made) == sorted(list(range(1250)) * 8)
    assert most[0] <= MAX_THREADS


def test_calls_that_wait_for_a_later_one_have_a_thread_each() -> None:
    barrier = threading.Barrier(60)
    tasks = [Threaded(barrier.wait)(60) for _ in range(60)]
    assert sorted(task.result(60) for task in tasks) == list(range(60))


def test_the_shared_threads_are_no_pool_that_others_find_and_join() -> None:
    Threaded(where)().result(LIMIT)
    assert shared_pool not in ThreadPool.get_pools()
    assert ThreadPool.join_pools(LIMIT)
    assert Threaded(where)().result(LIMIT)


def test_daemon_is_one_thread_in_order_of_the_calls() -> None:
    log: list[int] = []

    @Threaded(daemon=True)
    def note(number: int) -> threading.Thread:
        log.append(number)
        return where()

    threads = {task.result(LIMIT) for task in [note(number) for number in range(200)]}
    assert log == list(range(200))
    assert len(threads) == 1
    assert threads.pop().daemon


def test_two_daemon_functions_have_a_thread_each() -> None:
    decorate = Threaded(daemon=True)
    one, other = decorate(where), decorate(lambda: where())
    assert one().result(LIMIT) is not other().result(LIMIT)


def test_a_daemon_survives_what_its_calls_raise() -> None:
    @Threaded(daemon=True)
    def fail(error: type[BaseException] | None) -> threading.Thread:
        if error is not None:
            raise error
        return where()

    first = fail(None).result(LIMIT)
    for error in (ValueError, SystemExit, KeyboardInterrupt, GeneratorExit):
        assert type(fail(error).exception(LIMIT)) is error
    assert fail(None).result(LIMIT) is first


def test_a_daemon_that_was_killed_is_replaced() -> None:
    @Threaded(daemon=True)
    def work(seconds: float = 0) -> threading.Thread:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pass
        return where()

    first = work().result(LIMIT)
    busy = work(LIMIT)
    until(busy.running)
    kill = ctypes.pythonapi.PyThreadState_SetAsyncExc
    assert kill(ctypes.c_ulong(first.ident or 0), ctypes.py_object(SystemExit)) == 1
    assert type(busy.exception(LIMIT)) is SystemExit
    assert work().result(LIMIT).is_alive()


def test_a_daemon_whose_function_is_dropped_ends() -> None:
    threaded = Threaded(daemon=True)(where)
    thread = threaded().result(LIMIT)
    del threaded
    gc.collect()
    thread.join(LIMIT)
    assert not thread.is_alive()


def test_a_worker_that_is_given() -> None:
    worker = ThreadWorker(name="given")
    one, other = Threaded(daemon=worker)(where), Threaded(daemon=worker)(lambda: where())
    assert one().result(LIMIT) is worker
    assert other().result(LIMIT) is worker
    worker.close()
    worker.join(LIMIT)
    with pytest.raises(PoolClosed):
        one()


def test_a_pool_that_is_given() -> None:
    with ThreadPool(1, name="given") as pool:
        threaded = Threaded(pool=pool)(where)
        assert threaded().result(LIMIT) in pool.workers
    with pytest.raises(PoolClosed):
        threaded()


def test_a_pool_of_its_own_is_made_anew_after_a_shutdown() -> None:
    others = ThreadPool.get_pools()
    threaded = Threaded(pool=True, _pool_max_workers=3)(where)
    threaded().result(LIMIT)
    (pool,) = (pool for pool in ThreadPool.get_pools() if pool not in others)
    assert pool.shutdown(timeout=LIMIT)
    assert threaded().result(LIMIT).is_alive()
    assert threaded(**{"_task_priority": 1}).priority == 1


@pytest.mark.stress
def test_calls_at_once_after_a_shutdown_make_one_pool() -> None:
    def named(state: str) -> list[ThreadPool]:
        return [pool for pool in ThreadPool.get_pools() if pool._crew.prefix == "renewed" and pool.state == state]

    for _ in range(20):
        threaded = Threaded(pool=True, _pool_thread_name_prefix="renewed")(where)
        (pool,) = named("INACTIVE")
        assert pool.shutdown(timeout=LIMIT)
        del pool
        barrier, tasks = threading.Barrier(6), list[Any]()

        def call() -> None:
            barrier.wait(LIMIT)  # noqa: B023
            tasks.append(threaded())  # noqa: B023

        threads = [threading.Thread(target=call) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT)
        assert all(task.result(LIMIT) for task in tasks)
        (anew,) = named("ACTIVE")
        until(lambda: anew.statistics().done == 6)  # noqa: B023
        anew.shutdown(timeout=LIMIT)


def test_a_pool_by_name_is_found_or_made(name: str) -> None:
    one = Threaded(pool_name=name, _pool_maxWorkers=2)(where)
    other = Threaded(pool_name=name)(lambda: where())
    pool = ThreadPool.get_pool_by_name(name)
    assert pool is not None
    assert len(ThreadPool.get_pools(name)) == 1
    assert pool.max_workers == 2
    assert one().result(LIMIT) in pool.workers
    assert other().result(LIMIT) in pool.workers
    assert pool.shutdown(timeout=LIMIT)
    assert one().result(LIMIT).is_alive()
    other().result(LIMIT)
    (anew,) = (pool for pool in ThreadPool.get_pools(name) if pool.state == "ACTIVE")
    assert ThreadPool.get_pool_by_name(name) is anew


def test_functions_of_one_name_decorated_at_once_get_one_pool(name: str) -> None:
    barrier = threading.Barrier(8)

    def decorate() -> None:
        barrier.wait(LIMIT)
        Threaded(pool_name=name)(where)().result(LIMIT)

    threads = [threading.Thread(target=decorate) for _ in range(8)]
    pool = Threaded(pool_name=name)(where)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert len(ThreadPool.get_pools(name)) == 1
    assert pool().result(LIMIT)


def test_options_of_the_worker() -> None:
    named = Threaded(_worker_name="mine", _worker_daemon=True)(where)
    thread = named().result(LIMIT)
    assert (thread.name, thread.daemon) == ("mine_0", True)
    thread = Threaded(daemon=True, _worker_daemon=False, _worker_name="one")(where)().result(LIMIT)
    assert (thread.name, thread.daemon) == ("one_0", False)


def test_options_of_the_task_from_decorator_and_call() -> None:
    seen: list[Any] = []

    @Threaded(callback_func=seen.append, _task_name="named", _task_priority=3, _task_store_return=False)
    def give(value: int) -> int:
        return value

    task = give(4)
    assert task.wait(LIMIT)
    assert (task.name, task.priority, task.results, seen) == ("named", 3, None, [4])
    task = give(5, _task_priority=1, _task_store_return=True, _task_callback_func=None)  # type: ignore[call-arg]
    assert (task.result(LIMIT), task.priority, task.name, seen) == (5, 1, "named", [4])


def test_a_parameter_of_the_function_is_not_taken_for_one_of_the_task() -> None:
    @Threaded
    def give(_task_priority: int) -> int:
        return _task_priority

    task = give(_task_priority=77)
    assert (task.result(LIMIT), task.priority) == (77, 10)


def test_a_semaphore_of_the_call() -> None:
    crowd, semaphore, two = Crowd(), threading.Semaphore(2), threading.Barrier(2)

    @Threaded
    def meet(number: int) -> int:
        with crowd:
            two.wait(LIMIT)
        return number

    tasks = [meet(number, _task_semaphore=semaphore) for number in range(50)]  # type: ignore[call-arg]
    assert [task.result(LIMIT) for task in tasks] == list(range(50))
    assert crowd.most == 2


def test_what_the_older_library_had_and_nobody_needs_is_accepted() -> None:
    assert Threaded(_task_kill=True, _worker_workerAutoKill=False, _worker_defaultTimeout=3)(where)().result(LIMIT)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"daemon": True, "pool": True}, "daemon cannot be given together"),
        ({"daemon": True, "pool_name": "a"}, "daemon cannot be given together"),
        ({"daemon": "yes"}, "daemon must be True or a ThreadWorker"),
        ({"pool": "yes"}, "pool must be True or a pool"),
        ({"pool_name": 3}, "pool_name must be a str"),
        ({"pool": ThreadPool(1), "pool_name": "a"}, "pool_name cannot be given together"),
        ({"pool": True, "_worker_name": "a"}, "_worker_... cannot"),
        ({"_pool_max_workers": 3}, "_pool_... needs"),
        ({"pool": True, "_pool_colour": 3}, "colour"),
        ({"_task_colour": 3}, "_task_colour must be one of _task_callback_func"),
        ({"_worker_colour": 3}, "_worker_colour must be one of _worker_daemon, _worker_name"),
        ({"colour": 3}, "colour is no keyword of Threaded"),
        ({"callback_func": 3}, "callback_func must be callable"),
        ({"_task_priority": "high"}, "priority must be"),
    ],
)
def test_bad_arguments_are_refused_at_the_decoration(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Threaded(**arguments)(where)


def test_a_decorated_function_can_be_freed() -> None:
    class Target:
        def __call__(self) -> int:
            return 1

    target = Target()
    gone = weakref.ref(target)
    threaded = Threaded(target)
    assert threaded().result(LIMIT) == 1
    del target, threaded
    gc.collect()
    assert gone() is None
