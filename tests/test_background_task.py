"""background_task: calls in threads of their own, and the order in which they begin."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from windlass import BackgroundTask, WaitTimeout, background_task, limit_background_tasks

LIMIT = 10.0


@pytest.fixture
def one_at_a_time() -> Iterator[None]:
    limit_background_tasks(1)
    yield
    limit_background_tasks(None)


def test_call_returns_its_thread_at_once() -> None:
    gate = threading.Event()

    @background_task
    def work(number: int, *, key: str) -> Any:
        """Work."""
        assert gate.wait(LIMIT)
        return number, key, threading.current_thread()

    thread = work(1, key="a")
    assert isinstance(thread, threading.Thread)
    assert isinstance(thread, BackgroundTask)
    assert work.__doc__ == "Work."
    assert not thread.daemon
    with pytest.raises(WaitTimeout):
        thread.result(0.001)
    thread.join(0.001)
    assert thread.is_alive()
    gate.set()
    assert thread.result(LIMIT) == (1, "a", thread)
    thread.join(LIMIT)
    assert not thread.is_alive()


def test_each_call_has_a_thread_of_its_own() -> None:
    meet = threading.Barrier(20)
    work = background_task(lambda: (meet.wait(LIMIT), threading.get_ident())[1])
    assert len({thread.result(LIMIT) for thread in [work() for _ in range(20)]}) == 20


def test_parameters() -> None:
    @background_task(name="anna", daemon=True, priority=1, wait_start=True, group=None)
    def work() -> tuple[str, bool]:
        thread = threading.current_thread()
        return thread.name, thread.daemon

    thread = work()
    assert thread.wait_start(0)
    assert thread.result(LIMIT) == ("anna", True)
    assert thread.task.priority == 1
    assert background_task(int, daemon=True)("3").result(LIMIT) == 3


def test_priorities_decide_who_begins(one_at_a_time: None) -> None:
    gate, order = threading.Event(), []
    first = background_task(gate.wait)(LIMIT)
    assert first.wait_start(LIMIT)
    threads = [background_task(order.append, priority=priority)(priority) for priority in (20, 5, 10, 5)]
    assert not any(thread.wait_start(0) for thread in threads)
    threads[0].join(0.001)  # waits for its turn: no error
    gate.set()
    for thread in threads:
        thread.join(LIMIT)
        assert not thread.is_alive()
    assert order == [5, 5, 10, 20]


def test_a_raised_limit_lets_more_in(one_at_a_time: None) -> None:
    meet = threading.Barrier(3)
    threads = [background_task(meet.wait)(LIMIT) for _ in range(3)]
    limit_background_tasks(3)
    assert sorted(thread.result(LIMIT) for thread in threads) == [0, 1, 2]


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_exceptions_are_logged_and_raised_by_result(
    error: type[BaseException], one_at_a_time: None, caplog: pytest.LogCaptureFixture
) -> None:
    @background_task
    def work() -> None:
        raise error("spilt milk")

    thread = work()
    with pytest.raises(error, match="spilt milk"):
        thread.result(LIMIT)
    thread.join(LIMIT)
    assert "spilt milk" in caplog.text
    assert background_task(int)("1").result(LIMIT) == 1  # its place was given back


def test_methods_and_context() -> None:
    import contextvars

    variable = contextvars.ContextVar("variable", default=0)

    class Thing:
        @background_task
        def work(self) -> Any:
            return self, variable.get()

    thing = Thing()
    variable.set(4)
    assert thing.work().result(LIMIT) == (thing, 4)


def test_a_thread_that_cannot_be_started(one_at_a_time: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="new thread"):
            background_task(int)()
    assert background_task(int)("1").result(LIMIT) == 1


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"priority": "high"}, TypeError),
        ({"priority": float("nan")}, ValueError),
        ({"group": object()}, ValueError),
        ({"nice": 1}, TypeError),
    ],
)
def test_bad_parameters(parameters: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        background_task(**parameters)
    with pytest.raises(TypeError):
        background_task(3)
    for limit in (0, -1):
        with pytest.raises(ValueError, match="limit"):
            limit_background_tasks(limit)
    with pytest.raises(TypeError, match="limit"):
        limit_background_tasks(1.5)  # type: ignore[arg-type]
