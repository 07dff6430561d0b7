"""add_done_callback: in which order, in which thread, and what a callback may raise."""

import logging
import threading
from typing import Any

import pytest

from dropin_peers import LIMIT, Value, both, occupied
from windlass.dropin import futures as ours


@both
@pytest.mark.parametrize("end", ["set_result", "set_exception", "cancel"])
def test_called_in_order_and_once(futures: Any, end: str) -> None:
    future, heard = futures.Future(), []
    for number in range(5):
        future.add_done_callback(lambda ended, number=number: heard.append((number, ended, ended.done())))
    getattr(future, end)(*{"set_result": (5,), "set_exception": (OSError(),), "cancel": ()}[end])
    assert heard == [(number, future, True) for number in range(5)]
    if end == "cancel":
        assert future.cancel()
        future.set_running_or_notify_cancel()
    assert len(heard) == 5


@both
def test_the_same_callback_added_twice_is_called_twice(futures: Any) -> None:
    future, heard = futures.Future(), []
    future.add_done_callback(heard.append)
    future.add_done_callback(heard.append)
    future.set_result(None)
    assert heard == [future, future]


@both
def test_runs_in_the_thread_that_ends_the_call(futures: Any) -> None:
    heard: list[str] = []
    done = threading.Event()
    with futures.ThreadPoolExecutor(1, "worker") as executor:
        with occupied(executor):
            future = executor.submit(int)
            future.add_done_callback(lambda _: heard.append(threading.current_thread().name))
            future.add_done_callback(lambda _: done.set())
            cancelled = executor.submit(int)
            cancelled.add_done_callback(lambda _: heard.append(threading.current_thread().name))
            cancelled.cancel()
        assert done.wait(LIMIT)
    assert heard == [threading.current_thread().name, "worker_0"]


@both
@pytest.mark.parametrize("end", ["set_result", "cancel"])
def test_runs_at_once_where_the_call_has_ended(futures: Any, end: str) -> None:
    future, heard = futures.Future(), []
    getattr(future, end)(*(None,) * (end == "set_result"))
    future.add_done_callback(lambda _: heard.append(threading.current_thread()))
    assert heard == [threading.current_thread()]


@both
@pytest.mark.parametrize("late", [False, True])
def test_what_it_raises_is_logged_and_ignored(futures: Any, late: bool, caplog: Any) -> None:
    future, heard = futures.Future(), []

    def fail(_: object) -> None:
        raise ValueError("in the callback")

    if late:
        future.set_result(1)
    with caplog.at_level(logging.ERROR):
        future.add_done_callback(fail)
        future.add_done_callback(heard.append)
        if not late:
            future.set_result(1)
    assert heard == [future]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("concurrent.futures", logging.ERROR)
    assert record.getMessage() == f"exception calling callback for {future!r}"
    assert "in the callback" in caplog.text


@both
def test_may_use_its_future_and_add_more(futures: Any) -> None:
    heard: list[object] = []

    def more(future: Any) -> None:
        heard.append(future.result())
        future.add_done_callback(lambda again: heard.append(again.result(0) + 1))

    with futures.ThreadPoolExecutor(1) as executor:
        executor.submit(abs, -5).add_done_callback(more)
    assert heard == [5, 6]


@both
def test_may_submit_to_its_own_executor(futures: Any) -> None:
    box: list[Any] = []
    submitted = threading.Event()

    def chain(_: object) -> None:
        box.append(executor.submit(abs, -7))
        submitted.set()

    with futures.ThreadPoolExecutor(1) as executor:
        executor.submit(int).add_done_callback(chain)
        assert submitted.wait(LIMIT)
    assert box[0].result(LIMIT) == 7


@both
def test_a_subclass_of_list_is_a_callback_like_others(futures: Any) -> None:
    class Odd(list):  # type: ignore[type-arg]
        def __call__(self, future: object) -> None:
            self.append(future)

    future, odd = futures.Future(), Odd()
    future.add_done_callback(odd)
    future.add_done_callback(odd)
    future.set_result(None)
    assert odd == [future, future]


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_system_exit_does_not_end_the_worker(kind: type[BaseException], caplog: pytest.LogCaptureFixture) -> None:
    # In the standard class it ends the worker in silence; an executor with one then never answers again.
    def leave(_: object) -> None:
        raise kind("from a callback")

    heard: list[object] = []
    with caplog.at_level(logging.ERROR), ours.ThreadPoolExecutor(1) as executor:
        with occupied(executor):
            future = executor.submit(int)
            future.add_done_callback(leave)
            future.add_done_callback(heard.append)
        (worker,) = executor._threads
        assert executor.submit(threading.current_thread).result(LIMIT) is worker
    assert heard == [future]
    assert "from a callback" in caplog.text


def test_what_cannot_be_called_is_refused() -> None:
    # The standard one logs "'int' object is not callable" when the call ends.
    with pytest.raises(TypeError, match="fn must be callable, not int"):
        ours.Future().add_done_callback(7)  # type: ignore[arg-type]


@both
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_is_no_exception_reaches_who_adds_a_callback_too_late(futures: Any, error: type[BaseException]) -> None:
    # It runs in the adder's own thread: a Ctrl-C in it is the adder's.
    future = futures.Future()
    future.set_result(None)

    def interrupted(_: Any) -> None:
        raise error

    with pytest.raises(error):
        future.add_done_callback(interrupted)


@both
def test_callbacks_to_come_can_be_looked_at(futures: Any) -> None:
    future = futures.Future()
    assert future._done_callbacks == []
    first, second = Value(), Value()
    future.add_done_callback(first)
    assert future._done_callbacks == [first]
    future.add_done_callback(second)
    assert future._done_callbacks == [first, second]


@both
def test_a_subclass_may_end_by_hand(futures: Any) -> None:
    class Stubborn(futures.Future):  # type: ignore[misc]
        def cancel(self) -> bool:
            # Also while it runs, as executors have it that can stop a call.
            with self._condition:
                self._state = "CANCELLED_AND_NOTIFIED"
                self._condition.notify_all()
            self._invoke_callbacks()
            return True

    future, heard = Stubborn(), []
    future.set_running_or_notify_cancel()
    future.add_done_callback(heard.append)
    assert future.cancel()
    assert heard == [future]
    assert future.cancelled()
    with pytest.raises(futures.CancelledError):
        future.result(LIMIT)
