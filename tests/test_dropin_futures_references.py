"""What an executor keeps alive, and until when; the collector is off, so a cycle would show as a leak."""

import gc
import sysconfig
import weakref
from typing import Any

import pytest

from dropin_peers import LIMIT, Value, both, occupied
from waiting import until
from windlass.dropin import futures as ours

pytestmark = [
    pytest.mark.skipif(
        sysconfig.get_config_var("Py_GIL_DISABLED") == 1,
        reason="biased reference counts: what another thread let go of is freed at a later moment",
    ),
    pytest.mark.usefixtures("no_collector"),
]


def await_end_of(*references: Any) -> None:
    """Return when what is referred to has gone without the collector's help; a worker may hold it for moments."""
    until(lambda: all(reference() is None for reference in references))


@both
def test_idle_worker_keeps_neither_call_nor_future(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        fn, argument, keyword = Value(), Value(), Value()
        future = executor.submit(fn, argument, keyword=keyword)
        references = [weakref.ref(value) for value in (fn, argument, keyword, future)]
        future.result(LIMIT)
        del fn, argument, keyword, future
        await_end_of(*references)


def test_arguments_are_free_before_the_waiter_wakes() -> None:
    # The standard worker lets go of them after it has told of the end.
    with ours.ThreadPoolExecutor(1) as executor:
        for _ in range(100):
            argument = Value()
            reference = weakref.ref(argument)
            future = executor.submit(Value(), argument)
            del argument
            future.result(LIMIT)
            assert reference() is None


@both
def test_failure_makes_no_cycle(futures: Any) -> None:
    def fail(argument: object) -> None:
        raise ValueError("x")

    with futures.ThreadPoolExecutor(1) as executor:
        argument = Value()
        future = executor.submit(fail, argument)
        references = [weakref.ref(argument), weakref.ref(future)]
        del argument
        with pytest.raises(ValueError, match="x") as caught:
            future.result(LIMIT)
        del caught, future
        await_end_of(*references)


@both
def test_raising_a_failure_makes_no_cycle(futures: Any) -> None:
    box = [futures.Future()]
    box[0].set_exception(OSError("x"))
    reference = weakref.ref(box[0])
    for _ in range(3):
        with pytest.raises(OSError, match="x"):
            box[0].result(LIMIT)
    box.clear()
    await_end_of(reference)


@both
def test_result_dies_with_its_future(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        future = executor.submit(Value)
        reference = weakref.ref(future.result(LIMIT))
        assert reference() is not None
        del future
        await_end_of(reference)


@both
def test_callbacks_die_with_their_future(futures: Any) -> None:
    future, callback = futures.Future(), Value()
    reference = weakref.ref(callback)
    future.add_done_callback(callback)
    del callback
    future.set_result(None)
    del future
    await_end_of(reference)


def test_callbacks_are_free_when_they_have_run() -> None:
    # A standard future keeps them until it dies.
    future, callback = ours.Future(), Value()  # type: ignore[var-annotated]
    reference = weakref.ref(callback)
    future.add_done_callback(callback)
    del callback
    future.set_result(None)
    assert reference() is None


@both
def test_yielded_future_is_free_to_die(futures: Any) -> None:
    with futures.ThreadPoolExecutor(2) as executor:
        completed = futures.as_completed([executor.submit(Value) for _ in range(20)], LIMIT)
        for future in completed:
            reference = weakref.ref(future)
            del future
            await_end_of(reference)


@both
def test_nothing_of_a_wait_is_left_on_the_futures(futures: Any) -> None:
    future = futures.Future()
    references = []

    class Other(futures.Future):
        pass

    other = Other()
    references.append(weakref.ref(other))
    futures.wait([future, other], 0)
    completed = futures.as_completed([future, other], 0)
    with pytest.raises(futures.TimeoutError):
        next(completed)
    del other, completed
    await_end_of(*references)
    assert future._waiters == []


@both
@pytest.mark.parametrize("way", ["cancel", "cancel_futures"])
def test_call_that_is_never_made_is_freed(futures: Any, way: str) -> None:
    executor = futures.ThreadPoolExecutor(1)
    argument = Value()
    reference = weakref.ref(argument)
    with occupied(executor):
        future = executor.submit(Value(), argument)
        del argument
        if way == "cancel":
            future.cancel()
        else:
            executor.shutdown(wait=False, cancel_futures=True)
    executor.shutdown()
    assert future.cancelled()
    await_end_of(reference)


@both
def test_executor_is_free_while_its_futures_live(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(1)
    future = executor.submit(int)
    assert future.result(LIMIT) == 0
    reference = weakref.ref(executor)
    del executor
    await_end_of(reference)
    assert future.result(0) == 0


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_calls() -> None:
    def fail() -> None:
        raise ValueError("x")

    def work() -> None:
        for future in [executor.submit(call) for call in (Value, fail) for _ in range(100)]:
            future.exception(LIMIT)
        list(executor.map(abs, range(100)))
        cancelled = [executor.submit(int) for _ in range(100)]
        for future in cancelled:
            future.cancel()
        ours.wait(cancelled, LIMIT)

    with ours.ThreadPoolExecutor(2) as executor:
        work()
        gc.collect()
        before = len(gc.get_objects())
        for _ in range(10):
            work()
        executor.submit(int).result(LIMIT)
        assert len(gc.get_objects()) - before < 100
