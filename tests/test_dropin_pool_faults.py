"""Drop-in ThreadPool: what makes the standard class hang or fall silent does neither here."""

import itertools
import logging
import multiprocessing
import threading
from typing import Any

import pytest

from dropin_pools import SECONDS, running
from windlass.dropin.pool import ApplyResult, IMapIterator, MapResult, ThreadPool
from windlass.errors import BrokenPool, PoolTerminated


def raise_it(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()], ids=repr)
def test_base_exception_is_the_results(error: BaseException) -> None:
    seen: list[BaseException] = []
    with running(ThreadPool, 1) as pool:
        worker = pool._pool
        result = pool.apply_async(raise_it, (error,), error_callback=seen.append)
        with pytest.raises(type(error)):
            result.get(SECONDS)
        with pytest.raises(type(error)):
            pool.map(raise_it, [error])
        with pytest.raises(type(error)):
            next(pool.imap(raise_it, [error]))
        assert seen == [error]
        assert pool.apply(int) == 0
        assert pool._pool == worker, "the worker did not survive"


@pytest.mark.parametrize("error", [LookupError("mine"), SystemExit()], ids=repr)
def test_callback_that_raises_is_logged_and_the_result_ready(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    def call_back(_: Any) -> None:
        raise error

    with caplog.at_level(logging.ERROR, "windlass"), running(ThreadPool, 1) as pool:
        assert pool.apply_async(int, callback=call_back).get(SECONDS) == 0
        assert pool.map_async(int, ["1"], callback=call_back).get(SECONDS) == [1]
        with pytest.raises(ValueError, match="invalid literal"):
            pool.apply_async(int, ("x",), error_callback=call_back).get(SECONDS)
    assert [record.exc_info[1] for record in caplog.records if record.exc_info] == [error] * 3


def test_terminate_resolves_what_waits() -> None:
    go, started = threading.Event(), threading.Event()
    pool = ThreadPool(1)

    def work() -> str:
        started.set()
        assert go.wait(SECONDS)
        return "done"

    running_one = pool.apply_async(work)
    assert started.wait(SECONDS)
    seen: list[BaseException] = []
    threads: list[int] = []

    def note(error: BaseException) -> None:
        seen.append(error)
        threads.append(threading.get_ident())

    single = pool.apply_async(int, error_callback=note)
    several = pool.map_async(int, ["1", "2"])
    values = pool.imap(int, ["1", "2"], buffersize=1)
    shuffled = pool.imap_unordered(int, iter(["1"]))
    pool.terminate()
    for result in (single, several):
        with pytest.raises(PoolTerminated, match="terminated"):
            result.get(SECONDS)
    for iterator in (values, shuffled):
        with pytest.raises(PoolTerminated):
            iterator.next(SECONDS)
    go.set()
    assert running_one.get(SECONDS) == "done", "what runs is not lost"
    pool.join()
    assert [type(error) for error in seen] == [PoolTerminated]
    assert threading.get_ident() not in threads
    with pytest.raises(ValueError, match="Pool not running"):
        pool.apply_async(int)


def test_terminate_twice_and_after_close() -> None:
    pool = ThreadPool(1)
    result = pool.apply_async(int)
    pool.close()
    pool.terminate()
    pool.terminate()
    pool.join()
    assert result.wait(SECONDS) is None
    assert result.ready()


def test_terminate_ends_an_iterator_whose_input_is_stuck() -> None:
    stuck = threading.Event()
    reading = threading.Event()

    def numbers() -> Any:
        reading.set()
        yield stuck.wait(SECONDS)

    pool = ThreadPool(1)
    values = pool.imap(str, numbers())
    assert reading.wait(SECONDS)
    pool.terminate()
    with pytest.raises(PoolTerminated):
        values.next(SECONDS)
    with pytest.raises(StopIteration):
        values.next(SECONDS)
    pool.join()
    stuck.set()


def test_failing_initializer_is_told_to_every_caller(caplog: pytest.LogCaptureFixture) -> None:
    go = threading.Event()
    mistake = LookupError("no model")

    def initialize() -> None:
        assert go.wait(SECONDS)
        raise mistake

    pool = ThreadPool(2, initialize)
    pending = [pool.apply_async(int), pool.map_async(int, "12")]
    values = pool.imap(int, itertools.count())
    with caplog.at_level(logging.ERROR, "windlass"):
        go.set()
        for result in pending:
            with pytest.raises(BrokenPool, match="initializer") as caught:
                result.get(SECONDS)
            assert caught.value.__cause__ is mistake
        with pytest.raises(BrokenPool):
            values.next(SECONDS)
        with pytest.raises(BrokenPool, match="initializer"):
            pool.apply(int)
        with pytest.raises(BrokenPool, match="initializer"):
            pool.map(int, "12")
        for source in ("12", iter("12")):
            values = pool.imap(int, source)
            with pytest.raises(BrokenPool, match="initializer"):
                next(values)
            with pytest.raises(StopIteration):
                next(values)
        pool.close()
        pool.join()
    assert "initializer" in caplog.text


def test_failing_initializer_ends_an_iterator_whose_input_is_stuck(caplog: pytest.LogCaptureFixture) -> None:
    go, reading, stuck = threading.Event(), threading.Event(), threading.Event()

    def initialize() -> None:
        assert go.wait(SECONDS)
        raise LookupError("no model")

    def numbers() -> Any:
        reading.set()
        yield stuck.wait(SECONDS)

    pool = ThreadPool(1, initialize)
    values = pool.imap(str, numbers())
    assert reading.wait(SECONDS)
    go.set()
    with pytest.raises(BrokenPool, match=r"initializer .*initialize raised LookupError"):
        values.next(SECONDS)
    pool.close()
    pool.join()
    stuck.set()
    assert "no model" in caplog.text


@pytest.mark.parametrize("claimed", [1, 10])
def test_input_that_lies_about_its_length_is_mapped_as_it_is(claimed: int) -> None:
    class Three:
        def __len__(self) -> int:
            return claimed

        def __iter__(self) -> Any:
            return iter((1, 2, 3))

    with running() as pool:
        assert pool.map_async(str, Three(), 1).get(SECONDS) == ["1", "2", "3"]


def test_sized_input_that_raises_late_is_the_results_exception() -> None:
    class Ten:
        def __len__(self) -> int:
            return 10

        def __iter__(self) -> Any:
            yield 1
            raise LookupError("no more")

    seen: list[BaseException] = []
    with running() as pool, pytest.raises(LookupError, match="no more"):
        pool.map_async(str, Ten(), 1, error_callback=seen.append).get(SECONDS)
    assert [type(error) for error in seen] == [LookupError]


def test_timeout_is_also_the_builtin_one() -> None:
    go = threading.Event()
    with running() as pool:
        for wait in (pool.apply_async(go.wait, (SECONDS,)).get, pool.imap(go.wait, [SECONDS]).next):
            with pytest.raises(TimeoutError) as caught:
                wait(0.001)
            assert isinstance(caught.value, multiprocessing.TimeoutError)
        go.set()


@pytest.mark.parametrize("wrong", [float("nan"), "soon"])
def test_wrong_timeouts_are_refused(wrong: Any) -> None:
    go = threading.Event()
    with running() as pool:
        result, values = pool.apply_async(go.wait, (SECONDS,)), pool.imap(go.wait, [SECONDS])
        for wait in (result.get, result.wait, values.next):
            with pytest.raises((TypeError, ValueError)):
                wait(wrong)
        go.set()


def test_results_made_by_hand_do_no_harm() -> None:
    for kind in (ApplyResult, MapResult):
        result = kind()
        assert not result.ready()
        result.wait(0)
        with pytest.raises(TimeoutError):
            result.get(0)
        assert result.cancel()
    with pytest.raises(TypeError):
        IMapIterator()


def test_a_callback_may_wait_for_another_result() -> None:
    seen: list[Any] = []
    with running(ThreadPool, 2) as pool:
        gate = threading.Event()

        def note(_: Any) -> None:
            assert gate.wait(SECONDS)
            seen.append(other.get(SECONDS))

        first = pool.apply_async(int, callback=note)
        other = pool.apply_async(int, ("5",), callback=seen.append)
        gate.set()
        first.wait(SECONDS)
    assert seen == [5, 5]
