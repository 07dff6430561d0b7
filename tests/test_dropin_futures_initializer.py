"""initializer: once on each thread, and what becomes of everything when it raises."""

import logging
import threading
from concurrent.futures import BrokenExecutor
from concurrent.futures.thread import BrokenThreadPool
from typing import Any

import pytest

from dropin_peers import LIMIT, both, occupied
from windlass.dropin import futures as ours

LOCAL = threading.local()


@both
def test_runs_once_on_each_thread_before_its_first_call(futures: Any) -> None:
    ran: list[str] = []

    def prepare(first: str, second: str) -> None:
        ran.append(threading.current_thread().name)
        LOCAL.value = first + second

    with futures.ThreadPoolExecutor(3, "p", prepare, ("a", "b")) as executor:
        with occupied(executor, 3):
            pass
        assert {executor.submit(lambda: LOCAL.value).result(LIMIT) for _ in range(10)} == {"ab"}
    assert sorted(ran) == ["p_0", "p_1", "p_2"]


@both
@pytest.mark.parametrize("kind", [ValueError, SystemExit])
def test_failure_breaks_the_executor(futures: Any, kind: type[BaseException], caplog: Any) -> None:
    go = threading.Event()

    def fail() -> None:
        go.wait(LIMIT)
        raise kind("no luck")

    executor = futures.ThreadPoolExecutor(2, initializer=fail)
    with caplog.at_level(logging.CRITICAL, "concurrent.futures"):
        pending = [executor.submit(int) for _ in range(5)]
        assert executor._broken is False
        go.set()
        for future in pending:
            with pytest.raises(BrokenThreadPool, match="A thread initializer failed"):
                future.result(LIMIT)
            assert isinstance(future.exception(LIMIT), BrokenExecutor)
        threads = list(executor._threads)
        with pytest.raises(BrokenExecutor, match="A thread initializer failed"):
            executor.submit(int)
        with pytest.raises(BrokenThreadPool):
            executor.map(int, ["1"])
        for thread in threads:
            thread.join(LIMIT)
    assert executor._broken == "A thread initializer failed, the thread pool is not usable anymore"
    record = caplog.records[0]
    assert (record.name, record.levelno, record.getMessage()) == (
        "concurrent.futures",
        logging.CRITICAL,
        "Exception in initializer:",
    )
    assert record.exc_info[0] is kind
    assert "no luck" in caplog.text
    executor.shutdown()


@both
def test_failure_of_a_second_thread_lets_running_calls_finish(futures: Any, caplog: Any) -> None:
    calls = iter([None, ValueError("second")])

    def prepare() -> None:
        error = next(calls)
        if error is not None:
            raise error

    executor = futures.ThreadPoolExecutor(2, initializer=prepare)
    with caplog.at_level(logging.CRITICAL, "concurrent.futures"), occupied(executor) as go:
        with pytest.raises(BrokenThreadPool):
            executor.submit(int).result(LIMIT)
        go.set()
    executor.shutdown()
    assert "second" in caplog.text


@both
def test_with_block_of_a_broken_executor_ends(futures: Any, caplog: Any) -> None:
    def fail() -> None:
        raise ValueError("x")

    with caplog.at_level(logging.CRITICAL), futures.ThreadPoolExecutor(1, initializer=fail) as executor:
        try:
            error = executor.submit(int).exception(LIMIT)
        except BrokenThreadPool as refused:
            error = refused
        assert isinstance(error, BrokenThreadPool)


@both
def test_may_submit_to_its_own_executor(futures: Any) -> None:
    done, first = threading.Semaphore(0), threading.Lock()

    def prepare() -> None:
        if first.acquire(blocking=False):  # that of a later thread may come after the shutdown, and fail
            executor.submit(done.release)

    executor = futures.ThreadPoolExecutor(3, initializer=prepare)
    with executor:
        assert executor.submit(abs, -1).result(LIMIT) == 1
        assert done.acquire(timeout=LIMIT)


def test_cause_tells_what_the_initializer_raised(caplog: pytest.LogCaptureFixture) -> None:
    # The standard exception has no cause: what went wrong is in the log only.
    error = ValueError("no luck")

    def fail() -> None:
        raise error

    executor = ours.ThreadPoolExecutor(1, initializer=fail)
    with caplog.at_level(logging.CRITICAL):
        future = executor.submit(int)
        failure = future.exception(LIMIT)
        assert failure is not None
        assert failure.__cause__ is error
        with pytest.raises(BrokenThreadPool) as caught:
            executor.submit(int)
        assert caught.value.__cause__ is error
    executor.shutdown()
