"""windlass.dropin.pymultitasking: that library's names and signatures, and what behaves better."""

import inspect
import pickle
import threading
import time
from typing import Any

import pytest

import windlass
from limited_calls import Crowd
from waiting import until
from windlass.dropin import pymultitasking
from windlass.dropin.pymultitasking import (
    Limiter,
    MultiEvent,
    MultipleEvents,
    PriorityTaskQueue,
    Task,
    Threaded,
    ThreadPool,
    ThreadWorker,
    get_cpu_count,
    method_wait,
    safe_acquire,
    safe_release,
    wait_lock,
)

LIMIT = 10


def test_all_names_are_there_and_documented() -> None:
    assert set(pymultitasking.__all__) == {
        "Limiter",
        "MultiEvent",
        "MultipleEvents",
        "PriorityTaskQueue",
        "ProcessPool",
        "ProcessTaskQueue",
        "ProcessWorker",
        "Processed",
        "Task",
        "ThreadPool",
        "ThreadWorker",
        "Threaded",
        "get_cpu_count",
        "method_wait",
        "safe_acquire",
        "safe_release",
        "set_start_method",
        "wait_lock",
    }
    assert all(inspect.getdoc(getattr(pymultitasking, name)) for name in pymultitasking.__all__)


# ---- events ----


def test_a_multi_event_is_set_by_the_last_of_several() -> None:
    event = MultiEvent(3)
    assert event.num_required_sets == 3
    woken = threading.Thread(target=event.wait, args=(LIMIT,))
    woken.start()
    for left in (2, 1):
        event.set()
        assert (event.remaining_sets(), event.is_set()) == (left, False)
    event.set()
    woken.join(LIMIT)
    assert event.is_set()
    event.clear()
    assert (event.remaining_sets(), event.is_set()) == (3, False)
    with pytest.raises(TypeError, match="counter must be an int"):
        MultiEvent(1.5)  # type: ignore[arg-type]


def test_several_events_are_waited_for_as_one() -> None:
    first, second, task = threading.Event(), MultiEvent(2), Task(int)
    events = MultipleEvents([first, second])
    events.add_event(task)
    waited: list[bool] = []
    waiter = threading.Thread(target=lambda: waited.append(events.wait(LIMIT)))
    waiter.start()
    first.set()
    second.set()
    assert not events.isSet()
    assert not events.wait(0.001)
    second.set()
    task()
    waiter.join(LIMIT)
    assert waited == [True]
    assert events.is_set()
    events.set()
    assert [MultipleEvents.wait_filter(event) for event in (first, threading.Event())] == [False, True]
    events.remove_events()
    assert events.wait(0)


def test_an_event_that_is_cleared_meanwhile_is_waited_for_again() -> None:
    first, second = threading.Event(), threading.Event()
    events = MultipleEvents(iter([first, second]))
    first.set()
    waiter = threading.Thread(target=events.wait, args=(LIMIT,))
    waiter.start()
    first.clear()
    second.set()
    assert not events.wait(0)
    first.set()
    waiter.join(LIMIT)
    assert not waiter.is_alive()
    events.clear()
    assert not first.is_set()


# ---- locks ----


@pytest.mark.parametrize("make", [threading.Lock, threading.RLock, threading.Semaphore, lambda: windlass.Limit(1)])
def test_wait_lock_holds_and_releases(make: Any) -> None:
    lock = make()
    with wait_lock(lock, 1) as held:
        assert held
    with pytest.raises(ZeroDivisionError), wait_lock(lock, None):
        _ = 1 / 0
    assert safe_acquire(lock, 0)
    refused: list[Any] = []

    def try_elsewhere() -> None:
        with wait_lock(lock, 0.001, raise_exc=False) as held:
            refused.append(held)
        refused.append(safe_acquire(lock, 0.001))
        try:
            with wait_lock(lock, 5, blocking=False):
                refused.append("held")
        except RuntimeError as error:
            refused.append(str(error))

    thread = threading.Thread(target=try_elsewhere)
    thread.start()
    thread.join(LIMIT)
    assert refused == [False, False, "the lock was not to be had within 5 s"]
    assert safe_release(lock)


def test_a_lock_is_had_at_once_when_it_is_released() -> None:
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(0.02, lock.release).start()
    assert safe_acquire(lock, LIMIT)


def test_what_a_lock_raises_is_logged_by_the_safe_functions(caplog: pytest.LogCaptureFixture) -> None:
    assert not safe_release(threading.Lock())
    assert "exception in safe_release of" in caplog.text
    assert not safe_acquire(None, 1)
    assert "exception in safe_acquire of" in caplog.text


# ---- method_wait ----


def answers(*values: Any) -> Any:
    left = list(values)

    def ask(*args: Any, **kwargs: Any) -> Any:
        value = left.pop(0)
        if isinstance(value, Exception):
            raise value
        return (value, args, kwargs) if value is not None else None

    return ask


def test_method_wait_asks_until_there_is_an_answer() -> None:
    assert method_wait(answers(None, None, 3), LIMIT, 0.001) == (3, (), {})
    assert method_wait(answers(None), 0, 0.001) is None
    assert method_wait(lambda: 0, 0.01, 0.001, incompleteVar=0) == 0
    assert method_wait(lambda failureVar=None: "no", LIMIT, incompleteVar="no", failureVar="no") == "no"
    assert method_wait(answers(5), LIMIT, 0.1, False, None, None, False, 1, key=2) == (5, (1,), {"key": 2})


@pytest.mark.parametrize("keywords", [{"delayPercent": True}, {"delayAscending": True}, {"delayAscending": False}])
def test_method_wait_with_other_delays(keywords: dict[str, Any]) -> None:
    assert method_wait(answers(None, 3), 0.01, 0.001, **keywords) in ((3, (), {}), None)


def test_method_wait_and_what_the_function_raises(caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(method_wait(answers(ValueError("a"))), ValueError)
    with pytest.raises(ValueError, match="a"):
        method_wait(answers(ValueError("a")), raiseExc=True)
    with pytest.raises(KeyError) as caught:
        method_wait(answers(ValueError("a")), raiseExc=KeyError)
    assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(OSError, match="mine"):
        method_wait(answers(ValueError("a")), raiseExc=OSError("mine"))


# ---- tasks, queues, pools, workers, decorators ----


def test_a_task_has_its_arguments_at_the_end() -> None:
    seen: list[Any] = []

    def call(*args: Any, TaskObject: Any = None, **kwargs: Any) -> Any:
        return args, kwargs, TaskObject

    task = Task(call, 5, False, True, True, False, seen.append, threading.Semaphore(1), 1, 2, key=3)
    assert task.run() == ((1, 2), {"key": 3}, task)
    assert (task.priority, task.callback_fun, task.isSet()) == (5, seen.append, True)
    assert seen == [task.results]
    assert Task(int).priority == 1
    assert Task(int) <= Task(int) >= Task(int, 0) < Task(int, 2) > Task(int)
    with ThreadPool(1) as pool:
        assert pool.submit(Task(int, 1, False, True, True, False, None, None, "7")).result(LIMIT) == 7
    copy = pickle.loads(pickle.dumps(Task(int, 3, False, True, True, False, None, None, "8")))
    assert (copy(), copy.priority) == (8, 3)


def test_the_queue_takes_tasks_only_and_in_order() -> None:
    queue = PriorityTaskQueue()
    tasks = [Task(int, priority) for priority in (3, 1, 2)]
    for task in tasks:
        queue.put(task)
    with pytest.raises(TypeError, match="item must be a Task"):
        queue.put(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="item must be a Task"):
        queue.put_nowait(None)  # type: ignore[arg-type]
    assert [queue.get_nowait().priority for _ in range(3)] == [1, 2, 3]
    for task in tasks:
        queue.put_nowait(task)
    with ThreadPool(1, queue, False, 5) as pool:
        assert pool.wait_completion(LIMIT, 0.1, True)
    assert all(task.done() for task in tasks)


def test_the_pool_has_its_arguments_in_that_order() -> None:
    pool = ThreadPool(2, None, False, 5, True, 1, "ordered")
    assert (pool.max_workers, pool.maxWorkers, pool.num_workers) == (2, 2, 1)
    assert ThreadPool.get_pool_by_name("ordered", 1) is pool
    assert ThreadPool.get_pools("ordered", timeout=1) == [pool]
    assert pool.setup_workers(2, workerAutoKill=True)
    assert not pool.add_worker(workerAutoKill=True, allow_restart=True)
    assert pool.remove_worker(None, LIMIT, allow_abandon=True)
    assert pool.ignoredTasks == []
    assert pool.shutdown(LIMIT)


def test_a_decorated_functions_pool_is_one_of_these() -> None:
    threaded = Threaded(pool_name="these")(int)
    pool = ThreadPool.get_pool_by_name("these")
    assert type(pool) is ThreadPool
    assert threaded("4").results in (4, None)
    assert pool.wait_completion(LIMIT, delay=0.1, block=True)
    assert pool.shutdown(LIMIT)


def test_the_limiters_older_keyword() -> None:
    crowd, meet = Crowd(), threading.Barrier(2)

    def call(value: int) -> int:
        with crowd:
            meet.wait(LIMIT)
        return value

    threaded = Limiter(2, call_only=False)(Threaded(call))
    assert [task.result(LIMIT) for task in [threaded(value) for value in range(20)]] == list(range(20))
    assert crowd.most == 2
    assert Limiter(1, call_only=True)(int)("3") == 3


def test_a_worker_can_be_stopped_and_killed() -> None:
    worker = ThreadWorker(name="doomed")
    assert isinstance(worker, windlass.ThreadWorker)
    assert (worker.daemon, worker.workerType, worker.killed) == (True, "THREAD", False)

    def spin() -> None:
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            pass

    busy = worker.submit(spin)
    until(busy.running)
    waiting = worker.submit(int)
    assert worker.task_queue.qsize() == 1
    worker.kill()
    assert worker.killed
    assert type(busy.exception(LIMIT)) is SystemExit
    assert waiting.cancelled()
    worker.join(LIMIT)
    assert not worker.is_alive()
    with pytest.raises(RuntimeError, match="not alive"):
        worker.terminate()
    with pytest.raises(TypeError, match="must be None"):
        ThreadWorker(ThreadPool(1))  # type: ignore[arg-type]


def test_a_worker_takes_a_decorated_functions_calls() -> None:
    worker = ThreadWorker()
    assert Threaded(daemon=worker)(threading.current_thread)().result(LIMIT) is worker
    worker.safe_stop()
    worker.join(LIMIT)


def test_the_processors_of_this_process() -> None:
    assert get_cpu_count() >= 1
