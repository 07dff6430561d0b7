"""Monitors of a master: what they are told, and that they can do no harm."""

import io
import sys
import threading
from pathlib import Path
from typing import Any, ClassVar

import pytest

from master_workers import Echo, Unable
from process_calls import Gate, die
from windlass import Master, ProgressMonitor, TaskMonitor, WorkerDied, WorkloadCounter, WorkloadMaxCounter
from windlass.master.hub import Hub


class Recorder(TaskMonitor):
    """Remembers all it is told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.closed = 0

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("on_"):
            return lambda *args, **kwargs: self.events.append((name, args, kwargs))
        return super().__getattribute__(name)

    def close(self) -> None:
        """Count."""
        self.closed += 1

    def of(self, *names: str) -> list[tuple[str, tuple[Any, ...]]]:
        """Return the events of these names."""
        return [(name, args) for name, args, _ in self.events if name in names]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def test_the_four_callbacks_in_their_order(recorder: Recorder) -> None:
    with Master(Echo, monitor=recorder) as master:
        master.add_worker(name="Alice")
        assert list(master.run("a")) == [(1, "a")]
    assert recorder.events[0] == ("on_worker_added", (0,), {"name": "Alice"})
    order = ["on_task_added", "on_task_attached_to_worker", "on_result_retrieved_from_worker"]
    assert recorder.of(*order) == [(order[0], (1, "a")), (order[1], (0, 1)), (order[2], (0, 1))]
    assert recorder.of("on_worker_removed") == [("on_worker_removed", (0, None))]
    assert recorder.closed >= 1


def test_times_of_a_task(recorder: Recorder) -> None:
    with Master(Echo, monitor=recorder) as master:
        master.add_worker()
        list(master.run("a", ("fail", "text"), "c"))
    ends = [args for _, args in recorder.of("on_task_ended")]
    assert [(task_id, worker) for task_id, worker, *_ in ends] == [(1, 0), (2, 0), (3, 0)]
    times = [time for _, _, started, ended, _ in ends for time in (started, ended)]
    assert times == sorted(times)  # one worker is at one task at a time
    assert [type(error) for *_, error in ends] == [type(None), ValueError, type(None)]


def test_crash_and_retry(recorder: Recorder) -> None:
    with Master(Echo, monitor=recorder, on_crash="retry", max_crashes=2) as master:
        master.add_worker()
        list(master.run(("call", die)))
    deaths = recorder.of("on_worker_died")
    assert [(args[0], type(args[1])) for _, args in deaths] == [(0, WorkerDied)] * 2
    assert recorder.of("on_task_retried") == [("on_task_retried", (0, 1))]
    [(_, (task_id, _, _, _, error))] = recorder.of("on_task_ended")
    assert (task_id, isinstance(error, WorkerDied)) == (1, True)


def test_a_worker_that_is_given_up(recorder: Recorder, tmp_path: Path) -> None:
    with Master(Unable, monitor=recorder) as master:
        master.add_worker(path=str(tmp_path / "a"))
        list(master.run("a"))
    [(_, (number, error))] = recorder.of("on_worker_removed")
    assert number == 0
    assert "no such model" in str(error)
    [(_, (task_id, worker, started, ended, _))] = recorder.of("on_task_ended")
    assert (task_id, worker, started == ended) == (1, None, True)


def test_a_monitor_is_closed_after_all_has_been_told(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = threading.Event()

    class Closing(Recorder):
        def close(self) -> None:
            self.events.append(("close", (), {}))
            closed.set()

    def dawdle(hub: Hub) -> None:
        closed.wait(0.2)  # in vain, unless the master does not wait for the news of its worker's end
        settle_homeless(hub)

    settle_homeless = Hub.settle_homeless
    monkeypatch.setattr(Hub, "settle_homeless", dawdle)
    recorder = Closing()
    with Master(Echo, monitor=recorder) as master:
        master.add_worker()
    assert [name for name, _, _ in recorder.events][-2:] == ["on_worker_removed", "close"]


class Spoiler(TaskMonitor):
    """Raises whatever it is told."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("on_") or name == "close":

            def spoil(*args: object, **kwargs: object) -> None:
                raise SystemExit(name)

            return spoil
        return super().__getattribute__(name)


def test_a_monitor_that_raises_hurts_nobody(recorder: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    with Master(Echo, monitor=[Spoiler(), recorder]) as master:
        master.add_worker()
        assert dict(master.run("a", "b")) == {1: "a", 2: "b"}
    assert len(recorder.of("on_task_ended")) == 2
    for name in ("on_task_added", "on_task_attached_to_worker", "on_result_retrieved_from_worker", "close"):
        assert f"exception in {name} of <" in caplog.text


class Chain(TaskMonitor):
    """Adds a task when one ends."""

    def __init__(self) -> None:
        self.master: Master | None = None

    def on_task_ended(
        self, task_id: int, worker_idx: int | None, started: float, ended: float, error: BaseException | None
    ) -> None:
        """Add the next."""
        if task_id < 5 and self.master is not None:
            self.master.add_task(task_id)


def test_a_monitor_may_add_tasks() -> None:
    chain = Chain()
    with Master(Echo, monitor=chain) as master:
        chain.master = master
        master.add_worker()
        assert list(master.run(0)) == [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)]


def test_workload_counters(gate: Gate) -> None:
    now, most = WorkloadCounter(), WorkloadMaxCounter(display_at_top=False)
    with Master(Echo, monitor=(now, most)) as master:
        master.add_worker(gate=gate)
        master.add_worker()
        results = master.run(("wait", 1), worker=0)
        gate.wait_for_arrival()
        assert now.counts == {0: 1, 1: 0}
        assert repr(now) == "0:\t1\n1:\t0"  # no terminal here: nothing is moved to its top
        gate.let_go()
        list(results)
        assert now.counts == {0: 0, 1: 0}
        assert repr(most) == "1 of 1\n0:\t0 (1)\n1:\t0 (0)"
    assert now.counts == {}


def test_counters_are_right_when_tasks_are_returned(gate: Gate) -> None:
    counter = WorkloadMaxCounter()
    with Master(Echo, monitor=counter, on_crash="retry", max_crashes=2) as master:
        for _ in range(2):
            master.add_worker(gate=gate)
        list(master.run(*range(100), ("call", die), *range(100)))
        assert counter.counts == {0: 0, 1: 0}
        assert (counter.added, counter.ended) == (201, 201)


def test_a_terminal_is_printed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdout", Terminal())
    assert repr(WorkloadCounter()).startswith("\033[0;0H")
    assert repr(WorkloadCounter(display_at_top=False)) == ""


def test_verbose_prints(capsys: pytest.CaptureFixture[str]) -> None:
    with Master(Echo, verbose=True) as master:
        master.add_worker(name="x")
        list(master.run("a"))
    said = capsys.readouterr().out
    for line in ("+ worker 0 {'name': 'x'}", "+ task 1", "task 1 --> 0", "- task 1", "- worker 0"):
        assert f"[Master]: {line}\n" in said


# ---- the progress bar ----


class Bar:
    """Stands for tqdm's, which may not be installed where the tests run."""

    made: ClassVar[list["Bar"]] = []

    def __init__(self, total: int, initial: int, **settings: Any) -> None:
        self.total, self.n, self.settings, self.is_closed = total, initial, settings, False
        Bar.made.append(self)

    def update(self) -> None:
        self.n += 1

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> list[Bar]:
    module = type(sys)("tqdm.auto")
    module.tqdm = Bar  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tqdm", type(sys)("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    monkeypatch.setattr(Bar, "made", [])
    return Bar.made


def test_progress_grows_with_what_is_added(bars: list[Bar]) -> None:
    with Master(Echo, progress=True) as master:
        master.add_worker()
        for count, _ in enumerate(master.run("a", "b")):
            if count == 0:
                master.add_task("c")
        list(master.run("d"))
    assert [(bar.n, bar.total, bar.is_closed) for bar in bars] == [(3, 3, True), (4, 4, True)]


def test_progress_of_a_known_total(bars: list[Bar]) -> None:
    with Master(Echo, monitor=ProgressMonitor(total=10, desc="pages")) as master:
        master.add_worker()
        list(master.run("a"))
    assert (bars[0].total, bars[0].settings) == (10, {"unit": "task", "desc": "pages"})


def test_progress_without_tqdm_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r"windlass\[progress\]"):
        Master(Echo, progress=True)


def test_progress_with_the_real_tqdm() -> None:
    pytest.importorskip("tqdm")
    drawn = io.StringIO()
    with Master(Echo, monitor=ProgressMonitor(file=drawn, ascii=True)) as master:
        master.add_worker()
        list(master.run(*range(20)))
    assert "20/20" in drawn.getvalue()
