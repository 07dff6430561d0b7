"""submit: its signature, which threads it starts, what a call may raise."""

import queue
import threading
from typing import Any

import pytest

from dropin_peers import LIMIT, both, occupied
from waiting import until
from windlass.dropin import futures as ours


def capture(*args: object, **kwargs: object) -> tuple[tuple[object, ...], dict[str, object]]:
    return args, kwargs


@both
def test_every_keyword_is_the_calls(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        future = executor.submit(capture, 1, self=2, fn=3, timeout=4, priority=5, context=6)
        assert future.result(LIMIT) == ((1,), {"self": 2, "fn": 3, "timeout": 4, "priority": 5, "context": 6})
        assert executor.submit(pow, 2, 8).result(LIMIT) == 256


@both
def test_fn_is_positional_only(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        with pytest.raises(TypeError):
            executor.submit(fn=capture, arg=1)
        with pytest.raises(TypeError):
            executor.submit(arg=1)
        with pytest.raises(TypeError):
            executor.submit()


def test_fn_that_cannot_be_called_is_refused_at_once() -> None:
    # The standard class gives a future that raises TypeError.
    with ours.ThreadPoolExecutor(1) as executor:
        with pytest.raises(TypeError, match="fn must be callable, not int"):
            executor.submit(7)  # type: ignore[arg-type]
        assert not executor._threads


@both
def test_after_shutdown(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(1)
    executor.submit(int).result(LIMIT)
    executor.shutdown()
    with pytest.raises(RuntimeError, match=r"^cannot schedule new futures after shutdown$"):
        executor.submit(int)
    with pytest.raises(RuntimeError, match=r"^cannot schedule new futures after shutdown$"):
        executor.map(int, ["1"])


@both
def test_no_thread_before_the_first_submit(futures: Any) -> None:
    before = set(threading.enumerate())
    with futures.ThreadPoolExecutor(5) as executor:
        assert len(executor._threads) == 0
        assert set(threading.enumerate()) <= before


@both
def test_an_idle_thread_is_used_again(futures: Any) -> None:
    with futures.ThreadPoolExecutor(5) as executor:
        for number in range(3):
            assert executor.submit(abs, -number).result(LIMIT) == number
            # The standard worker says that it is idle after the result is there.
            until(lambda: executor._idle_semaphore._value)
        assert len(executor._threads) == 1


@both
def test_three_calls_that_block_take_three_threads(futures: Any) -> None:
    gate = threading.Event()
    with futures.ThreadPoolExecutor(5) as executor:
        for count in range(1, 4):
            executor.submit(gate.wait, LIMIT)
            assert len(executor._threads) == count  # right after submit
        gate.set()


@both
def test_saturation(futures: Any) -> None:
    gate = threading.Semaphore(0)
    with futures.ThreadPoolExecutor(4) as executor:
        for _ in range(60):
            executor.submit(gate.acquire, timeout=LIMIT)
        assert len(executor._threads) == 4
        for _ in range(60):
            gate.release()


@both
def test_workers_are_ordinary_threads(futures: Any) -> None:
    with futures.ThreadPoolExecutor(2) as executor:
        found = executor.submit(threading.current_thread).result(LIMIT)
        assert [found] == list(executor._threads)
        assert isinstance(found, threading.Thread)
        assert not found.daemon
        assert found.is_alive()
        assert found in threading.enumerate()
    found.join(LIMIT)
    assert not found.is_alive()


@both
def test_names_of_threads(futures: Any) -> None:
    with futures.ThreadPoolExecutor(3, thread_name_prefix="special") as executor, occupied(executor, 3):
        assert sorted(thread.name for thread in executor._threads) == ["special_0", "special_1", "special_2"]
    with futures.ThreadPoolExecutor(1) as first, futures.ThreadPoolExecutor(1) as second:
        names = [pool.submit(lambda: threading.current_thread().name).result(LIMIT) for pool in (first, second)]
        assert names[0] != names[1]
        for name in names:
            prefix, _, number = name.partition("-")
            assert prefix == "ThreadPoolExecutor"
            assert number.removesuffix("_0").isdigit()


@both
@pytest.mark.parametrize("hook", ["settrace", "setprofile"])
def test_tracers_see_the_workers(futures: Any, hook: str) -> None:
    seen: set[str] = set()

    def traced() -> None:
        return None

    def tracer(frame: Any, event: str, _argument: object) -> None:
        if frame.f_code is traced.__code__:
            seen.add(event)

    getattr(threading, hook)(tracer)
    try:
        with futures.ThreadPoolExecutor(1) as executor:
            executor.submit(traced).result(LIMIT)
    finally:
        getattr(threading, hook)(None)
    assert "call" in seen


@both
@pytest.mark.parametrize("kind", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit])
def test_whatever_a_call_raises_is_the_futures(futures: Any, kind: type[BaseException]) -> None:
    error = kind("x")

    def fail() -> None:
        raise error

    with futures.ThreadPoolExecutor(1) as executor:
        future = executor.submit(fail)
        with pytest.raises(kind) as caught:
            future.result(LIMIT)
        assert caught.value is error
        assert future.exception(LIMIT) is error
        assert "fail" in [frame.name for frame in caught.traceback]
        (worker,) = executor._threads
        assert executor.submit(threading.current_thread).result(LIMIT) is worker  # it has survived


@both
def test_calls_start_in_the_order_of_their_submits(futures: Any) -> None:
    order: queue.SimpleQueue[int] = queue.SimpleQueue()
    with futures.ThreadPoolExecutor(1) as executor, occupied(executor):
        for number in range(200):
            executor.submit(order.put, number)
    assert [order.get_nowait() for _ in range(200)] == list(range(200))


@both
@pytest.mark.stress
@pytest.mark.slow
@pytest.mark.usefixtures("switch_often")
def test_submits_of_many_threads_while_the_interpreter_switches_all_the_time(futures: Any) -> None:
    with futures.ThreadPoolExecutor(3) as executor, futures.ThreadPoolExecutor(4) as callers:

        def call_all(start: int) -> int:
            return sum(future.result(LIMIT) for future in [executor.submit(abs, -n) for n in range(start)])

        assert list(callers.map(call_all, [300] * 8)) == [300 * 299 // 2] * 8
        assert len(executor._threads) == 3
