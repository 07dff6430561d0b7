"""What a background worker's function is given, and which parameters are refused."""

import queue
import threading
from typing import Any

import pytest

import windlass.workers
from recorded_calls import LIMIT, Calls
from windlass import (
    BackgroundEventWorker,
    BackgroundQueueWorker,
    BackgroundWorker,
    Restart,
    Tick,
    background_worker,
)

ONCE = {"max_ticks": 1}


def run_once(worker: Any, *args: Any, **kwargs: Any) -> None:
    assert worker.start(*args, **kwargs)
    assert worker.join(LIMIT)


def test_function_gets_all_of_start_and_what_the_worker_adds() -> None:
    calls, thing = Calls(), object()
    worker = BackgroundWorker("anna", calls, o=thing, **ONCE)
    run_once(worker, 1, 2, key="value", _unknown=3)
    ((args, kwargs),) = calls.made
    assert args == (1, 2)
    assert kwargs == {"key": "value", "_unknown": 3, "worker_name": "anna", "o": thing, "_worker": worker}


def test_start_overrides_what_the_worker_adds() -> None:
    calls = Calls()
    run_once(BackgroundWorker(func=calls, o=1, **ONCE), o=2, worker_name="bert", _name="carl")
    kwargs = calls.made[0][1]
    assert (kwargs["o"], kwargs["worker_name"]) == (2, "bert")


def test_function_without_keywords_gets_only_what_it_names() -> None:
    seen: list[Any] = []

    @background_worker(max_ticks=1, o="thing")
    def worker(number, o):  # type: ignore[no-untyped-def]
        seen.append((number, o))

    run_once(worker, 7)
    run_once(worker, number=8)
    run_once(worker, 9, "mine")  # filled by position: not once more by name
    assert seen == [(7, "thing"), (8, "thing"), (9, "mine")]


@pytest.mark.parametrize(("args", "kwargs"), [((), {}), ((1, 2, 3), {}), ((1,), {"other": 1}), ((1,), {"number": 1})])
def test_arguments_that_do_not_fit_are_refused_by_start(args: Any, kwargs: Any) -> None:
    worker = BackgroundWorker(func=lambda number, second=0: None)
    with pytest.raises(TypeError, match="cannot be called with these arguments"):
        worker.start(*args, **kwargs)
    assert not worker.is_active()


def test_tick_is_passed_to_a_function_that_takes_it() -> None:
    seen: list[Any] = []

    def fn(tick: Tick) -> None:
        seen.append((type(tick), tick.number, tick.lateness_ns >= 0))

    run_once(BackgroundWorker(func=fn, interval=0.001, max_ticks=3))
    assert seen == [(Tick, 0, True), (Tick, 1, True), (Tick, 2, True)]
    seen.clear()
    run_once(BackgroundWorker(func=lambda tick: seen.append(tick), max_ticks=1))
    assert seen == [None]  # no interval, no ticks
    run_once(BackgroundWorker(func=lambda tick: seen.append(tick), max_ticks=1, interval=1), 5)
    assert seen == [None, 5]


def test_overrides_replace_parameters_from_then_on() -> None:
    names: list[str] = []

    def fn() -> None:
        thread = threading.current_thread()
        names.append(f"{thread.name} {thread.daemon}")

    worker = BackgroundWorker("first", fn, delay=1, **ONCE)
    run_once(worker)
    run_once(worker, _name="second", _daemon=False, _interval=0.5, _realtime=True, _delay_before=0)
    assert (worker.interval, worker.delay, worker.options.realtime) == (0.5, None, True)
    run_once(worker, _delay_after=0.25)
    assert (worker.interval, worker.delay) == (None, 0.25)
    assert names == ["first True", "second False", "second False"]


def test_name_is_the_functions_unless_given() -> None:
    def someone() -> None: ...

    assert background_worker(someone).name == "someone"
    assert background_worker(someone, name="else").name == "else"
    assert background_worker(name="else")(someone).name == "else"
    assert BackgroundWorker(func=someone).name == "someone"
    assert BackgroundWorker().name != BackgroundWorker().name


def test_names_are_those_of_their_package_too() -> None:
    names = ("background_worker", "Restart", "BackgroundWorker", "BackgroundQueueWorker", "BackgroundEventWorker")
    for name in names:
        assert getattr(windlass.workers, name) is getattr(windlass, name)


def test_decorator_chooses_the_kind() -> None:
    def fn(**kwargs: Any) -> None:
        """Tell."""

    event, tasks = threading.Event(), queue.Queue()
    kinds = {
        BackgroundWorker: [{}, {"interval": 1}, {"q": False, "e": False}, {"poll_delay": 0.01}],
        BackgroundQueueWorker: [{"q": True}, {"queue": tasks}, {"queue_class": queue.PriorityQueue}],
        BackgroundEventWorker: [{"e": True}, {"event": event}, {"event": event, "q": False}],
    }
    for kind, uses in kinds.items():
        for parameters in uses:
            worker = background_worker(**parameters)(fn)
            assert isinstance(worker, kind)
            assert (type(worker).__name__, worker.__doc__) == (kind.__name__, "Tell.")
            assert worker.run is fn
    assert background_worker(fn, queue=tasks).queue is tasks
    assert background_worker(fn, event=event).event is event
    with pytest.raises(ValueError, match="not both"):
        background_worker(fn, q=True, e=True)
    with pytest.raises(TypeError, match="takes a function"):
        background_worker("fn")


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), -0.0])
@pytest.mark.parametrize("name", ["interval", "deadline", "budget", "watchdog", "duration"])
def test_lengths_of_time_are_checked(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        BackgroundWorker(**{name: value})
    worker = BackgroundWorker(func=int)
    with pytest.raises(ValueError, match=name):
        worker.start(**{f"_{name}": value})
    assert not worker.is_active()
    if name == "interval":
        with pytest.raises(ValueError, match=name):
            worker.interval = value
    with pytest.raises(TypeError, match=name):
        BackgroundWorker(**{name: "1"})


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"intervall": 1}, TypeError),
        ({"delay": -1}, ValueError),
        ({"delay": float("nan")}, ValueError),
        ({"delay_before": float("inf")}, ValueError),
        ({"delay": 1, "interval": 1}, ValueError),
        ({"delay": 1, "delay_after": 1}, ValueError),
        ({"missed": "sometimes", "interval": 1}, ValueError),
        ({"gil": "never"}, ValueError),
        ({"cpus": 3}, TypeError),
        ({"cpus": [2**40]}, ValueError),
        ({"sched": "fifo", "sched_priority": 1.5}, TypeError),
        ({"on_error": 3}, TypeError),
        ({"on_error_kwargs": 3}, TypeError),
        ({"error_policy": "ignore"}, ValueError),
        ({"max_ticks": 0}, ValueError),
        ({"max_ticks": 1.5}, TypeError),
        ({"max_ticks": True}, TypeError),
        ({"sched": "fast"}, ValueError),
        ({"sched": "fifo", "sched_priority": 100}, ValueError),
        ({"cpus": []}, ValueError),
        ({"func": 3}, TypeError),
        ({"name": 3}, TypeError),
        ({"queue": queue.Queue()}, TypeError),
    ],
)
def test_bad_parameters_are_refused(parameters: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        BackgroundWorker(**parameters)


def test_parameters_of_another_kind_are_refused() -> None:
    with pytest.raises(TypeError, match="'interval'"):
        BackgroundQueueWorker(interval=1)
    with pytest.raises(TypeError, match="'interval'"):
        BackgroundEventWorker(func=int).start(_interval=1)
    with pytest.raises(TypeError, match="put and get"):
        BackgroundQueueWorker(queue=3)
    with pytest.raises(TypeError, match=r"threading\.Event"):
        BackgroundEventWorker(event=3)
    with pytest.raises(ValueError, match="exclude"):
        BackgroundQueueWorker(queue=queue.Queue(), queue_class=queue.Queue)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"max": -1}, ValueError),
        ({"max": 1.5}, TypeError),
        ({"backoff": 1}, TypeError),
        ({"backoff": (2, 1)}, ValueError),
        ({"backoff": (-1, 1)}, ValueError),
        ({"backoff": (0, float("inf"))}, ValueError),
    ],
)
def test_bad_restarts_are_refused(arguments: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        Restart(**arguments)


def test_each_object_has_its_own_worker_of_a_method() -> None:
    class Pump:
        def __init__(self, name: str) -> None:
            self.name = name
            self.seen: list[Any] = []

        @background_worker(max_ticks=2)
        def work(self, amount: int, _worker: Any) -> None:
            self.seen.append((self.name, amount, _worker is self.work))

    one, two = Pump("one"), Pump("two")
    assert one.work is one.work
    assert one.work is not two.work
    run_once(one.work, 1)
    run_once(two.work, 2)
    assert one.seen == [("one", 1, True)] * 2
    assert two.seen == [("two", 2, True)] * 2


def test_bound_methods_and_builtins_are_functions_too() -> None:
    seen: list[int] = []
    run_once(BackgroundWorker(func=seen.append, max_ticks=2), 1)
    assert seen == [1, 1]


def test_the_starters_context_is_carried() -> None:
    import contextvars

    variable = contextvars.ContextVar("variable", default=0)
    variable.set(5)
    seen: list[int] = []
    run_once(BackgroundWorker(func=lambda: seen.append(variable.get()), **ONCE))
    assert seen == [5]
