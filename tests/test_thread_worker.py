"""ThreadWorker: a thread with a queue of its own."""

import threading
from typing import Any

import pytest

from waiting import until
from windlass import PoolClosed, Task, ThreadWorker, current_task

LIMIT = 10


def where() -> threading.Thread:
    return threading.current_thread()


def test_it_is_a_thread_that_starts_with_its_first_task() -> None:
    worker = ThreadWorker(name="one")
    assert isinstance(worker, threading.Thread)
    assert (worker.name, worker.daemon, worker.is_alive()) == ("one", False, False)
    task = worker.submit(where)
    assert task.result(LIMIT) is worker
    assert task.worker is worker
    worker.close()
    worker.join(LIMIT)
    assert not worker.is_alive()


def test_start_starts_it_once() -> None:
    worker = ThreadWorker(daemon=True)
    worker.start()
    assert worker.is_alive()
    with pytest.raises(RuntimeError, match="once"):
        worker.start()
    assert worker.submit(where).result(LIMIT) is worker
    with pytest.raises(RuntimeError, match="once"):
        worker.start()
    worker.stop()
    worker.join(LIMIT)


def test_tasks_run_by_priority_then_in_order() -> None:
    worker = ThreadWorker()
    gate = threading.Event()
    log: list[tuple[int, int]] = []
    worker.submit(gate.wait, LIMIT)
    for number in range(20):
        worker.options(priority=number % 3).submit(log.append, (number % 3, number))
    assert worker.num_queued_tasks >= 20
    gate.set()
    worker.close()
    worker.join(LIMIT)
    assert log == sorted(log)
    assert len(log) == 20


def test_a_target_is_called_first_and_the_thread_ends() -> None:
    log: list[Any] = []
    worker = ThreadWorker(log.append, args=("target",))
    tasks = [worker.options(autospawn=False).submit(log.append, number) for number in range(3)]
    assert log == []
    worker.start()
    worker.join(LIMIT)
    assert not worker.is_alive()
    assert log == ["target", 0, 1, 2]
    assert all(task.done() for task in tasks)
    with pytest.raises(PoolClosed):
        worker.submit(int)


def test_a_task_as_target() -> None:
    task = Task(where)
    worker = ThreadWorker(task)
    worker.start()
    assert task.result(LIMIT) is worker


def test_keyword_arguments_of_target_and_of_submit_arrive() -> None:
    seen: list[dict[str, Any]] = []
    worker = ThreadWorker(lambda **kwargs: seen.append(kwargs), kwargs={"submit_task_priority": 1, "fn": 2})
    worker.start()
    worker.join(LIMIT)
    assert seen == [{"submit_task_priority": 1, "fn": 2}]
    worker = ThreadWorker()
    assert worker.submit(dict, submit_task_nowait=3).result(LIMIT) == {"submit_task_nowait": 3}
    worker.close()


def test_it_says_what_it_is_at() -> None:
    worker = ThreadWorker()
    gate = threading.Event()
    assert (worker.is_active, worker.current_priority) == (False, 0)
    task = worker.options(priority=7).submit(gate.wait, LIMIT)
    until(task.running)
    assert (worker.is_active, worker.current_priority) == (True, 7)
    gate.set()
    until(lambda: not worker.is_active)
    worker.close()


def test_stop_hands_back_what_waits() -> None:
    worker = ThreadWorker()
    gate = threading.Event()
    running = worker.submit(gate.wait, LIMIT)
    until(running.running)
    waiting = [worker.submit(int) for _ in range(5)]
    assert worker.stop() == waiting
    assert all(task.cancelled() for task in waiting)
    gate.set()
    worker.join(LIMIT)
    assert running.result(0)


def test_a_worker_waits_for_its_own_tasks_by_running_them() -> None:
    worker = ThreadWorker()
    outer = worker.submit(lambda: [current_task() is not None, worker.submit(int, "3").result(LIMIT)])
    assert outer.result(LIMIT) == [True, 3]
    worker.close()


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_what_a_task_raises_does_not_end_it(error: type[BaseException]) -> None:
    worker = ThreadWorker()

    def fail() -> None:
        raise error

    assert type(worker.submit(fail).exception(LIMIT)) is error
    assert worker.submit(where).result(LIMIT) is worker
    worker.close()


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="target must be callable"):
        ThreadWorker(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="fn must be callable"):
        ThreadWorker().submit(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        ThreadWorker(int, args=3)  # type: ignore[arg-type]
