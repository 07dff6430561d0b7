"""BackgroundQueueWorker: order, foreign queues, pause, and that no task is lost."""

import multiprocessing
import queue
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from recorded_calls import LIMIT, Calls, Gated
from windlass import BackgroundQueueWorker, PriorityTaskQueue, background_worker
from windlass.workers.task_source import WakeUp

QUEUES: dict[str, Callable[[], Any]] = {
    "Queue": queue.Queue,
    "LifoQueue": queue.LifoQueue,
    "PriorityQueue": queue.PriorityQueue,
    "SimpleQueue": queue.SimpleQueue,
    "PriorityTaskQueue": PriorityTaskQueue,
    "multiprocessing": multiprocessing.Queue,
    "bounded": lambda: queue.Queue(1000),
}
each_queue = pytest.mark.parametrize("make", QUEUES.values(), ids=list(QUEUES))


def left_in(tasks: Any) -> list[Any]:
    left = []
    while not tasks.empty():
        left.append(tasks.get())
    return [task for task in left if not isinstance(task, WakeUp)]


@each_queue
def test_every_task_is_run_once(make: Callable[[], Any]) -> None:
    calls, tasks = Calls(), make()
    worker = BackgroundQueueWorker(func=calls, queue=tasks)
    worker.put(0)
    worker.start("more", key="word")
    for task in range(1, 100):
        worker.put(task)
    calls.wait_for(100)
    assert sorted(calls.tasks) == list(range(100))
    assert all(args[1:] == ("more",) and kwargs["key"] == "word" for args, kwargs in calls.made)
    assert worker.stop(timeout=LIMIT)


@each_queue
def test_stop_while_it_waits(make: Callable[[], Any]) -> None:
    calls, tasks = Calls(), make()
    worker = BackgroundQueueWorker(func=calls, queue=tasks)
    for runs in (1, 2, 3):
        worker.start()
        worker.put(1)
        calls.wait_for(runs)
        assert worker.stop(timeout=LIMIT)
    worker.put("last")
    worker.start()
    assert worker.close(timeout=LIMIT)
    assert calls.tasks[-1] == "last"
    assert set(calls.tasks) == {1, "last"}  # nothing that woke it looked like a task


def test_stop_leaves_what_was_not_run_in_the_queue() -> None:
    calls = Gated()
    worker = BackgroundQueueWorker(func=calls)
    for task in range(5):
        worker.put(task)
    worker.start()
    calls.wait_for(1)
    worker.stop(wait=False)
    calls.release()
    assert worker.join(LIMIT)
    assert calls.tasks == [0]
    assert list(worker.queue.queue) == [1, 2, 3, 4]
    calls.release(4)
    worker.start()
    calls.wait_for(5)
    assert calls.tasks == [0, 1, 2, 3, 4]
    assert worker.stop(timeout=LIMIT)


def test_close_runs_what_is_queued() -> None:
    calls = Gated()
    worker = BackgroundQueueWorker(func=calls)
    worker.start()
    for task in range(5):
        worker.put(task)
    calls.wait_for(1)
    assert not worker.close(wait=False)
    assert worker.is_active()
    calls.release(5)
    assert worker.join(LIMIT)
    assert calls.tasks == [0, 1, 2, 3, 4]
    assert worker.close()  # once more, with nothing to do


def test_close_believes_no_queue_that_says_it_is_empty() -> None:
    class Late(queue.SimpleQueue[Any]):  # as that of multiprocessing, whose tasks are on their way for a while
        def empty(self) -> bool:
            return True

    calls = Gated()
    worker = BackgroundQueueWorker(func=calls, queue=Late())
    worker.start()
    for task in range(5):
        worker.put(task)
    calls.wait_for(1)
    assert not worker.close(wait=False)
    calls.release(5)
    assert worker.join(LIMIT)
    assert calls.tasks == [0, 1, 2, 3, 4]
    assert worker.queue.qsize() == 0
    assert worker.close()  # puts nothing into it
    assert worker.queue.qsize() == 0


@pytest.mark.stress
@pytest.mark.parametrize("name", ["Queue", "SimpleQueue", "PriorityTaskQueue"])
def test_nothing_is_lost_in_storms_of_starts_and_stops(name: str) -> None:
    calls, total = Calls(), 2000
    worker = BackgroundQueueWorker(func=calls, queue=QUEUES[name]())
    done = threading.Event()

    def produce() -> None:
        for task in range(total):
            worker.put(task)
        done.set()

    producer = threading.Thread(target=produce)
    producer.start()
    while not done.is_set():
        worker.start()
        worker.stop(timeout=LIMIT)
    producer.join(LIMIT)
    worker.start()
    assert worker.close(timeout=LIMIT)
    assert calls.tasks == list(range(total))


@pytest.mark.parametrize("name", ["Queue", "SimpleQueue"])
def test_workers_share_a_queue_and_stop_apart(name: str) -> None:
    tasks, calls = QUEUES[name](), Calls()
    workers = [BackgroundQueueWorker(func=calls, queue=tasks) for _ in range(4)]
    for worker in workers:
        worker.start()
    for task in range(200):
        tasks.put(task)
    calls.wait_for(200)
    for worker in workers:
        assert worker.stop(timeout=LIMIT)
    assert sorted(calls.tasks) == list(range(200))


def test_priorities_decide() -> None:
    calls = Gated()
    worker = background_worker(queue_class=queue.PriorityQueue)(calls)
    for task in (3, 1, 2):
        worker.put(task)
    worker.start()
    calls.release(3)
    calls.wait_for(3)
    assert calls.tasks == [1, 2, 3]
    assert worker.stop(timeout=LIMIT)  # and puts nothing there that 4 cannot be compared with
    for task in (5, 4):
        worker.put(task)
    worker.start()
    calls.release(2)
    calls.wait_for(5)
    assert calls.tasks[3:] == [4, 5]
    assert worker.stop(timeout=LIMIT)


def test_put_passes_the_queues_own_arguments_on() -> None:
    calls = Gated()
    worker = BackgroundQueueWorker(func=calls, queue=PriorityTaskQueue())
    worker.put("late", priority=9)
    worker.put("soon", priority=1)
    worker.start()
    calls.release(2)
    calls.wait_for(2)
    assert calls.tasks == ["soon", "late"]
    worker.stop()
    bounded = BackgroundQueueWorker(func=calls, queue_class=lambda: queue.Queue(1))
    bounded.put(1)
    with pytest.raises(queue.Full):
        bounded.put(2, block=False)


def test_any_object_is_a_task() -> None:
    calls = Calls()
    worker = BackgroundQueueWorker(func=calls)
    things = [None, False, (), 0, object(), queue.Queue]
    for thing in things:
        worker.put(thing)
    worker.start()
    assert worker.close(timeout=LIMIT)
    assert calls.tasks == things


def test_false_stops_and_the_rest_stays() -> None:
    calls = Calls(returns=False)
    worker = BackgroundQueueWorker(func=calls)
    for task in range(3):
        worker.put(task)
    worker.start()
    assert worker.join(LIMIT)
    assert calls.tasks == [0]
    assert left_in(worker.queue) == [1, 2]


def test_tasks_are_acknowledged_even_if_they_raise_or_say_so_themselves() -> None:
    def fn(task: Any, _worker: Any) -> None:
        if task == 1:
            _worker.queue.task_done()
        if task == 2:
            raise ValueError(task)

    worker = BackgroundQueueWorker(func=fn, on_error=lambda e: None)
    worker.start()
    for task in range(4):
        worker.put(task)
        worker.queue.join()
    assert worker.statistics().errors == 1
    assert worker.stop(timeout=LIMIT)


def test_a_paused_worker_takes_no_wake_from_another() -> None:
    tasks, calls = queue.Queue[Any](), Calls()
    paused, other = (BackgroundQueueWorker(name, calls, queue=tasks) for name in ("paused", "other"))
    paused.start()
    time.sleep(0.01)  # it falls asleep in the queue, where the put below would find it first
    paused.pause()
    time.sleep(0.01)
    other.start()
    for task in range(3):
        time.sleep(0.01)
        tasks.put(task)
        calls.wait_for(task + 1)
        assert calls.made[task][1]["worker_name"] == "other"
    paused.resume()
    for worker in (paused, other):
        assert worker.stop(timeout=LIMIT)


def stop_on_demand(tasks: Any, orders: Any) -> None:
    worker = BackgroundQueueWorker(func=Calls(), queue=tasks)
    worker.start()
    orders.send("started")
    orders.recv()
    orders.send(worker.stop(timeout=LIMIT))


@pytest.mark.slow
def test_workers_of_two_processes_stop_apart() -> None:
    context = multiprocessing.get_context("spawn")
    tasks, (orders, its_orders) = context.Queue(), context.Pipe()
    process = context.Process(target=stop_on_demand, args=(tasks, its_orders))
    process.start()
    assert orders.recv() == "started"
    for _ in range(10):
        worker = BackgroundQueueWorker(func=Calls(), queue=tasks)
        worker.start()
        tasks.put("task")
        assert worker.stop(timeout=LIMIT)  # the other process may have been woken in its place
    orders.send("stop")
    assert orders.recv() is True
    process.join(LIMIT)
    assert process.exitcode == 0


@pytest.mark.parametrize("name", ["Queue", "SimpleQueue"])
def test_pause_and_stop_while_paused(name: str) -> None:
    calls = Calls()
    worker = BackgroundQueueWorker(func=calls, queue=QUEUES[name]())
    worker.start()
    worker.put(1)
    calls.wait_for(1)
    worker.pause()
    worker.put(2)
    worker.put(3)
    assert calls.tasks == [1]
    worker.resume()
    calls.wait_for(3)
    worker.pause()
    worker.put(4)
    assert worker.stop(timeout=LIMIT)
    # One that get() had taken already was run on stopping; either way it is not lost.
    assert calls.tasks[3:] + left_in(worker.queue) == [4]


def test_duration_and_max_ticks() -> None:
    calls = Calls()
    for tasks in (queue.Queue(), queue.SimpleQueue(), PriorityTaskQueue()):
        worker = BackgroundQueueWorker(func=calls, queue=tasks, duration=0.02)
        worker.start()
        assert worker.join(LIMIT)
        worker = BackgroundQueueWorker(func=calls, queue=tasks, max_ticks=2)
        for task in range(3):
            worker.put(task)
        worker.start()
        assert worker.join(LIMIT)
        assert left_in(tasks) == [2]


def test_a_closed_queue_ends_the_worker_when_it_is_empty() -> None:
    calls, tasks = Calls(), PriorityTaskQueue()
    worker = BackgroundQueueWorker(func=calls, queue=tasks)
    worker.put(1)
    worker.put(2)
    tasks.close()
    worker.start()
    assert worker.join(LIMIT)
    assert calls.tasks == [1, 2]
    if hasattr(queue, "ShutDown"):
        standard: Any = queue.Queue()
        standard.put(3)
        standard.shutdown()
        worker.start(_queue=standard)
        assert worker.join(LIMIT)
        assert calls.tasks == [1, 2, 3]


def test_a_broken_queue_ends_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def put(self, item: Any) -> None: ...
        def get(self, timeout: float | None = None) -> Any:
            raise OSError("the line is dead")

    worker = BackgroundQueueWorker(func=Calls(), queue=Broken())
    worker.start()
    assert worker.join(LIMIT)
    assert len(caplog.records) == 1
    assert "the line is dead" in caplog.text
    assert not worker.is_active()


def test_override_of_the_queue() -> None:
    calls, other = Calls(), queue.LifoQueue[Any]()
    worker = BackgroundQueueWorker(func=calls)
    worker.put("own")
    other.put("other")
    worker.start(_queue=other)
    assert worker.queue is other
    assert worker.close(timeout=LIMIT)
    worker.start(_queue_class=queue.Queue)
    assert worker.close(timeout=LIMIT)
    assert calls.tasks == ["other", "own"]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timer signals")
def test_a_signal_handler_may_stop_whatever_it_interrupts() -> None:
    worker = BackgroundQueueWorker(func=Calls())
    worker.start()
    handled: list[bool] = []

    def handler(*_: Any) -> None:
        worker.stop(wait=False)
        handled.append(True)

    old = signal.signal(signal.SIGALRM, handler)
    try:
        with worker.queue.mutex:  # as inside put()
            signal.setitimer(signal.ITIMER_REAL, 0.001)
            end = time.monotonic() + LIMIT
            while not handled:
                assert time.monotonic() < end
    finally:
        signal.signal(signal.SIGALRM, old)
    assert worker.join(LIMIT)
