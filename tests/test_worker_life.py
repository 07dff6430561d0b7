"""Start and stop: from inside, from outside, twice, at the wrong moment; hooks; loops of one's own."""

import threading
from typing import Any

import pytest

from recorded_calls import LIMIT, Calls, Gated
from waiting import until
from windlass import BackgroundEventWorker, BackgroundQueueWorker, BackgroundWorker

HOUR = 3600.0


def test_start_twice_is_one_loop() -> None:
    calls = Gated()
    worker = BackgroundWorker(func=calls)
    assert worker.start(1)
    assert not worker.start(2)
    calls.wait_for(1)
    worker.stop(wait=False)
    calls.release()
    assert worker.join(LIMIT)
    assert calls.made[0][0] == (1,)
    assert calls.count == 1


def test_restart_after_each_way_to_end() -> None:
    calls = Calls()
    worker = BackgroundWorker(func=calls, interval=HOUR)
    ends = [worker.stop, worker.terminate, lambda: worker.stop(wait=False), lambda: worker.stop(timeout=0)]
    for runs, end in enumerate(ends * 2, start=1):
        assert worker.start()
        calls.wait_for(runs)
        end()
        assert not worker.is_active()
    assert worker.stop()
    assert worker.stop()  # twice
    assert calls.count == len(ends) * 2


@pytest.mark.parametrize("order", ["stop", "stop_and_wait", "terminate"])
@pytest.mark.parametrize("kind", ["loop", "interval", "queue", "event"])
def test_stop_from_inside_ends_after_this_run(order: str, kind: str) -> None:
    runs: list[int] = []

    def fn(*args: Any, _worker: Any) -> None:
        runs.append(1)
        if order == "stop_and_wait":
            _worker.stop(wait=True)
        else:
            getattr(_worker, order)()
        assert not _worker.is_active()
        assert not _worker.join(LIMIT)
        runs.append(2)

    worker: Any = {
        "loop": lambda: BackgroundWorker(func=fn),
        "interval": lambda: BackgroundWorker(func=fn, interval=0.001),
        "queue": lambda: BackgroundQueueWorker(func=fn),
        "event": lambda: BackgroundEventWorker(func=fn),
    }[kind]()
    for _ in range(3):
        getattr(worker, "put", lambda _: None)(0)
        getattr(worker, "trigger", lambda: None)()
    worker.start()
    assert worker.join(LIMIT)
    assert runs == [1, 2]


def test_stop_from_a_callback() -> None:
    def on_error(e: BaseException, worker: list[Any]) -> None:
        worker[0].stop()

    holder: list[Any] = []
    worker = BackgroundWorker(func=lambda: 1 / 0, on_error=on_error, on_error_kwargs={"worker": holder})
    holder.append(worker)
    worker.start()
    assert worker.join(LIMIT)
    assert worker.statistics().errors == 1


def test_two_stops_at_once_both_wait_for_the_end() -> None:
    calls = Gated()
    worker = BackgroundWorker(func=calls)
    worker.start()
    calls.wait_for(1)
    results: list[bool] = []
    threads = [threading.Thread(target=lambda: results.append(worker.stop(timeout=LIMIT))) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: not worker.is_active())
    calls.release()
    for thread in threads:
        thread.join(LIMIT)
    assert results == [True, True]


def test_stop_with_a_time_limit() -> None:
    calls = Gated()
    worker = BackgroundWorker(func=calls)
    worker.start()
    calls.wait_for(1)
    assert not worker.stop(timeout=0.001)
    assert not worker.join(0.001)
    assert not worker.is_active()
    with pytest.raises(ValueError, match="NaN"):
        worker.stop(timeout=float("nan"))
    calls.release()
    assert worker.stop(timeout=float("inf"))


def test_start_waits_for_a_run_that_was_told_to_stop() -> None:
    calls = Gated()
    worker = BackgroundWorker(func=calls)
    worker.start(1)
    calls.wait_for(1)
    worker.stop(wait=False)
    starter = threading.Thread(target=worker.start, args=(2,))
    starter.start()
    starter.join(0.02)
    assert starter.is_alive()
    assert calls.count == 1
    calls.release(2)
    starter.join(LIMIT)
    calls.wait_for(2)
    assert calls.made[1][0] == (2,)
    worker.stop(wait=False)
    calls.release()
    assert worker.join(LIMIT)


def test_start_by_a_run_that_is_its_last() -> None:
    errors: list[str] = []

    def fn(_worker: Any) -> None:
        assert not _worker.start()  # it is active
        _worker.terminate()
        with pytest.raises(RuntimeError, match="its last") as info:
            _worker.start()
        errors.append(str(info.value))

    worker = BackgroundWorker(func=fn)
    worker.start()
    assert worker.join(LIMIT)
    assert len(errors) == 1


class Hooked(BackgroundWorker):
    """Records its hooks; raises in the one named, stops in the one named."""

    def __init__(self, raises: str = "", stops: str = "", **parameters: Any) -> None:
        super().__init__(**parameters)
        self.heard: list[tuple[str, bool]] = []
        self.raises, self.stops = raises, stops

    def _hook(self, name: str) -> None:
        self.heard.append((name, self.is_active()))
        if self.stops == name:
            assert self.stop() in (True, False)
        if self.raises == name:
            raise KeyError(name)

    def before_start(self) -> None:
        self._hook("before_start")

    def after_start(self) -> None:
        self._hook("after_start")

    def before_stop(self) -> None:
        self._hook("before_stop")

    def after_stop(self) -> None:
        self._hook("after_stop")


def test_hooks_come_in_order_and_once() -> None:
    worker = Hooked(func=Calls(), interval=HOUR)
    for _ in range(2):
        worker.start()
        worker.start()
        worker.stop()
        worker.stop()
        assert worker.heard == [
            ("before_start", True),
            ("after_start", True),
            ("before_stop", True),
            ("after_stop", False),
        ]
        worker.heard.clear()


@pytest.mark.parametrize("name", ["before_start", "after_start", "before_stop", "after_stop"])
def test_hooks_that_raise(name: str) -> None:
    calls = Calls()
    worker = Hooked(func=calls, interval=HOUR, raises=name)
    if name.endswith("start"):
        with pytest.raises(KeyError, match=name):
            worker.start()
        assert worker.is_active() is (name == "after_start")
        assert worker.stop(timeout=LIMIT)
    else:
        worker.start()
        with pytest.raises(KeyError, match=name):
            worker.stop()
        assert worker.join(0)  # it has been waited for
    assert not worker.is_active()
    worker.raises = ""
    assert worker.start()
    assert worker.stop(timeout=LIMIT)


@pytest.mark.parametrize("name", ["before_start", "after_start"])
def test_stop_during_start(name: str) -> None:
    calls = Calls()
    worker = Hooked(func=calls, interval=HOUR, stops=name)
    assert worker.start() is (name == "after_start")
    assert worker.join(LIMIT)
    assert not worker.is_active()
    assert calls.count == 0 if name == "before_start" else calls.count <= 1


def test_a_start_that_fails_leaves_an_event_alone() -> None:
    event = threading.Event()

    class Failing(BackgroundEventWorker):
        def before_start(self) -> None:
            raise KeyError

    worker = Failing(func=Calls(), event=event)
    with pytest.raises(KeyError):
        worker.start()
    assert not event.is_set()


def test_a_thread_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = BackgroundWorker(func=Calls(), interval=HOUR)

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="new thread"):
            worker.start()
    assert not worker.is_active()
    assert worker.start()
    assert worker.stop(timeout=LIMIT)


def test_run_overridden() -> None:
    class Counter(BackgroundWorker):
        runs = 0

        def run(self, step: int, **kwargs: Any) -> bool:
            self.runs += step
            return self.runs < 6

    worker = Counter(interval=0.001)
    worker.start(2)
    assert worker.join(LIMIT)
    assert worker.runs == 6


def test_loop_overridden() -> None:
    seen: list[Any] = []

    class Own(BackgroundWorker):
        def loop(self, first: int, worker_name: str, second: int = 0) -> None:
            while self.is_active():
                self.run(first, second, worker_name)
                if not self.sleep(0.0001 if len(seen) < 3 else HOUR):
                    seen.append("woken")

        def run(self, *args: Any) -> None:
            seen.append(args)

    worker = Own("own")
    with pytest.raises(TypeError, match="cannot be called"):
        worker.start(third=1)
    worker.start(1, second=2)
    while len(seen) < 3:
        assert worker.is_active()
    assert worker.stop(timeout=LIMIT)
    assert seen[0] == (1, 2, "own")
    assert seen[-1] == "woken"
    with pytest.raises(RuntimeError, match="another thread"):
        worker.sleep(0)


def test_loop_overridden_around_the_usual_one() -> None:
    calls = Calls()

    class Connected(BackgroundQueueWorker):
        opened = 0

        def loop(self, *args: Any, **kwargs: Any) -> None:
            self.opened += 1
            super().loop("connection", *args, **kwargs)
            self.opened -= 1

    worker = Connected(func=calls, o=3)
    worker.put("task")
    worker.start("argument", key=1)
    assert worker.close(timeout=LIMIT)
    ((args, kwargs),) = calls.made
    assert args == ("task", "connection", "argument")
    assert (kwargs["key"], kwargs["o"], kwargs["_worker"]) == (1, 3, worker)
    assert worker.opened == 0


def test_a_worker_without_a_function_says_so() -> None:
    worker = BackgroundWorker()
    with pytest.raises(TypeError, match="needs a func"):
        worker.start()
    assert not worker.is_active()


def test_a_loop_of_ones_own_gets_no_ticks() -> None:
    class Own(BackgroundWorker):
        def loop(self, tick: Any) -> None:
            self.run(tick)

    calls = Calls()
    worker = Own(func=calls, interval=1)
    with pytest.raises(TypeError, match="tick"):
        worker.start()
    worker.start(tick=3)
    assert worker.join(LIMIT)
    assert calls.tasks == [3]
