"""A bounded queue: what a submit does when it is full, and the gate of wait_completion(block=True)."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from waiting import until
from windlass import PoolClosed, PoolFull, QueueFull, Task, ThreadPool
from windlass.errors import WaitTimeout

LIMIT = 10


class FullPool:
    """A pool of one worker, which is at a task, and a queue that is full of ``waiting``."""

    def __init__(self, rejection: str, priorities: tuple[int, ...] = (10, 10)) -> None:
        self.pool = ThreadPool(1, max_queue=len(priorities), rejection=rejection)
        self._started, self._go = threading.Event(), threading.Event()
        self.running = self.pool.submit(self._block)
        assert self._started.wait(LIMIT)
        self.ran: list[object] = []
        self.waiting = [
            self.pool.submit(self.ran.append, number, submit_task_priority=priority)
            for number, priority in enumerate(priorities)
        ]
        assert self.pool.num_queued_tasks == len(priorities)

    def _block(self) -> None:
        self._started.set()
        assert self._go.wait(LIMIT)

    def release(self) -> None:
        self._go.set()
        assert self.pool.join(LIMIT)


@pytest.fixture
def make_full() -> Iterator[Callable[..., FullPool]]:
    made: list[FullPool] = []

    def make(*args: Any, **kwargs: Any) -> FullPool:
        made.append(FullPool(*args, **kwargs))
        return made[-1]

    yield make
    for full in made:
        full.release()


def in_thread(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[threading.Thread, list[Any]]:
    """Call ``fn`` in a thread; what it returned or raised goes into the list."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(fn(*args, **kwargs))
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, outcome


def test_block_waits_for_room(make_full: Callable[..., FullPool]) -> None:
    full = make_full("block")
    thread, outcome = in_thread(full.pool.submit, full.ran.append, "late")
    thread.join(0.02)
    assert thread.is_alive()
    assert full.pool.num_queued_tasks == 2
    assert full.waiting[0].cancel()
    thread.join(LIMIT)
    assert not thread.is_alive()
    full.release()
    assert full.ran == [1, "late"]
    assert outcome[0].done()


def test_block_wakes_each_of_many_putters(make_full: Callable[..., FullPool]) -> None:
    full = make_full("block")
    threads = [in_thread(full.pool.submit, full.ran.append, number)[0] for number in range(2, 12)]
    full._go.set()
    for thread in threads:
        thread.join(LIMIT)
    assert full.pool.wait_completion(LIMIT)
    assert sorted(full.ran) == list(range(12))  # type: ignore[type-var]


@pytest.mark.parametrize(
    "keywords",
    [{"submit_task_nowait": True}, {"submit_task_timeout": 0}, {"submit_task_timeout": 0.01}],
    ids=str,
)
def test_submit_gives_up_and_queues_nothing(make_full: Callable[..., FullPool], keywords: dict[str, Any]) -> None:
    full = make_full("block")
    options = {name.removeprefix("submit_task_"): value for name, value in keywords.items()}
    for submit in (
        lambda: full.pool.submit(full.ran.append, "x", **keywords),
        lambda: full.pool.options(**options).submit(full.ran.append, "x"),
    ):
        with pytest.raises(PoolFull) as caught:
            submit()
        assert isinstance(caught.value, QueueFull)
    assert full.pool.num_queued_tasks == 2
    full.release()
    assert full.ran == [0, 1]
    assert full.pool.statistics().submitted == 3


def test_refused_task_object_can_be_submitted_again(make_full: Callable[..., FullPool]) -> None:
    full, task = make_full("reject"), Task(int)
    with pytest.raises(PoolFull):
        full.pool.submit(task)
    with ThreadPool(1) as other:
        assert other.submit(task).result(LIMIT) == 0


def test_close_wakes_a_blocked_submit(make_full: Callable[..., FullPool]) -> None:
    full = make_full("block")
    thread, outcome = in_thread(full.pool.submit, int)
    thread.join(0.02)
    full.pool.close()
    thread.join(LIMIT)
    assert isinstance(outcome[0], PoolClosed)


def test_reject_raises_at_once(make_full: Callable[..., FullPool]) -> None:
    full = make_full("reject")
    for _ in range(3):
        with pytest.raises(PoolFull, match="2 tasks"):
            full.pool.submit(full.ran.append, "x")
    full.waiting[1].cancel()  # a cancelled task takes no room
    full.pool.submit(full.ran.append, "second")
    full.release()
    assert full.ran == [0, "second"]


def test_caller_runs_runs_it_in_the_submitting_thread(make_full: Callable[..., FullPool]) -> None:
    full = make_full("caller_runs")
    task = full.pool.submit(threading.current_thread)
    assert task.result(0) is threading.current_thread()
    failing = full.pool.submit(int, "x")  # the exception is the task's, not the submit's
    assert isinstance(failing.exception(0), ValueError)
    assert full.ran == []


def test_discard_oldest_cancels_the_one_submitted_first(make_full: Callable[..., FullPool]) -> None:
    full = make_full("discard_oldest", (20, 5, 10))
    full.pool.submit(full.ran.append, "a", submit_task_priority=30)
    assert [task.cancelled() for task in full.waiting] == [True, False, False]
    full.pool.submit(full.ran.append, "b")
    assert [task.cancelled() for task in full.waiting] == [True, True, False]
    full.release()
    assert full.ran == [2, "b", "a"]
    assert full.pool.statistics().cancelled == 2


def test_discard_lowest_cancels_the_latest_of_the_least_urgent(make_full: Callable[..., FullPool]) -> None:
    full = make_full("discard_lowest", (20, 20, 5))
    kept = full.pool.submit(full.ran.append, "kept", submit_task_priority=7)
    assert [task.cancelled() for task in full.waiting] == [False, True, False]
    refused = full.pool.submit(full.ran.append, "refused", submit_task_priority=21)
    assert refused.cancelled()
    equal = full.pool.submit(full.ran.append, "equal", submit_task_priority=20)
    assert equal.cancelled()  # among equals the new one is the latest
    assert not kept.cancelled()
    full.release()
    assert full.ran == [2, "kept", 0]


def test_map_fills_and_waits() -> None:
    with ThreadPool(2, max_queue=3) as pool:
        assert [task.result(LIMIT) for task in pool.map(abs, [((-n,), None) for n in range(100)])] == list(range(100))
        assert [task.result(LIMIT) for task in pool.submit_many(abs, range(100))] == list(range(100))
        assert list(pool.imap(abs, range(100), chunksize=1)) == list(range(100))


@pytest.mark.parametrize("rejection", ["block", "caller_runs"])
def test_worker_submits_to_its_own_full_queue(rejection: str) -> None:
    with ThreadPool(1, max_queue=1, rejection=rejection) as pool:

        def inner() -> int:
            return pool.submit(int, "7").result(LIMIT)

        def outer() -> list[int]:
            tasks = [pool.submit(inner) for _ in range(5)]  # one fits, the others run inline
            return [task.result(LIMIT) for task in tasks]

        assert pool.submit(outer).result(LIMIT) == [7] * 5


def test_bounded_queue_never_holds_more() -> None:
    most = []
    with ThreadPool(2, max_queue=5) as pool:
        for _ in range(500):
            pool.submit(lambda: most.append(pool.num_queued_tasks))
    assert len(most) == 500
    assert max(most) <= 5


# ---- the gate ----


def test_gate_holds_submits_of_others_until_the_work_is_done() -> None:
    started, go, order = threading.Event(), threading.Event(), []
    with ThreadPool(2) as pool:
        pool.submit(lambda: (started.set(), go.wait(LIMIT), order.append("old")))
        assert started.wait(LIMIT)
        waiting, waited = in_thread(pool.wait_completion, LIMIT, block=True)
        until(lambda: pool._crew.gated)
        with pytest.raises(PoolFull):
            pool.submit(int, submit_task_nowait=True)
        with pytest.raises(PoolFull):
            pool.submit(int, submit_task_timeout=0.01)
        thread, _ = in_thread(pool.submit, order.append, "new")
        several, _ = in_thread(pool.map, order.append, [(("mapped",), None)])
        thread.join(0.02)
        assert thread.is_alive()
        assert several.is_alive()
        go.set()
        waiting.join(LIMIT)
        assert waited == [True]
        thread.join(LIMIT)
        several.join(LIMIT)
    assert order[0] == "old"
    assert sorted(order[1:]) == ["mapped", "new"]


def test_gate_lets_the_pools_own_tasks_submit() -> None:
    started, go = threading.Event(), threading.Event()
    with ThreadPool(1) as pool:

        def outer() -> int:
            started.set()
            assert go.wait(LIMIT)
            return pool.submit(int, "3").result(LIMIT)

        task = pool.submit(outer)
        assert started.wait(LIMIT)
        waiting, waited = in_thread(pool.wait_completion, LIMIT, block=True)
        until(lambda: pool._crew.gated)
        go.set()
        waiting.join(LIMIT)
        assert (waited, task.result(0)) == ([True], 3)


def test_gate_opens_after_a_timeout() -> None:
    go = threading.Event()
    with ThreadPool(2) as pool:
        pool.submit(go.wait, LIMIT)
        assert not pool.wait_completion(0.01, block=True)
        assert pool.submit(int).result(LIMIT) == 0
        go.set()
        assert pool.wait_completion(LIMIT, block=True)


def test_deadline_that_passed_fails_the_task() -> None:
    with ThreadPool(1) as pool:
        ran: list[int] = []
        late = pool.options(deadline=0.0).submit(ran.append, 1)
        assert isinstance(late.exception(LIMIT), WaitTimeout)
        assert pool.options(deadline=1e18).submit(int).result(LIMIT) == 0
    assert ran == []


def test_the_gate_stays_shut_until_the_last_of_two_waiters_is_done() -> None:
    gate = threading.Event()
    with ThreadPool(1) as pool:
        pool.submit(gate.wait, 10)
        assert not pool.wait_completion(0, block=True)  # opens it again
        pool._crew.close_gate()
        assert not pool.wait_completion(0, block=True)
        with pytest.raises(PoolFull):
            pool.submit(int, submit_task_nowait=True)
        pool._crew.open_gate()
        gate.set()
        assert pool.submit(int).result(10) == 0


def test_a_submit_that_had_to_make_room_starts_no_worker_either_if_told_so() -> None:
    with ThreadPool(1, max_queue=1, rejection="discard_oldest") as pool:
        first, second = (pool.submit(int, submit_task_autospawn=False) for _ in range(2))
        assert (first.state, second.state) == ("CANCELLED", "PENDING")
        assert pool.num_workers == 0
    assert second.result(10) == 0
