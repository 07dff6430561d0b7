"""The same monitors on thread and process pools."""

import threading
from pathlib import Path
from typing import Any

import pytest

from process_calls import LIMIT, Gate, add, fail, same
from test_monitor import Recorder, Spoiler
from waiting import until
from windlass import PoolFull, ProcessPool, Task, TaskCancelled, ThreadPool, WorkloadMaxCounter

each_pool = pytest.mark.parametrize("kind", [ThreadPool, ProcessPool])


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def ended(recorder: Recorder) -> list[int]:
    return sorted(args[0] for _, args in recorder.of("on_task_ended"))


@each_pool
def test_a_pool_tells_of_its_tasks(kind: Any, recorder: Recorder) -> None:
    with kind(1) as pool:
        pool.attach(recorder)
        assert pool.submit(add, 1, b=2).result(LIMIT) == 3
        assert isinstance(pool.submit(fail, "x").exception(LIMIT), ValueError)
    assert recorder.of("on_task_added") == [("on_task_added", (1, add)), ("on_task_added", (2, fail))]
    assert recorder.of("on_worker_added") == [("on_worker_added", (0,))]
    attached = [args for _, args in recorder.of("on_task_attached_to_worker")]
    assert attached == [args for _, args in recorder.of("on_result_retrieved_from_worker")] == [(0, 1), (0, 2)]
    ends = [args for _, args in recorder.of("on_task_ended")]
    assert [(task_id, type(error)) for task_id, *_, error in ends] == [(1, type(None)), (2, ValueError)]
    assert all(started <= ended for _, _, started, ended, _ in ends)


@each_pool
def test_every_way_to_submit_is_told_of(kind: Any, recorder: Recorder) -> None:
    with kind(2, name="watched") as pool:
        pool.attach(recorder)
        assert type(pool).__name__ == kind.__name__
        assert isinstance(pool, kind)
        assert kind.get_pool_by_name("watched") is pool
        tasks = [pool.submit(same, 1, submit_task_priority=3), pool.submit(Task(same, (2,)))]
        tasks += pool.map(same, [((3,), None)])
        tasks += pool.submit_many(same, [4])
        tasks += [pool.options(priority=1).submit(same, 5), pool.submit_call(same, (6,), {})]
        assert [task.result(LIMIT) for task in tasks] == [1, 2, 3, 4, 5, 6]
        assert tasks[0].priority == 3
        assert list(pool.imap(same, [7], chunksize=1)) == [7]
    assert ended(recorder) == list(range(1, 8))
    assert len(recorder.of("on_task_attached_to_worker")) == 7


def test_submit_keeps_its_rules(recorder: Recorder, gate: Gate) -> None:
    with ThreadPool(1, max_queue=1, rejection="reject") as pool:
        pool.attach(recorder)
        pool.submit(gate.pass_through)
        gate.wait_for_arrival()
        waiting = pool.submit(same)
        with pytest.raises(PoolFull):
            pool.submit(same)
        with pytest.raises(TypeError, match="callable"):
            pool.submit(3)  # type: ignore[call-overload]
        with pytest.raises(TypeError, match="arguments already"):
            pool.submit(Task(same), 3)  # type: ignore[call-overload]
        assert waiting.cancel()
        gate.let_go()
    errors = {args[0]: type(args[4]) for _, args in recorder.of("on_task_ended")}
    assert errors == {1: type(None), 2: TaskCancelled, 3: TaskCancelled}


@each_pool
def test_a_monitor_that_raises_hurts_no_pool(kind: Any, caplog: pytest.LogCaptureFixture) -> None:
    with kind(1) as pool:
        pool.attach(Spoiler())
        assert pool.submit(same, 1).result(LIMIT) == 1
    assert "exception in on_task_attached_to_worker" in caplog.text


def test_counting_the_workload_of_threads() -> None:
    counter = WorkloadMaxCounter()
    barrier = threading.Barrier(3)
    with ThreadPool(2) as pool:
        pool.attach(counter)
        tasks = [pool.submit(barrier.wait, LIMIT) for _ in range(2)]
        barrier.wait(LIMIT)
        assert len([task.result(LIMIT) for task in tasks]) == 2
    assert counter.counts == {0: 0, 1: 0}
    assert counter.most == {0: 1, 1: 1}
    assert (counter.added, counter.ended) == (2, 2)


def test_several_monitors(recorder: Recorder, tmp_path: Path) -> None:
    second = Recorder()
    with ThreadPool(1) as pool:
        pool.attach(recorder)
        pool.submit(same).result(LIMIT)
        until(lambda: ended(recorder) == [1])  # the result may come before the news
        pool.attach([second])
        pool.submit(same).result(LIMIT)
        with pytest.raises(TypeError, match="TaskMonitor"):
            pool.attach(print)  # type: ignore[arg-type]
    assert (ended(recorder), ended(second)) == ([1, 2], [2])
