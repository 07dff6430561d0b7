"""BackgroundQueueWorker: a queue that others read too, and its close() beside them."""

import queue
from typing import Any

from recorded_calls import LIMIT, Calls, Gated
from windlass import BackgroundQueueWorker
from windlass.workers.task_source import WakeUp


class Counted(queue.SimpleQueue[Any]):
    """Counts who asks it."""

    asked = 0

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        self.asked += 1
        return super().get(block, timeout)


class Contested(queue.SimpleQueue[Any]):
    """Its last item is taken by another reader after each look."""

    def empty(self) -> bool:
        if self.qsize() == 1:
            self.get_nowait()
            return False
        return super().empty()


def closing_at_a_task(tasks: Any) -> tuple[BackgroundQueueWorker, Gated]:
    """Return a worker that is at a task, and was told to close meanwhile."""
    calls = Gated()
    worker = BackgroundQueueWorker("busy", calls, queue=tasks)
    worker.start()
    tasks.put("long")
    calls.wait_for(1)
    assert not worker.close(wait=False)
    return worker, calls


def test_the_wake_up_of_a_busy_worker_does_not_go_round_and_round() -> None:
    tasks, others = Counted(), Calls()
    busy, calls = closing_at_a_task(tasks)
    other = BackgroundQueueWorker("other", others, queue=tasks)
    other.start()
    for task in range(10):
        tasks.put(task)
        others.wait_for(task + 1)
    assert tasks.asked <= 1 + 1 + 10 + 1  # the long task, the wake-up, the tasks, and the one asleep
    calls.release()
    assert busy.join(LIMIT)
    assert other.close(timeout=LIMIT)
    assert tasks.empty()


def test_a_reader_that_is_faster_leaves_nobody_asleep() -> None:
    tasks = Contested()
    worker, calls = closing_at_a_task(tasks)
    tasks.put("for the other reader")
    calls.release()
    assert worker.join(LIMIT)


def test_a_wake_up_that_another_process_has_given_up_is_put_again() -> None:
    tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
    worker, calls = closing_at_a_task(tasks)
    assert isinstance(tasks.get_nowait(), WakeUp)
    calls.release()
    assert worker.join(LIMIT)
    assert tasks.empty()
