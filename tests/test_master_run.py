"""Master.run: what comes, in which order, and how far it reads ahead."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from master_workers import LIMIT, Echo
from process_calls import Gate
from waiting import until
from windlass import Master


@pytest.fixture
def master() -> Iterator[Master]:
    with Master(Echo) as master:
        master.add_worker(name="one")
        yield master


def test_results_come_with_their_numbers(master: Master) -> None:
    master.add_worker(name="two")
    assert dict(master.run("a", "b", "c")) == {1: "a", 2: "b", 3: "c"}


def test_one_worker_runs_in_the_order_of_adding(master: Master) -> None:
    assert list(master.run(*range(50))) == [(at + 1, at) for at in range(50)]


def test_an_exception_is_the_result(master: Master) -> None:
    (_, first), (_, error), (_, last) = master.run("a", ("fail", "on purpose"), "b")
    assert (first, last) == ("a", "b")
    assert isinstance(error, ValueError)
    assert str(error) == "on purpose"
    assert "in fail" in str(error.__cause__)


def raise_exit() -> None:
    """End the worker, one would think."""
    raise SystemExit(3)


def test_even_system_exit_is_a_result(master: Master) -> None:
    (_, error), (_, after) = master.run(("call", raise_exit), "b")
    assert isinstance(error, SystemExit)
    assert after == "b"


def make_lambda() -> Any:
    """Return what does not pickle."""
    return threading.Lock()


def test_what_does_not_pickle_is_that_task_s_failure(master: Master) -> None:
    results = [result for _, result in master.run(threading.Lock(), ("call", make_lambda), "fine")]
    assert [type(result).__name__ for result in results] == ["TransferError", "TransferError", "str"]


def test_a_run_without_tasks_ends(master: Master) -> None:
    assert list(master.run()) == []


def test_tasks_added_before_wait_for_the_run(master: Master) -> None:
    ids = [master.add_task("low", priority=20), master.add_task("high", priority=1), master.add_task("usual")]
    assert ids == [1, 2, 3]
    assert master.statistics().waiting == 3
    assert [result for _, result in master.run()] == ["high", "usual", "low"]


def test_priorities_hold_while_running(master: Master, gate: Gate) -> None:
    number = master.add_worker(name="gated", gate=gate)
    master.remove_worker(0)
    results = master.run(("wait", 0), worker=number)
    gate.wait_for_arrival()
    for at, priority in enumerate((10, 5, 10, 1.5)):
        master.add_task(at, priority=priority)
    gate.let_go()
    assert [result for _, result in results] == [0, 3, 1, 0, 2]


def test_the_same_workers_run_again(master: Master) -> None:
    pids = {master.broadcast("who")[0] for _ in range(2) if dict(master.run(*range(5)))}
    assert len(pids) == 1


def test_tasks_may_be_added_in_the_loop(master: Master) -> None:
    seen = []
    for _, result in master.run(5):
        seen.append(result)
        if result:
            master.add_task(result - 1)
    assert seen == [5, 4, 3, 2, 1, 0]


def test_another_thread_may_add_tasks(master: Master, gate: Gate) -> None:
    number = master.add_worker(gate=gate)
    results = master.run(("wait", "held"), worker=number)
    gate.wait_for_arrival()
    adder = threading.Thread(target=lambda: [master.add_task(at) for at in range(100)])
    adder.start()
    adder.join(LIMIT)
    gate.let_go()
    assert sorted(str(result) for _, result in results) == sorted(["held", *map(str, range(100))])


def test_results_in_the_order_of_adding(master: Master, gate: Gate) -> None:
    slow = master.add_worker(gate=gate)
    master.add_task(("wait", "slow"), worker=slow)
    results = master.run(*range(20), ordered=True)
    gate.wait_for_arrival()
    gate.let_go()
    assert [result for _, result in results] == ["slow", *range(20)]


def test_a_lazy_source_is_read_only_a_little_ahead(master: Master) -> None:
    read = []

    def source() -> Iterator[int]:
        for at in range(1_000):
            read.append(at)
            yield at

    results = master.run(source=source(), buffersize=7)
    assert next(results) == (1, 0)
    assert len(read) <= 8
    assert [result for _, result in results] == list(range(1, 1_000))


@pytest.mark.parametrize("ordered", [False, True])
def test_results_come_before_a_slow_source_is_read_on(master: Master, ordered: bool) -> None:
    read = []

    def source() -> Iterator[int]:
        for at in range(4):
            read.append(at)
            time.sleep(0.005)  # this is what is slow
            until(lambda: master.statistics().completed == at)  # noqa: B023  # called before the next round
            yield at

    results = master.run(source=source(), buffersize=4, ordered=ordered)
    for at in range(4):
        assert next(results) == (at + 1, at)
        assert len(read) <= at + 2
    assert list(results) == []


@pytest.mark.slow
def test_a_fast_source_goes_through_whole(master: Master) -> None:
    master.add_worker()
    assert sum(result for _, result in master.run(source=iter(range(20_000)))) == sum(range(20_000))


def test_what_a_source_raises_comes_after_its_results(master: Master) -> None:
    def source() -> Iterator[int]:
        yield 1
        yield 2
        raise LookupError("source")

    results = master.run(source=source())
    assert [next(results)[1], next(results)[1]] == [1, 2]
    with pytest.raises(LookupError, match="source"):
        next(results)
    assert list(results) == []


def test_leaving_early_gives_up_what_has_not_begun(master: Master) -> None:
    for _, result in master.run(*range(1_000)):
        if result == 3:
            break
    assert list(master.run("a", "b"))[-2:] == [(1001, "a"), (1002, "b")]
    assert master.statistics().waiting == 0


def test_tasks_added_meanwhile_survive_leaving_early(master: Master, gate: Gate) -> None:
    number = master.add_worker(gate=gate)
    results = master.run(("wait", "mine"), "not begun", worker=number)
    gate.wait_for_arrival()
    kept = master.add_task("kept")
    later = master.add_task("later", worker=number)
    results.close()
    assert list(results) == []
    gate.let_go()
    assert sorted(master.run()) == [(kept, "kept"), (later, "later")]


def test_an_iteration_that_is_dropped_does_no_harm(master: Master) -> None:
    master.run(*range(100))
    assert [result for _, result in master.run("next")] == ["next"]


def test_two_runs_at_once_have_their_own_results(master: Master) -> None:
    first, second = master.run("a", "b"), master.run("c", "d")
    assert sorted(second) == [(3, "c"), (4, "d")]
    assert sorted(first) == [(1, "a"), (2, "b")]


def test_the_callback_hears_how_far_it_is(caplog: pytest.LogCaptureFixture) -> None:
    calls = []

    def callback(ended: int, added: int) -> None:
        calls.append((ended, added))
        raise RuntimeError("a bad callback")

    with Master(Echo, callback) as master:
        master.add_worker()
        assert len(list(master.run("a", "b", "c"))) == 3
    assert calls == [(1, 3), (2, 3), (3, 3)]
    assert caplog.text.count("RuntimeError: a bad callback") == 3


def test_an_iteration_may_be_collected_while_a_worker_has_the_lock(master: Master) -> None:
    results = master.run(*range(100))
    with master._hub.lock:  # as the collector may find it
        del results
    assert [result for _, result in master.run("next")] == ["next"]
    assert master.statistics().waiting == 0
