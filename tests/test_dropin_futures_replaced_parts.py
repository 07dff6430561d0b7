"""Parts of an executor that programs replace: recipes that are often copied, and subclasses that end it themselves."""

import queue
import threading
from typing import Any

import pytest

from dropin_peers import LIMIT, both, occupied
from windlass.dropin import futures as ours
from windlass.dropin import queue as our_queue


@both
@pytest.mark.parametrize("kind", [queue.Queue, our_queue.Queue], ids=["standard_queue", "our_queue"])
def test_executor_that_is_bounded_by_another_queue(futures: Any, kind: Any) -> None:
    class Bounded(futures.ThreadPoolExecutor):  # type: ignore[misc]
        def __init__(self, workers: int, maxsize: int) -> None:
            super().__init__(workers)
            self._work_queue = kind(maxsize)

    submitted: list[int] = []
    full = threading.Event()

    def submit_four() -> None:
        for number in range(4):
            executor.submit(int)
            submitted.append(number)
            if number == 2:
                full.set()

    with Bounded(1, 3) as executor:
        assert executor._work_queue.maxsize == 3
        with occupied(executor):
            thread = threading.Thread(target=submit_four)
            thread.start()
            assert full.wait(LIMIT)
            assert executor._work_queue.full()
            assert executor._work_queue.qsize() == 3
            thread.join(0.02)
            assert submitted == [0, 1, 2]  # the fourth waits for room
        thread.join(LIMIT)
        assert submitted == [0, 1, 2, 3]
        assert list(executor.map(abs, range(-9, 0))) == list(range(9, 0, -1))


@both
def test_bound_may_be_taken_off_again(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        executor._work_queue = queue.Queue(1)
        executor._work_queue = queue.SimpleQueue()
        with occupied(executor):
            waiting = [executor.submit(int) for _ in range(5)]
            assert executor._work_queue.qsize() == len(waiting)


def test_queue_of_another_order_is_refused() -> None:
    """The standard class takes any, and runs calls in its order; windlass.ThreadPool has priorities."""
    with ours.ThreadPoolExecutor(1) as executor:
        for kind in (queue.LifoQueue, queue.PriorityQueue):
            with pytest.raises(TypeError, match=f"{kind.__name__} may have another order"):
                executor._work_queue = kind()
        assert executor.submit(int).result(LIMIT) == 0


def test_task_that_fills_its_own_queue_goes_on() -> None:
    """In the standard class the only worker waits for room in the queue that it should empty."""
    with ours.ThreadPoolExecutor(1) as executor:
        executor._work_queue = queue.Queue(1)
        results = executor.submit(lambda: [executor.submit(abs, -n) for n in range(5)]).result(LIMIT)
        assert [future.result(LIMIT) for future in results] == list(range(5))


@both
def test_shutdown_of_a_subclass_that_cancels_what_waits(futures: Any) -> None:
    class Cancelling(futures.ThreadPoolExecutor):  # type: ignore[misc]
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            # As programs for Python 3.8 have it, which lacks cancel_futures.
            with self._shutdown_lock:
                self._shutdown = True
                while cancel_futures:
                    try:
                        item = self._work_queue.get_nowait()
                    except queue.Empty:
                        break
                    if item is not None:
                        item.future.cancel()
                self._work_queue.put(None)
            if wait:
                for thread in self._threads:
                    thread.join()

    executor = Cancelling(1)
    go, started = threading.Event(), threading.Event()
    running = executor.submit(lambda: started.set() or go.wait(LIMIT))
    assert started.wait(LIMIT)
    waiting = [executor.submit(int) for _ in range(3)]
    executor.shutdown(wait=False, cancel_futures=True)
    assert executor._shutdown
    assert all(future.cancelled() for future in waiting)
    with pytest.raises(RuntimeError, match="cannot schedule new futures after shutdown"):
        executor.submit(int)
    go.set()
    executor.shutdown()
    assert running.result(0) is True
    assert not any(thread.is_alive() for thread in executor._threads)


def test_an_executor_is_not_opened_again() -> None:
    """The standard class takes calls then that no thread may be left for."""
    executor = ours.ThreadPoolExecutor(1)
    executor._shutdown = False  # as it is
    executor.shutdown()
    with pytest.raises(ValueError, match="_shutdown cannot be set to False again"):
        executor._shutdown = False


@both
def test_names_and_initializer_of_threads_to_come(futures: Any) -> None:
    seen: list[object] = []
    with futures.ThreadPoolExecutor(1) as executor:
        executor._thread_name_prefix = "later"
        assert executor._thread_name_prefix == "later"
        if hasattr(executor, "_initializer"):  # gone from the standard class in 3.14
            executor._initializer, executor._initargs = seen.append, ("set up",)
        assert executor.submit(threading.current_thread).result(LIMIT).name == "later_0"
    assert seen == (["set up"] if hasattr(executor, "_initializer") else [])


@both
def test_shut_down_after_it_broke(futures: Any, caplog: pytest.LogCaptureFixture) -> None:
    executor = futures.ThreadPoolExecutor(1, initializer=divmod, initargs=(1, 0))
    with pytest.raises(ours.BrokenExecutor):
        executor.submit(int).result(LIMIT)
    executor.shutdown()
    assert executor._shutdown
    with pytest.raises(ours.BrokenExecutor):
        executor.submit(int)
