"""shutdown, the end of a with block, and an executor that nobody holds any more."""

import gc
import threading
import weakref
from typing import Any

import pytest

from dropin_peers import LIMIT, both, occupied
from waiting import until
from windlass.dropin import futures as ours


def join_all(threads: Any) -> None:
    for thread in threads:
        thread.join(LIMIT)
        assert not thread.is_alive()


@both
def test_waits_for_work_and_threads(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(2)
    done: list[int] = []
    for number in range(50):
        executor.submit(done.append, number)
    threads = list(executor._threads)
    assert executor.shutdown() is None
    assert sorted(done) == list(range(50))
    assert not any(thread.is_alive() for thread in threads)


@both
def test_may_be_called_again_and_by_several_threads(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(2)
    executor.submit(int).result(LIMIT)
    callers = [threading.Thread(target=executor.shutdown, args=(wait,)) for wait in (True, False, True)]
    for caller in callers:
        caller.start()
    join_all(callers)
    executor.shutdown()
    executor.shutdown(wait=False, cancel_futures=True)
    assert executor._shutdown


@both
def test_of_an_executor_that_was_never_used(futures: Any) -> None:
    before = set(threading.enumerate())
    futures.ThreadPoolExecutor(2).shutdown()
    with futures.ThreadPoolExecutor(2):
        pass
    assert set(threading.enumerate()) <= before


@both
def test_without_waiting_queued_work_is_done_all_the_same(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(1)
    with occupied(executor) as go:
        waiting = [executor.submit(abs, -number) for number in range(20)]
        threads = list(executor._threads)
        executor.shutdown(wait=False)
        assert not waiting[0].done()
        go.set()
        assert [future.result(LIMIT) for future in waiting] == list(range(20))
    join_all(threads)


@both
@pytest.mark.parametrize("wait", [True, False])
def test_cancel_futures(futures: Any, wait: bool) -> None:
    executor = futures.ThreadPoolExecutor(1)
    go = threading.Event()
    heard: list[Any] = []
    running = executor.submit(go.wait, LIMIT)
    waiting = [executor.submit(int) for _ in range(10)]
    until(running.running)
    for future in waiting:
        future.add_done_callback(heard.append)
    waiting[-1].add_done_callback(lambda _: go.set())  # or else a shutdown that waits would wait for ever
    threads = list(executor._threads)
    executor.shutdown(wait, cancel_futures=True)
    assert [future.cancelled() for future in waiting] == [True] * 10
    assert heard == waiting
    assert running.result(LIMIT)
    join_all(threads)


@both
def test_wait_is_positional_and_cancel_futures_is_not(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor, pytest.raises(TypeError):
        executor.shutdown(True, True)


@both
@pytest.mark.parametrize("workers", [1, 3])
def test_cancelled_just_before_does_not_hang(futures: Any, workers: int) -> None:
    for _ in range(50):  # gh-94440
        executor = futures.ThreadPoolExecutor(workers)
        executor.submit(int).result(LIMIT)
        executor.submit(int).cancel()
        threads = list(executor._threads)
        closer = threading.Thread(target=executor.shutdown)
        closer.start()
        join_all([closer, *threads])


@both
def test_with_block(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(2)
    with executor as entered:
        assert entered is executor
        future = executor.submit(pow, 2, 3)
    assert future.done()
    assert executor._shutdown
    assert executor.__exit__(None, None, None) is False


@both
def test_with_block_that_raises_waits_all_the_same(futures: Any) -> None:
    kept = []

    def fail() -> None:
        with futures.ThreadPoolExecutor(1) as executor:
            kept.append(executor.submit(int))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert kept[0].result(0) == 0


@both
def test_a_task_may_shut_its_executor_down_without_waiting(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(2)
    with occupied(executor):
        pass
    executor.submit(executor.shutdown, wait=False).result(LIMIT)
    with pytest.raises(RuntimeError, match="after shutdown"):
        executor.submit(int)
    join_all(list(executor._threads))


@both
def test_a_task_that_waits_for_its_own_end_is_told_so(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(1)
    with pytest.raises(RuntimeError, match="cannot join current thread"):
        executor.submit(executor.shutdown).result(LIMIT)
    assert executor._shutdown
    executor.shutdown()


# ---- dropped ----


@both
def test_dropped_executor_finishes_its_work_and_its_threads_end(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(2)
    with occupied(executor, 2) as go:
        waiting = [executor.submit(abs, -number) for number in range(20)]
        threads, reference = list(executor._threads), weakref.ref(executor)
        del executor
        gc.collect()
        go.set()
        assert [future.result(LIMIT) for future in waiting] == list(range(20))
    join_all(threads)
    assert reference() is None


@both
def test_dropped_idle_executor(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(3)
    with occupied(executor, 3):
        pass
    threads = list(executor._threads)
    del executor
    gc.collect()
    join_all(threads)


@both
def test_results_of_a_map_outlive_the_executor(futures: Any) -> None:
    results = futures.ThreadPoolExecutor(2).map(abs, range(-5, 5))
    gc.collect()
    assert list(results) == [5, 4, 3, 2, 1, 0, 1, 2, 3, 4]


@both
def test_executor_in_a_cycle_with_its_futures_is_collected(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(2)
    executor.kept = [executor.submit(lambda held: held, executor), executor.submit(int)]
    assert executor.kept[0].result(LIMIT) is executor
    threads, reference = list(executor._threads), weakref.ref(executor)
    del executor
    until(lambda: gc.collect() >= 0 and reference() is None)  # a worker of the standard class holds it for moments
    join_all(threads)


def test_dropped_by_its_own_worker() -> None:
    # The standard one ends too, but by the callback of a weak reference that each worker has.
    executor = ours.ThreadPoolExecutor(1)
    box, go = [executor], threading.Event()
    future = executor.submit(lambda: go.wait(LIMIT) and box.clear())
    threads = list(executor._threads)
    del executor
    go.set()
    assert future.result(LIMIT) is None
    join_all(threads)


@pytest.mark.parametrize("way", ["with", "drop", "shutdown"])
def test_no_thread_is_left(way: str) -> None:
    before = set(threading.enumerate())
    executor = ours.ThreadPoolExecutor(3)
    with occupied(executor, 3):
        pass
    if way == "with":
        with executor:
            pass
    elif way == "shutdown":
        executor.shutdown()
    del executor
    join_all(set(threading.enumerate()) - before)
