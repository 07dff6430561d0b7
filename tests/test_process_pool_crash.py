"""A worker that dies costs the task it was at, and nothing else."""

import os
import signal
import warnings
from pathlib import Path
from typing import Any

import pytest

from process_calls import LIMIT, METHODS, Gate, add, await_end, die, die_at, hang, leave, pid_of, same
from windlass import BrokenPool, PoisonTask, ProcessPool, TaskCancelled, WorkerDied, wait

WAYS: list[Any] = [
    pytest.param(die, (signal.SIGKILL,), id="kill"),
    pytest.param(die, (signal.SIGSEGV,), id="segfault"),
    pytest.param(die, (signal.SIGABRT,), id="abort"),
    pytest.param(leave, (0,), id="exit 0"),
    pytest.param(leave, (3,), id="exit 3"),
]


class Bomb:
    """Ends the process at one of the moments of its travels."""

    def __init__(self, when: str) -> None:
        self.when = when
        self.home = os.getpid()

    def __getstate__(self) -> dict[str, Any]:
        if self.when == "pickle there" and os.getpid() != self.home:
            die()
        return self.__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self.when == "unpickle there" and os.getpid() != self.home:
            die()

    def __del__(self) -> None:
        if self.when == "free there" and os.getpid() != self.home:
            die()


def drop(_: object) -> None:
    """Let the argument go."""


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("way", "args"), WAYS)
def test_only_the_culprit_fails(method: str, way: Any, args: tuple[Any, ...]) -> None:
    with ProcessPool(2, start_method=method) as pool:
        tasks = [pool.submit(way, *args) if at == 17 else pool.submit(add, at) for at in range(60)]
        assert not wait(tasks, LIMIT).not_done
        error = tasks.pop(17).exception(0)
        assert isinstance(error, WorkerDied)
        expected = args[0] if way is leave else None
        assert error.exit_code == expected
        assert error.signal_number == (None if way is leave else args[0])
        assert [task.result(0) for task in tasks] == [at + 1 for at in range(60) if at != 17]


@pytest.mark.parametrize("when", ["unpickle there", "pickle there", "free there"])
def test_a_death_on_the_way_in_or_out_is_the_task_s_own(when: str) -> None:
    with ProcessPool(1) as pool:
        call = same if when == "pickle there" else drop
        bomb = pool.submit(call, Bomb(when))
        after = [pool.submit(add, at) for at in range(5)]
        assert isinstance(bomb.exception(LIMIT), WorkerDied)
        assert [task.result(LIMIT) for task in after] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("when", ["unpickle there", "pickle there"])
def test_a_death_at_an_item_of_a_chunk_is_that_item_s(when: str) -> None:
    with ProcessPool(1) as pool:
        values = pool.imap(same, [1, "two", Bomb(when), 4, 5], chunksize=5)
        assert [next(values), next(values)] == [1, "two"]
        with pytest.raises(WorkerDied):
            next(values)
        assert list(values) == [4, 5]


def test_items_of_a_chunk_die_one_by_one() -> None:
    with ProcessPool(2) as pool:
        values = pool.imap(die_at_3_or_7, range(10), chunksize=10)
        got: list[Any] = []
        while True:
            try:
                got.append(next(values))
            except WorkerDied:
                got.append("died")
            except StopIteration:
                break
        assert got == [0, 1, 2, "died", 4, 5, 6, "died", 8, 9]


def die_at_3_or_7(value: int) -> int:
    """Return the value unless it is bad."""
    return die_at(3, die_at(7, value))


def test_an_idle_worker_that_dies_costs_nothing() -> None:
    with ProcessPool(1) as pool:
        pid = pool.submit(pid_of).result(LIMIT)
        os.kill(pid, signal.SIGKILL)
        await_end(pid)
        assert pool.submit(pid_of).result(LIMIT) != pid
        assert pool.statistics().failed == 0


def fork_and_hold(path: str) -> None:
    """Leave a process behind that holds copies of all descriptors, then die."""
    warnings.simplefilter("ignore", DeprecationWarning)  # this process has the watcher's thread
    if os.fork() == 0:
        with open(path) as held:  # until the test lets go
            held.read()
        os._exit(0)
    die()


def test_a_living_grandchild_hides_no_death(tmp_path: Path) -> None:
    path = tmp_path / "hold"
    os.mkfifo(path)
    with ProcessPool(1, start_method="forkserver") as pool:
        try:
            assert isinstance(pool.submit(fork_and_hold, str(path)).exception(LIMIT), WorkerDied)
            assert pool.submit(same, 3).result(LIMIT) == 3
        finally:
            with open(path, "w"):
                pass


def fork_and_return() -> int:
    """Return in two processes."""
    warnings.simplefilter("ignore", DeprecationWarning)
    return os.fork()


def test_a_task_that_forks_is_answered_once() -> None:
    with ProcessPool(1) as pool:
        assert pool.submit(fork_and_return).result(LIMIT) > 0
        assert pool.submit(same, 4).result(LIMIT) == 4


class Counter:
    """Dies until it has been tried often enough; counts in a file."""

    def __init__(self, path: Path, deaths: int) -> None:
        self.path, self.deaths = path, deaths

    def __call__(self) -> int:
        with self.path.open("a") as file:
            file.write("x")
        tries = len(self.path.read_text())
        if tries <= self.deaths:
            die()
        return tries


def test_retry_gives_a_task_another_worker(tmp_path: Path) -> None:
    with ProcessPool(1, on_crash="retry") as pool:
        assert pool.submit(Counter(tmp_path / "a", 2)).result(LIMIT) == 3
        assert pool.submit(same, 1).result(LIMIT) == 1


def test_a_poison_task_is_given_up(tmp_path: Path) -> None:
    with ProcessPool(2, on_crash="retry", max_crashes=2) as pool:
        task = pool.submit(Counter(tmp_path / "a", 99))
        others = pool.submit_many(add, range(50))
        error = task.exception(LIMIT)
        assert isinstance(error, PoisonTask)
        assert error.signal_number == signal.SIGKILL
        assert (tmp_path / "a").read_text() == "xx"
        assert [t.result(LIMIT) for t in others] == list(range(1, 51))


def test_retry_of_a_chunk_ends_at_its_poison(tmp_path: Path) -> None:
    with ProcessPool(1, on_crash="retry", max_crashes=2) as pool:
        values = pool.imap(die_at_3_or_7, range(5), chunksize=5)
        assert [next(values) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(PoisonTask):
            next(values)
        assert next(values) == 4


def test_a_pool_may_break_at_the_first_death(gate: Gate) -> None:
    pool = ProcessPool(1, on_crash="break")
    first = pool.submit(gate.pass_through)
    gate.wait_for_arrival()
    waiting = pool.submit(same)
    os.kill(pool.workers[0].pid, signal.SIGKILL)  # type: ignore[attr-defined]
    assert isinstance(first.exception(LIMIT), WorkerDied)
    assert isinstance(waiting.exception(LIMIT), BrokenPool)
    with pytest.raises(BrokenPool):
        pool.submit(same)
    assert pool.join(LIMIT)


@pytest.mark.slow
@pytest.mark.parametrize("n", [2, 5, 13])
def test_many_die_at_once(n: int) -> None:
    with ProcessPool(n) as pool:
        tasks = [pool.submit(die) for _ in range(3 * n)]
        assert all(isinstance(task.exception(LIMIT), WorkerDied) for task in tasks)
        assert pool.submit(same, n).result(LIMIT) == n


def arrive_and_hang(gate: Gate) -> None:
    """Say so, and never end."""
    gate.pass_through()
    hang()


def test_a_running_task_can_be_cancelled(gate: Gate) -> None:
    with ProcessPool(1) as pool:
        task, waiting = pool.submit(arrive_and_hang, gate), pool.submit(same, 1)
        gate.wait_for_arrival()
        assert pool.cancel(task)
        assert isinstance(task.exception(LIMIT), TaskCancelled)
        assert waiting.result(LIMIT) == 1
        assert not pool.cancel(task)


def test_terminate_ends_what_runs(gate: Gate) -> None:
    pool = ProcessPool(2)
    running = [pool.submit(gate.pass_through) for _ in range(2)]
    gate.wait_for_arrival(2)
    pids = [worker.pid for worker in pool.workers]  # type: ignore[attr-defined]
    waiting = pool.submit(same)
    assert pool.terminate() == [waiting]
    assert all(isinstance(task.exception(LIMIT), TaskCancelled) for task in running)
    assert pool.join(LIMIT)
    for pid in pids:
        await_end(pid)


def lie_in_the_way(size: int) -> bytes:
    """Return much, and die while it is being written; by the kernel's hand, which no busy machine holds up."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0.004)
    return bytes(size)


@pytest.mark.slow
def test_a_death_in_the_middle_of_a_large_answer() -> None:
    size = 200 << 20
    with ProcessPool(2) as pool:
        tasks = [pool.submit(lie_in_the_way, size) if at % 10 == 9 else pool.submit(add, at) for at in range(40)]
        assert not wait(tasks, 3 * LIMIT).not_done
        for at, task in enumerate(tasks):
            if at % 10 == 9:
                assert isinstance(task.exception(0), WorkerDied)
            else:
                assert task.result(0) == at + 1
