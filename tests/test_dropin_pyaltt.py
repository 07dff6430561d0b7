"""windlass.dropin.pyaltt: the document's workers, and the names that the document leaves to its readers."""

import queue
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import windlass
from test_seed_pyaltt_workers import Script, parts
from windlass.dropin import pyaltt

LIMIT = 10


class DropInScript(Script):
    """An example that imports from the drop-in module."""

    def run(self, code: str) -> None:
        super().run(code.replace("from windlass import", "from windlass.dropin.pyaltt import"))


@pytest.fixture
def script() -> Iterator[DropInScript]:
    made = DropInScript()
    yield made
    if "myworker" in made.names:
        made.worker.stop()


@pytest.fixture
def no_limit() -> Iterator[None]:
    yield
    windlass.limit_background_tasks(None)


# Example, class, what it prints.
EXAMPLES = [
    (0, pyaltt.BackgroundWorker, "I'm a worker myworker\nI'm a worker myworker\n"),
    (1, pyaltt.BackgroundQueueWorker, "Got a task task 1\n"),
    (2, pyaltt.BackgroundEventWorker, "event triggered\n"),
]


@pytest.mark.parametrize(("example", "kind", "printed"), EXAMPLES, ids=["loop", "queue", "event"])
def test_examples_of_workers(script: DropInScript, example: int, kind: type, printed: str) -> None:
    *parts_before, stop = parts(example)
    for part in parts_before:
        script.run(part)
    assert isinstance(script.worker, kind)
    script.output.wait_for(printed)
    script.run(stop)
    assert not script.worker.is_active()
    assert set(script.output.getvalue().splitlines()) == set(printed.splitlines())


def test_names_are_windlass_own_where_they_mean_the_same() -> None:
    assert pyaltt.FunctionCollecton is pyaltt.FunctionCollection is windlass.FunctionCollection
    for name in ("background_worker", "BackgroundWorker", "BackgroundQueueWorker", "BackgroundEventWorker"):
        assert getattr(pyaltt, name) is getattr(windlass, name)
    assert all(hasattr(pyaltt, name) for name in pyaltt.__all__)


def test_every_parameter_of_the_document_is_taken() -> None:
    told: list[dict[str, Any]] = []
    ran = threading.Event()
    seen: list[tuple[Any, ...]] = []

    @pyaltt.background_worker(
        name="w",
        daemon=True,
        o="object",
        on_error=lambda **kwargs: told.append(kwargs),
        on_error_kwargs={"x": 1},
        delay_before=0.001,
        interval=0.001,
        poll_delay=0.0005,
        realtime=True,
    )
    def work(*args: Any, **kwargs: Any) -> None:
        seen.append((args, kwargs["y"], kwargs["o"], kwargs["worker_name"]))
        if len(seen) == 3:
            ran.set()
        raise ValueError("of work")

    work.start(1, y=2, _daemon=True, _name="other", _interval=0.002)
    assert ran.wait(LIMIT)
    work.stop(wait=False)
    work.stop()
    assert seen[0] == ((1,), 2, "object", "other")
    assert told[0]["x"] == 1
    assert repr(told[0]["e"]) == "ValueError('of work')"


def test_queue_worker_with_a_queue_or_a_class_of_ones_own() -> None:
    done: queue.Queue[Any] = queue.Queue()
    mine: queue.Queue[Any] = queue.PriorityQueue()
    workers = []
    for parameters in ({"queue": mine}, {"queue_class": queue.PriorityQueue}, {"q": True}):
        worker = pyaltt.background_worker(**parameters)(lambda task, **kwargs: done.put(task))
        worker.put(2)
        worker.put(1)
        worker.start()
        workers.append((done.get(timeout=LIMIT), done.get(timeout=LIMIT)))
        worker.stop()
    assert workers == [(1, 2), (1, 2), (2, 1)]


def test_background_task_is_a_thread() -> None:
    release = threading.Event()

    @pyaltt.background_task(name="mine", daemon=True, wait_start=True)
    def wait(x: int, *, y: int) -> int:
        assert release.wait(LIMIT)
        return x + y

    thread = wait(1, y=2)
    assert isinstance(thread, threading.Thread)
    assert (thread.name, thread.daemon, thread.is_alive()) == ("mine", True, True)
    release.set()
    thread.join(LIMIT)
    assert thread.result(0) == 3
    assert pyaltt.background_job(lambda: 4)().result(LIMIT) == 4
    assert pyaltt.background_task(lambda: 5)().result(LIMIT) == 5


def test_higher_task_priorities_begin_first_when_the_supervisor_makes_them_wait(no_limit: None) -> None:
    supervisor = pyaltt.WorkerSupervisor(1, 0, 0)
    release = threading.Event()
    ran: list[int] = []
    supervisor.start()
    first = pyaltt.background_task(release.wait, wait_start=True)(LIMIT)
    priorities = [pyaltt.TASK_LOW, pyaltt.TASK_CRITICAL, pyaltt.TASK_NORMAL, pyaltt.TASK_HIGH]
    threads = [pyaltt.background_task(ran.append, priority=priority)(priority) for priority in priorities]
    assert ran == []
    release.set()
    for thread in (first, *threads):
        thread.join(LIMIT)
    assert ran == [50, 30, 10, 0]


def test_supervisor_changes_its_limit_and_lifts_it(no_limit: None) -> None:
    release = threading.Event()
    begun = threading.Semaphore(0)

    @pyaltt.background_task
    def work() -> None:
        begun.release()
        assert release.wait(LIMIT)

    pyaltt.task_supervisor.set_config(pool_size=1, reserve_normal=0, reserve_high=0)
    pyaltt.task_supervisor.start()
    threads = [work() for _ in range(4)]
    assert begun.acquire(timeout=LIMIT)
    assert not begun.acquire(blocking=False)
    pyaltt.task_supervisor.set_config(reserve_high=1)
    assert begun.acquire(timeout=LIMIT)
    assert not begun.acquire(blocking=False)
    pyaltt.task_supervisor.stop()
    assert all(begun.acquire(timeout=LIMIT) for _ in range(2))
    release.set()
    for thread in threads:
        thread.join(LIMIT)


def test_local_proxy_belongs_to_each_thread() -> None:
    pyaltt.g.set("x", 1)
    elsewhere: list[Any] = []

    def look() -> None:
        elsewhere.append((pyaltt.g.has("x"), pyaltt.g.get("x"), pyaltt.g.get("x", 2)))
        pyaltt.g.set("x", 3)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(LIMIT)
    assert elsewhere == [(False, None, 2)]
    assert (pyaltt.g.x, pyaltt.g.get("x"), pyaltt.g.has("x")) == (1, 1, True)
    assert pyaltt.g.clear("x")
    assert pyaltt.g.clear("x")
    assert not pyaltt.g.has("x")
