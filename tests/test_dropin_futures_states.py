"""Future: its states, what each allows, and its errors."""

import copy
import pickle
import re
import threading
import weakref
from typing import Any

import pytest

from dropin_peers import LIMIT, both, occupied
from windlass.dropin import futures as ours


def future_in(futures: Any, state: str) -> Any:
    future = futures.Future()
    if state.startswith("CANCELLED"):
        assert future.cancel()
    if state in ("RUNNING", "CANCELLED_AND_NOTIFIED"):
        assert future.set_running_or_notify_cancel() is (state == "RUNNING")
    if state == "FINISHED":
        future.set_result(7)
    return future


each_state = pytest.mark.parametrize(
    ("state", "cancelled", "running", "done", "shown"),
    [
        ("PENDING", False, False, False, "pending"),
        ("RUNNING", False, True, False, "running"),
        ("CANCELLED", True, False, True, "cancelled"),
        ("CANCELLED_AND_NOTIFIED", True, False, True, "cancelled"),
        ("FINISHED", False, False, True, "finished returned int"),
    ],
)


@both
@each_state
def test_what_a_state_answers(futures: Any, state: str, cancelled: bool, running: bool, done: bool, shown: str) -> None:
    future = future_in(futures, state)
    assert future._state == state
    assert (future.cancelled(), future.running(), future.done()) == (cancelled, running, done)
    assert re.fullmatch(rf"<Future at 0x[0-9a-f]+ state={shown}>", repr(future))


@both
def test_repr_of_a_failure_and_of_a_subclass(futures: Any) -> None:
    class Special(futures.Future):
        pass

    future = Special()
    future.set_exception(OSError())
    assert re.fullmatch(r"<Special at 0x[0-9a-f]+ state=finished raised OSError>", repr(future))


@both
@pytest.mark.parametrize("wait", ["result", "exception"])
def test_time_limit(futures: Any, wait: str) -> None:
    future = futures.Future()
    for timeout in (0, 0.01, -1):
        with pytest.raises(futures.TimeoutError) as caught:
            getattr(future, wait)(timeout=timeout)
        assert type(caught.value) is TimeoutError
    future.set_result(1)
    assert getattr(future, wait)(0) == (1 if wait == "result" else None)


@both
@pytest.mark.parametrize("wait", ["result", "exception"])
def test_waiting_for_a_cancelled_future(futures: Any, wait: str) -> None:
    for state in ("CANCELLED", "CANCELLED_AND_NOTIFIED"):
        with pytest.raises(futures.CancelledError) as caught:
            getattr(future_in(futures, state), wait)(LIMIT)
        assert type(caught.value) is futures.CancelledError  # asyncio looks at the very class


@both
@pytest.mark.parametrize("wait", ["result", "exception"])
@pytest.mark.parametrize("end", ["set_result", "set_exception", "cancel"])
def test_a_thread_that_waits_hears_of_the_end(futures: Any, wait: str, end: str) -> None:
    future, error = futures.Future(), OSError()
    heard: list[object] = []

    def listen() -> None:
        try:
            heard.append(getattr(future, wait)(LIMIT))
        except (OSError, futures.CancelledError) as got:
            heard.append(type(got))

    listener = threading.Thread(target=listen)
    listener.start()
    getattr(future, end)(*{"set_result": (5,), "set_exception": (error,), "cancel": ()}[end])
    listener.join(LIMIT)
    expected: dict[tuple[str, str], object] = {
        ("result", "set_result"): 5,
        ("exception", "set_result"): None,
        ("result", "set_exception"): OSError,
        ("exception", "set_exception"): error,
    }
    assert heard == [expected.get((wait, end), futures.CancelledError)]


@both
def test_cancel(futures: Any) -> None:
    assert future_in(futures, "PENDING").cancel()
    assert future_in(futures, "CANCELLED").cancel()
    assert future_in(futures, "CANCELLED_AND_NOTIFIED").cancel()
    assert not future_in(futures, "RUNNING").cancel()
    assert not future_in(futures, "FINISHED").cancel()


@both
def test_cancelled_call_is_never_made(futures: Any) -> None:
    ran: list[int] = []
    with futures.ThreadPoolExecutor(1) as executor:
        with occupied(executor):
            future = executor.submit(ran.append, 1)
            assert future.cancel()
            assert future._state == "CANCELLED"
        executor.submit(int).result(LIMIT)
        assert future._state == "CANCELLED_AND_NOTIFIED"  # its executor has come across it
    assert ran == []


@both
@pytest.mark.parametrize("state", ["CANCELLED", "CANCELLED_AND_NOTIFIED", "FINISHED"])
@pytest.mark.parametrize("setter", ["set_result", "set_exception"])
def test_outcome_of_what_has_ended(futures: Any, state: str, setter: str) -> None:
    future = future_in(futures, state)
    with pytest.raises(futures.InvalidStateError, match=rf"^{state}: <Future at 0x") as caught:
        getattr(future, setter)(OSError())
    assert str(caught.value) == f"{state}: {future!r}"
    assert future._state == state


@both
@pytest.mark.parametrize("state", ["PENDING", "RUNNING"])
def test_outcome_by_hand(futures: Any, state: str) -> None:
    future, error = future_in(futures, state), OSError("x")
    future.set_result(None)
    assert future.result(0) is None
    future = future_in(futures, state)
    future.set_exception(error)
    assert future.exception(0) is error
    with pytest.raises(OSError, match="x"):
        future.result(0)


@both
@pytest.mark.parametrize("state", ["RUNNING", "CANCELLED_AND_NOTIFIED", "FINISHED"])
def test_claiming_what_cannot_be_claimed(futures: Any, state: str, caplog: Any) -> None:
    future = future_in(futures, state)
    with caplog.at_level("CRITICAL"), pytest.raises(RuntimeError, match=r"^Future in unexpected state$"):
        future.set_running_or_notify_cancel()


@both
def test_may_be_subscripted_subclassed_and_weakly_referenced(futures: Any) -> None:
    assert futures.Future[int] is not None

    class Named(futures.Future):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    future = Named("n")
    reference = weakref.ref(future)
    assert reference() is future
    assert (future.name, future.done()) == ("n", False)
    del future
    assert reference() is None


@both
def test_state_and_outcome_may_be_written_as_tests_of_other_programs_do(futures: Any) -> None:
    future = futures.Future()
    future._state, future._result = "FINISHED", 42
    assert future.result(0) == 42
    failed, error = futures.Future(), OSError()
    failed._state, failed._exception = "FINISHED", error
    assert failed.exception(0) is error
    noticed = futures.Future()
    noticed._state = "CANCELLED_AND_NOTIFIED"
    assert noticed.cancelled()


@both
@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickle.dumps])
def test_cannot_be_pickled(futures: Any, duplicate: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        for thing in (futures.Future(), executor, executor.map(abs, [-1])):
            with pytest.raises((TypeError, pickle.PicklingError)):  # the latter by the standard executor of 3.14
                duplicate(thing)
        assert executor.submit(int).result(LIMIT) == 0


def test_cannot_be_copied() -> None:
    # A shallow copy of the standard executor shares its threads with it, one of a future its condition.
    with ours.ThreadPoolExecutor(1) as executor:
        for thing in (ours.Future(), executor, executor.map(abs, [-1])):
            with pytest.raises(TypeError):
                copy.copy(thing)
        assert executor.submit(int).result(LIMIT) == 0  # no copy has ended it


@both
def test_a_future_that_waits_for_itself_gives_up(futures: Any) -> None:
    box: list[Any] = []
    go = threading.Event()
    with futures.ThreadPoolExecutor(1) as executor:
        box.append(executor.submit(lambda: go.wait(LIMIT) and box[0].result(timeout=0.01)))
        go.set()
        with pytest.raises(futures.TimeoutError):
            box[0].result(LIMIT)


def test_claimed_by_hand_though_an_executor_holds_it() -> None:
    # The worker of the standard class logs it as critical and dies.
    with ours.ThreadPoolExecutor(1) as executor:
        with occupied(executor):
            future = executor.submit(int)
            assert future.set_running_or_notify_cancel()
            assert executor._work_queue.qsize() == 0
        assert executor.submit(abs, -1).result(LIMIT) == 1
        assert executor._work_queue.qsize() == 0
        future.set_result(5)
        assert future.result(0) == 5
        assert executor.submit(abs, -1).result(LIMIT) == 1
    assert executor._crew.counters()[:5] == (0, 0, 0, 0, 4)


def test_a_class_is_an_exception_too() -> None:
    # In the standard one result() raises it, but exception() returns the class and repr says "raised type".
    future: ours.Future[None] = ours.Future()
    future.set_exception(OSError)
    assert type(future.exception(0)) is OSError


@pytest.mark.parametrize("wrong", [None, 7, "error", int])
def test_what_is_no_exception_is_refused(wrong: Any) -> None:
    # The standard one stores anything; result() then raises "exceptions must derive from BaseException".
    future: ours.Future[None] = ours.Future()
    with pytest.raises(TypeError, match="exception must be an exception"):
        future.set_exception(wrong)
    assert not future.done()


@pytest.mark.parametrize("wait", ["result", "exception"])
def test_nan_limit_is_refused(wait: str) -> None:
    # The standard one takes it for none at all, or for no time, by version.
    with pytest.raises(ValueError, match="NaN"):
        getattr(ours.Future(), wait)(float("nan"))


@both
def test_claim_in_a_wrong_state_is_logged(futures: Any, caplog: pytest.LogCaptureFixture) -> None:
    future = futures.Future()
    future.set_result(1)
    with pytest.raises(RuntimeError, match="unexpected state"):
        future.set_running_or_notify_cancel()
    assert [(record.name, record.levelname) for record in caplog.records] == [("concurrent.futures", "CRITICAL")]
