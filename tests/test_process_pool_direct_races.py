"""Direct calls to worker processes beside whatever else may happen at that moment."""

import threading
from typing import Any

import pytest

from process_calls import LIMIT, Gate, fail, same
from waiting import until
from windlass import ProcessPool, Task, TaskCancelled, WaitTimeout
from windlass.dropin.futures import ProcessPoolExecutor
from windlass.dropin.pool import Pool
from windlass.processes.host import WorkerHost


def make_idle(pool: ProcessPool) -> None:
    pool.submit(same).result(LIMIT)
    until(lambda: pool.inactive_workers == 1)


class Pickled:
    """An argument whose pickling waits in the middle."""

    reached = threading.Event()
    go_on = threading.Event()

    def __reduce__(self) -> tuple[Any, ...]:
        if threading.current_thread().name == "submitter":
            Pickled.reached.set()
            assert Pickled.go_on.wait(LIMIT)
        return int, ()


@pytest.mark.slow
def test_an_idle_timeout_while_a_task_is_waited_for_does_not_lose_it(gate: Gate) -> None:
    # The seat counted as idle with its task away: the worker was dismissed, or the next task got this one's answer.
    with ProcessPool(1, idle_timeout=0.05) as pool:
        pool.submit(same).result(LIMIT)
        until(lambda: pool.inactive_workers == pool.num_workers)  # none if its time is over already: shows less
        first = pool.submit(gate.pass_through, "first")
        gate.wait_for_arrival()
        with pytest.raises(WaitTimeout):
            first.result(0.2)
        assert pool.inactive_workers == 0
        second = pool.submit(same, "second")
        gate.let_go(1)
        assert [second.result(LIMIT), first.result(LIMIT)] == ["second", "first"]


def test_a_callback_is_not_run_by_the_thread_that_waits(gate: Gate) -> None:
    # That thread may hold what the callback waits for; and Ctrl-C during the callback would be taken for its own.
    for make in (ProcessPool, ProcessPoolExecutor):
        callers: list[threading.Thread] = []
        called = threading.Event()
        lock = threading.Lock()

        def note(_: object, lock: Any = lock, callers: Any = callers, called: Any = called) -> None:
            with lock:
                callers.append(threading.current_thread())
            called.set()

        with make(1) as pool:
            pool.submit(same).result(LIMIT)
            with lock:
                task = pool.submit(gate.pass_through, 1)
                task.add_done_callback(note)
                gate.let_go(1)
                assert task.result(LIMIT) == 1
            assert called.wait(LIMIT)
        assert callers != [threading.current_thread()]


@pytest.mark.parametrize("call", [same, fail])
def test_a_callback_of_a_dropin_pool_is_not_run_by_the_thread_that_waits(call: Any) -> None:
    callers: list[str] = []

    def note(_: object) -> None:
        callers.append(threading.current_thread().name)

    with Pool(1) as pool:
        pool.apply(same)
        until(lambda: pool._engine._crew.n_idle == 1)
        pool.apply_async(call, callback=note, error_callback=note).wait(LIMIT)
        assert len(callers) == 1
        assert callers != [threading.current_thread().name]


def test_a_cancel_does_not_kill_the_next_task(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    # Between the look at what the worker runs and the kill, no other task may be sent.
    killing, go_on = threading.Event(), threading.Event()
    kill = WorkerHost.kill

    def slow_kill(host: WorkerHost) -> None:
        killing.set()
        assert go_on.wait(LIMIT)
        kill(host)

    with ProcessPool(1) as pool:
        make_idle(pool)
        doomed = pool.submit(gate.pass_through, 1)
        gate.wait_for_arrival()
        monkeypatch.setattr(WorkerHost, "kill", slow_kill)
        canceller = threading.Thread(target=pool.cancel, args=(doomed,))
        canceller.start()
        assert killing.wait(LIMIT)
        gate.let_go(1)
        assert doomed.result(LIMIT) == 1
        innocent = pool.submit(same, 2)
        go_on.set()
        canceller.join(LIMIT)
        monkeypatch.undo()
        assert innocent.result(LIMIT) == 2


@pytest.mark.parametrize("end", ["terminate", "cancel"])
def test_a_task_that_is_being_pickled_can_be_ended(end: str) -> None:
    # It is neither in the queue nor away.
    Pickled.reached.clear()
    Pickled.go_on.clear()
    with ProcessPool(1) as pool:
        make_idle(pool)
        task = Task(same, (Pickled(),))
        submitter = threading.Thread(target=pool.submit, args=(task,), name="submitter")
        submitter.start()
        assert Pickled.reached.wait(LIMIT)
        if end == "terminate":
            pool.terminate()
        else:
            assert pool.cancel(task)
        Pickled.go_on.set()
        submitter.join(LIMIT)
        assert isinstance(task.exception(LIMIT), TaskCancelled)
        if end == "cancel":
            assert pool.submit(same, 3).result(LIMIT) == 3


@pytest.mark.slow
@pytest.mark.stress
@pytest.mark.usefixtures("switch_often")
def test_a_verdict_does_not_fall_on_the_next_task() -> None:
    # Without a GIL it could come between the last look for one and the end of what it was meant for.
    ended = TaskCancelled("ended")
    sent = threading.Event()
    step = threading.Barrier(2, timeout=LIMIT)
    n_rounds = 300

    with ProcessPool(1) as pool:
        make_idle(pool)
        (attendant,) = pool._crew.attendants

        def doom_whatever_comes() -> None:
            for _ in range(n_rounds):
                step.wait()
                while not sent.is_set():
                    attendant.seat.doom(None, ended)
                step.wait()

        doomer = threading.Thread(target=doom_whatever_comes)
        doomer.start()
        for _ in range(n_rounds):
            sent.clear()
            step.wait()
            task = pool.submit(same, 1)
            sent.set()
            step.wait()
            assert task.exception(LIMIT) in (None, ended)
            until(lambda: pool.inactive_workers == 1)
            assert pool.submit(same, 2).result(LIMIT) == 2
        doomer.join(LIMIT)


@pytest.mark.slow
def test_a_message_that_is_half_sent_goes_out_before_the_next_one(gate: Gate) -> None:
    # It waits behind a long call, is taken back for the other worker, and half of it is in the socket.
    with ProcessPool(2, prepopulate=2) as pool:
        for task in pool.submit_many(same, range(4_000)):
            task.result(LIMIT)
        for _ in range(3):
            long = pool.submit(gate.pass_through, 0)
            large = pool.submit_many(len, [b"x" * 20_000_000, b"", b""])
            assert [task.result(LIMIT) for task in large] == [20_000_000, 0, 0]
            gate.let_go(1)
            assert long.result(LIMIT) == 0
            assert [pool.submit(same, number).result(LIMIT) for number in range(4)] == list(range(4))
