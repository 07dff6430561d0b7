"""Callbacks of a task: once, in order, at once if it has ended; none of them can hurt a worker."""

import logging
import threading

import pytest

from windlass import Task, ThreadPool

LIMIT = 10
EXITS = [ValueError("v"), SystemExit(3), KeyboardInterrupt(), GeneratorExit(), StopIteration()]


def raiser(error: BaseException) -> object:
    def callback(_: object) -> None:
        raise error

    return callback


def test_callbacks_run_once_and_in_order() -> None:
    go, calls = threading.Event(), []
    with ThreadPool(1) as pool:
        task = pool.submit(go.wait, LIMIT)
        for number in range(100):
            task.add_done_callback(lambda ended, number=number: calls.append((number, ended)))
        assert calls == []
        go.set()
        assert pool.wait_completion(LIMIT)
    assert calls == [(number, task) for number in range(100)]


def test_callback_of_an_ended_task_runs_at_once_in_the_caller() -> None:
    with ThreadPool(1) as pool:
        task = pool.submit(int)
        task.result(LIMIT)
        threads: list[threading.Thread] = []
        task.add_done_callback(lambda _: threads.append(threading.current_thread()))
    assert threads == [threading.current_thread()]


def test_callback_runs_in_the_worker_and_sees_the_outcome() -> None:
    go, seen = threading.Event(), []
    with ThreadPool(1) as pool:
        task = pool.submit(lambda: go.wait(LIMIT) and "value")
        task.add_done_callback(lambda ended: seen.append((ended.result(0), threading.current_thread())))
        go.set()
        assert pool.wait_completion(LIMIT)
        assert seen == [("value", task.worker)]


def test_cancel_runs_the_callbacks_in_the_canceller() -> None:
    task, threads = Task(int), []
    task.add_done_callback(lambda ended: threads.append((ended.cancelled(), threading.current_thread())))
    assert task.cancel()
    assert task.cancel()
    assert threads == [(True, threading.current_thread())]


@pytest.mark.parametrize("error", EXITS, ids=lambda error: type(error).__name__)
def test_exception_of_a_callback_is_logged_and_survived(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    go, calls = threading.Event(), []
    with caplog.at_level(logging.ERROR, logger="windlass"), ThreadPool(1) as pool:
        task = pool.submit(lambda: go.wait(LIMIT) and 5)
        task.add_done_callback(lambda _: calls.append("before"))
        task.add_done_callback(raiser(error))
        task.add_done_callback(lambda _: calls.append("after"))
        go.set()
        assert task.result(LIMIT) == 5
        assert pool.submit(threading.current_thread).result(LIMIT) is task.worker
    assert calls == ["before", "after"]
    assert len(caplog.records) == 1
    assert {record.exc_info[1] for record in caplog.records if record.exc_info} == {error}
    assert "callback" in caplog.text


@pytest.mark.parametrize("error", EXITS, ids=lambda error: type(error).__name__)
def test_callback_that_is_called_at_once_raises_what_is_no_exception(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    # It runs in the caller's own thread: a Ctrl-C in it is the caller's.
    task = Task(int)
    task()
    if isinstance(error, Exception):
        task.add_done_callback(raiser(error))
        assert "callback" in caplog.text
    else:
        with pytest.raises(type(error)):
            task.add_done_callback(raiser(error))
        assert not caplog.records


def test_raising_log_handler_takes_no_worker_down() -> None:
    class Bad(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise SystemExit("handler")

    logger, handler = logging.getLogger("windlass"), Bad()
    logger.addHandler(handler)
    try:
        with ThreadPool(1) as pool:
            go = threading.Event()
            task = pool.submit(go.wait, LIMIT)
            task.add_done_callback(raiser(ValueError("x")))
            go.set()
            task.result(LIMIT)
            assert pool.submit(threading.current_thread).result(LIMIT) is task.worker
    finally:
        logger.removeHandler(handler)


def test_callback_func_gets_the_value_before_the_task_counts_as_ended() -> None:
    seen: list[object] = []
    with ThreadPool(1) as pool:
        task: Task[int] = Task(lambda: 5, callback_func=lambda value: seen.append((value, task.done())))
        pool.submit(task)
        assert task.result(LIMIT) == 5
    assert seen == [(5, False)]


def test_callback_func_is_for_successes_only() -> None:
    seen: list[object] = []
    failing = Task(int, ("x",), callback_func=seen.append)
    with pytest.raises(ValueError, match="invalid literal"):
        failing()
    Task(int, callback_func=seen.append).cancel()
    assert seen == []


def test_callback_func_gets_a_value_that_is_not_stored() -> None:
    seen: list[object] = []
    assert Task(lambda: 5, callback_func=seen.append, store_return=False)() is None
    assert seen == [5]


@pytest.mark.parametrize("error", EXITS, ids=lambda error: type(error).__name__)
def test_exception_of_callback_func_is_logged_and_the_value_stands(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="windlass"), ThreadPool(1) as pool:
        task = pool.options(callback_func=raiser(error), name="loader").submit(lambda: 5)
        assert task.result(LIMIT) == 5
        assert pool.submit(threading.current_thread).result(LIMIT) is task.worker
    assert [record.exc_info[1] for record in caplog.records if record.exc_info] == [error]
    assert "loader" in caplog.text


def test_chain_of_submits_from_callbacks_ends() -> None:
    done, depth = threading.Event(), 1_000
    with ThreadPool(1) as pool:

        def link(left: int) -> None:
            if left:
                pool.submit(int).add_done_callback(lambda _: link(left - 1))
            else:
                done.set()

        pool.submit(link, depth)
        assert done.wait(LIMIT)


def test_bad_callbacks_are_refused() -> None:
    with pytest.raises(TypeError, match="callable"):
        Task(int).add_done_callback(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="callback_func"):
        Task(int, callback_func=5)  # type: ignore[arg-type]
