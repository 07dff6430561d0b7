"""The private names that programs read, used as they use them."""

import queue
import weakref
from typing import Any

import pytest

import windlass.dropin.futures.thread
from dropin_peers import LIMIT, both, occupied, run_child
from waiting import until


@both
def test_queue_length(futures: Any) -> None:
    with futures.ThreadPoolExecutor(2) as executor:
        assert executor._work_queue.qsize() == 0
        assert executor._work_queue.empty()
        with occupied(executor, 2):
            for expected in range(1, 20):
                executor.submit(int)
                assert executor._work_queue.qsize() == expected
            assert not executor._work_queue.empty()
        executor.submit(int).result(LIMIT)
        assert executor._work_queue.qsize() == 0


@both
def test_emptying_the_queue_to_cancel_what_waits(futures: Any) -> None:
    ran: list[int] = []
    with futures.ThreadPoolExecutor(1) as executor:
        with occupied(executor):
            waiting = [executor.submit(ran.append, number) for number in range(10)]
            while True:
                try:
                    item = executor._work_queue.get_nowait()
                except queue.Empty:
                    break
                if item is not None:
                    assert item.future.cancel()
            assert executor._work_queue.qsize() == 0
        assert all(future.cancelled() for future in waiting)
        assert executor.submit(abs, -3).result(LIMIT) == 3
    assert ran == []


@both
def test_a_call_taken_out_may_be_made_by_hand(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        with occupied(executor):
            future = executor.submit(pow, 2, exp=5)
            item = executor._work_queue.get_nowait()
            assert item.future is future
            if not hasattr(item, "fn"):
                pytest.skip("gone from the standard class in 3.14")
            assert (item.fn, item.args, item.kwargs) == (pow, (2,), {"exp": 5})
            assert item.future.set_running_or_notify_cancel()
            item.future.set_result(item.fn(*item.args, **item.kwargs))
            assert future.result(0) == 32
        assert executor.submit(int).result(LIMIT) == 0


@both
def test_cancelled_call_that_is_taken_out(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        with occupied(executor):
            first, second = executor.submit(int), executor.submit(abs, -1)
            first.cancel()
            futures_taken = []
            while not executor._work_queue.empty():
                futures_taken.append(executor._work_queue.get_nowait().future)
            assert futures_taken[-1] is second
            with pytest.raises(queue.Empty):
                executor._work_queue.get_nowait()
            second.cancel()
        assert executor._work_queue.qsize() == 0


@both
def test_a_wake_up_put_by_hand_changes_nothing(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        executor.submit(int).result(LIMIT)
        executor._work_queue.put(None)
        assert executor.submit(abs, -2).result(LIMIT) == 2


@both
def test_max_workers_may_be_raised(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        assert executor._max_workers == 1
        with occupied(executor):
            executor._max_workers = 3
            assert executor._max_workers == 3
            with occupied(executor, 2):
                assert len(executor._threads) == 3


@both
def test_max_workers_may_be_lowered(futures: Any) -> None:
    with futures.ThreadPoolExecutor(4) as executor:
        executor._max_workers = 2
        with occupied(executor, 2):
            executor.submit(int)
            assert len(executor._threads) == 2


@both
def test_idle_threads_are_counted(futures: Any) -> None:
    with futures.ThreadPoolExecutor(3) as executor:
        assert executor._idle_semaphore._value == 0
        with occupied(executor, 2):
            assert executor._idle_semaphore._value == 0
        until(lambda: executor._idle_semaphore._value == 2)
        with occupied(executor):
            assert executor._idle_semaphore._value == 1


@both
def test_utilisation_as_monitors_compute_it(futures: Any) -> None:
    with futures.ThreadPoolExecutor(3) as executor, occupied(executor, 3):
        waiting = [executor.submit(int) for _ in range(6)]
        busy = len(executor._threads) - executor._idle_semaphore._value
        assert (busy / executor._max_workers, executor._work_queue.qsize()) == (1.0, len(waiting))


@both
def test_threads_may_be_joined_and_asked(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(2, "t")
    with occupied(executor, 2):
        for thread in executor._threads:
            assert thread.is_alive()
            assert thread.name in {"t_0", "t_1"}
    threads = list(executor._threads)
    executor.shutdown(wait=False)
    for thread in threads:
        thread.join(LIMIT)
        assert not thread.is_alive()


@both
def test_flags(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(1, "p")
    assert (executor._shutdown, executor._broken, executor._thread_name_prefix) == (False, False, "p")
    with executor._shutdown_lock:
        assert not executor._shutdown
    executor.shutdown()
    assert (executor._shutdown, executor._broken) == (True, False)


@both
def test_initializer_and_its_arguments(futures: Any) -> None:
    executor = futures.ThreadPoolExecutor(1, initializer=print, initargs=(1, 2))
    if not hasattr(executor, "_initializer"):
        pytest.skip("gone from the standard class in 3.14")
    assert (executor._initializer, executor._initargs) == (print, (1, 2))
    assert futures.ThreadPoolExecutor(1)._initializer is None


@both
def test_module_knows_the_queue_of_each_thread(futures: Any) -> None:
    module = __import__(f"{futures.__name__}.thread", fromlist=["_threads_queues"])
    assert isinstance(module._threads_queues, weakref.WeakKeyDictionary)
    with futures.ThreadPoolExecutor(1) as executor, occupied(executor):
        executor.submit(int)
        (thread,) = executor._threads
        assert module._threads_queues[thread].qsize() == 1


ABANDON = """
import {module}.thread as thread
executor = futures.ThreadPoolExecutor(1)
gate = threading.Event()
executor.submit(gate.wait, 10)
executor.submit(os.write, 1, b"done")
executor.shutdown(wait=False)
executor._threads.clear()
thread._threads_queues.clear()
gate.set()
"""


@both
@pytest.mark.slow
def test_recipe_that_forgets_the_threads_at_exit(futures: Any) -> None:
    run = run_child(futures, ABANDON.format(module=futures.__name__))
    assert (run.returncode, run.stdout, run.stderr) == (0, "done", "")


EXIT_BY_HAND = """
import {module}.thread as thread
executor = futures.ThreadPoolExecutor(1)
executor.submit(os.write, 1, b"done")
(worker,) = executor._threads
thread._python_exit()
assert not worker.is_alive()
try:
    executor.submit(int)
except RuntimeError as error:
    os.write(1, str(error).encode())
"""


@both
@pytest.mark.slow
def test_exit_handler_may_be_called_by_hand(futures: Any) -> None:
    run = run_child(futures, EXIT_BY_HAND.format(module=futures.__name__))
    assert run.stdout.startswith("donecannot schedule new futures after")
    assert (run.returncode, run.stderr) == (0, "")


def test_only_none_may_be_put_into_the_queue() -> None:
    # The standard queue takes anything, and its worker dies of it.
    with windlass.dropin.futures.thread.ThreadPoolExecutor(1) as executor, pytest.raises(TypeError, match="None"):
        executor._work_queue.put(7)  # type: ignore[arg-type]
