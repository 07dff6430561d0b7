"""The worker examples of pyaltt's document run with nothing changed but their import lines."""

import functools
import io
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from seed_documents import code_blocks
from windlass import BackgroundEventWorker, BackgroundQueueWorker, BackgroundWorker

LIMIT = 10
PAUSE = "# ................\n"  # where the document lets time pass


class Output(io.StringIO):
    """What the workers print; ``wait_for`` lets time pass until they have."""

    def __init__(self) -> None:
        super().__init__()
        self._written = threading.Condition()

    def write(self, text: str) -> int:
        with self._written:
            self._written.notify_all()
            return super().write(text)

    def wait_for(self, text: str) -> None:
        with self._written:
            assert self._written.wait_for(lambda: text in self.getvalue(), LIMIT), self.getvalue()


def parts(example: int) -> list[str]:
    """Return the code of an example, cut where the document lets time pass."""
    code = code_blocks("pyaltt_workers")[example].replace("from pyaltt import", "from windlass import")
    assert "pyaltt" not in code
    return code.split(PAUSE)


class Script:
    """An example that is run part by part. Its names are those of a module; its output is kept."""

    def __init__(self) -> None:
        self.output = Output()
        self.names: dict[str, Any] = {"print": functools.partial(print, file=self.output)}

    def run(self, code: str) -> None:
        exec(code, self.names)

    @property
    def worker(self) -> Any:
        return self.names["myworker"]


@pytest.fixture
def script() -> Iterator[Script]:
    made = Script()
    yield made
    if "myworker" in made.names:
        made.worker.stop()


def test_the_document_has_the_examples_tested_here() -> None:
    assert [len(parts(example)) for example in range(3)] == [2, 3, 3]


def test_looped_worker(script: Script) -> None:
    start, stop = parts(0)
    script.run(start)
    worker = script.worker
    assert isinstance(worker, BackgroundWorker)
    script.output.wait_for("I'm a worker myworker\nI'm a worker myworker\n")
    assert worker.is_active()
    script.run(stop)
    assert not worker.is_active()
    said = script.output.getvalue()
    assert set(said.splitlines()) == {"I'm a worker myworker"}
    time.sleep(0.01)
    assert script.output.getvalue() == said


def test_queue_worker(script: Script) -> None:
    start, put, stop = parts(1)
    script.run(start)
    assert isinstance(script.worker, BackgroundQueueWorker)
    assert isinstance(script.worker.queue, queue.Queue)
    script.run(put)
    script.output.wait_for("\n")
    script.run(stop)
    assert script.output.getvalue() == "Got a task task 1\n"
    assert not script.worker.is_active()


def test_event_worker(script: Script) -> None:
    start, trigger, stop = parts(2)
    script.run(start)
    assert isinstance(script.worker, BackgroundEventWorker)
    script.run(trigger)
    script.output.wait_for("\n")
    script.run(stop)
    assert script.output.getvalue() == "event triggered\n"
    assert not script.worker.is_active()


def test_queue_example_without_any_time_loses_nothing(script: Script) -> None:
    script.run("".join(parts(1)))
    worker = script.worker
    said = script.output.getvalue()
    assert (said, worker.queue.qsize()) in (("Got a task task 1\n", 0), ("", 1))
    worker.start()
    assert worker.close(timeout=LIMIT)
    assert script.output.getvalue() == "Got a task task 1\n"
