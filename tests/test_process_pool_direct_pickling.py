"""Direct calls: user code that runs while a call is pickled or its answer is unpickled."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from forking import reap, status_of_child
from process_calls import LIMIT, Gate, add, pid_of, same
from waiting import start, until
from windlass import FIRST_COMPLETED, ProcessPool, Task, TaskCancelled, ThreadPool, TransferError, as_completed, wait

# What the classes below do in this process; the workers have a dict of their own.
on_pickle: dict[str, Callable[[], Any]] = {}
loads: list[str] = []


class Call:
    """An argument that runs ``on_pickle["act"]`` while it is pickled here."""

    def __reduce__(self) -> Any:
        if "act" in on_pickle:
            on_pickle["act"]()
        return int, ("5",)


class Answer:
    """A result that runs ``on_pickle["act"]`` while it is unpickled here."""

    def __reduce__(self) -> Any:
        return load, ()


def answer_at(gate: Gate) -> Answer:
    """Return one when the test says so."""
    gate.pass_through()
    return Answer()


def load() -> str:
    """Note that it was unpickled."""
    loads.append(threading.current_thread().name)
    return on_pickle["act"]() if "act" in on_pickle else "loaded"


class Rude(Exception):
    """Cannot even be shown."""

    def __str__(self) -> str:
        raise ValueError("no text")


def rude() -> None:
    """Raise what cannot be shown."""
    raise Rude


def refuse() -> None:
    """Raise."""
    raise ValueError("not today")


@pytest.fixture(scope="module")
def one() -> Iterator[ProcessPool]:
    with ProcessPool(1) as pool:
        yield pool


@pytest.fixture
def idle(one: ProcessPool) -> Iterator[ProcessPool]:
    """A pool of one worker, which is idle and works as before when the test is over."""
    pid = one.submit(pid_of).result(LIMIT)
    until(lambda: one.inactive_workers == 1)
    loads.clear()
    yield one
    on_pickle.clear()
    assert one.submit(pid_of).result(LIMIT) == pid
    assert one.unfinished_tasks == 0


def in_thread(fn: Callable[[], Any]) -> Any:
    """Return what ``fn`` returns on another thread than the main one."""
    with ThreadPool(1) as threads:
        return threads.submit(fn).result(LIMIT)


@pytest.mark.parametrize("run", [in_thread, lambda fn: fn()], ids=["thread", "main"])
@pytest.mark.parametrize("act", [refuse, rude])
def test_what_cannot_be_unpickled_is_tried_once(idle: ProcessPool, run: Any, act: Callable[[], None]) -> None:
    on_pickle["act"] = act
    task = idle.submit(Answer)
    error = run(lambda: task.exception(LIMIT))
    assert isinstance(error, TransferError)
    assert isinstance(error.__cause__, ValueError if act is refuse else Rude)
    assert len(loads) == 1


@pytest.mark.parametrize("act", [refuse, rude])
def test_what_cannot_be_unpickled_through_the_seats_own_thread(idle: ProcessPool, act: Callable[[], None]) -> None:
    on_pickle["act"] = act
    done = threading.Event()
    task = idle.submit(Answer)
    task.add_done_callback(lambda _: done.set())
    assert done.wait(LIMIT)
    assert isinstance(task.exception(LIMIT), TransferError)
    assert len(loads) == 1


def test_what_cannot_be_pickled_is_tried_as_often_as_it_has_ways(idle: ProcessPool) -> None:
    times: list[int] = []

    def act() -> None:
        times.append(1)
        refuse()

    on_pickle["act"] = act
    assert isinstance(idle.submit(same, Call()).exception(LIMIT), TransferError)
    assert len(times) == 2  # by pickle and by cloudpickle


def test_an_exception_that_cannot_be_shown_costs_no_worker(idle: ProcessPool) -> None:
    on_pickle["act"] = rude
    assert isinstance(idle.submit(same, Call()).exception(LIMIT), TransferError)


def test_a_callback_that_comes_while_the_answer_is_unpickled(idle: ProcessPool, gate: Gate) -> None:
    callers: list[str] = []
    called = threading.Event()

    def act() -> str:
        task.add_done_callback(lambda _: callers.append(threading.current_thread().name) or called.set())
        return "value"

    task = idle.submit(answer_at, gate)
    on_pickle["act"] = act
    threading.Timer(0.02, gate.let_go).start()  # on a slow day this thread does not wait yet: the seat's own unpickles
    assert task.result(LIMIT) == "value"
    assert called.wait(LIMIT)
    assert len(loads) == 1  # and not a second time
    assert callers == [idle.workers[0].name]


WAITS: dict[str, Callable[[ProcessPool, Task[Any]], Any]] = {
    "result": lambda _pool, task: task.result(LIMIT),
    "wait": lambda _pool, task: task.wait(LIMIT),
    "all": lambda _pool, task: wait([task], LIMIT),
    "first": lambda _pool, task: wait([task], LIMIT, FIRST_COMPLETED),
    "as_completed": lambda _pool, task: list(as_completed([task], LIMIT)),
    "wait_completion": lambda pool, _task: pool.wait_completion(LIMIT),
    "join": lambda pool, _task: pool.join(LIMIT),
    "shutdown": lambda pool, _task: pool.shutdown(timeout=LIMIT),
}


@pytest.mark.parametrize("where", ["pickled", "unpickled"])
@pytest.mark.parametrize("way", WAITS)
def test_waiting_for_the_same_pool_inside_is_refused(idle: ProcessPool, where: str, way: str) -> None:
    # The only worker is kept until this is over: the wait would have no end.
    inner: list[Task[Any]] = []

    def act() -> None:
        del on_pickle["act"]
        inner.append(idle.submit(add, 1))
        with pytest.raises(RuntimeError, match="cannot"):
            WAITS[way](idle, inner[0])

    on_pickle["act"] = act
    outer = idle.submit(same, Call()) if where == "pickled" else idle.submit(Answer)
    assert outer.result(LIMIT) == (5 if where == "pickled" else None)
    assert inner[0].result(LIMIT) == 2


def test_a_result_that_waits_for_itself_is_refused(idle: ProcessPool, gate: Gate) -> None:
    task = idle.submit(answer_at, gate)
    on_pickle["act"] = lambda: task.result(LIMIT)
    gate.let_go()
    error = task.exception(LIMIT)
    assert isinstance(error, TransferError)
    assert isinstance(error.__cause__, RuntimeError)


def test_what_is_pickled_may_submit_while_others_may_not(idle: ProcessPool) -> None:
    inner: list[Task[Any]] = []

    def act() -> None:
        completion.append(start(lambda: idle.wait_completion(LIMIT, block=True)))
        until(lambda: idle._crew.gated)
        inner.append(idle.submit(add, 1))

    completion: list[Any] = []
    on_pickle["act"] = act
    assert idle.submit(same, Call()).result(LIMIT) == 5
    assert inner[0].result(LIMIT) == 2
    assert completion[0].result(LIMIT)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_that_is_forked_inside_begins_again(idle: ProcessPool) -> None:
    def use() -> None:
        on_pickle.clear()
        assert idle.submit(add, 1).result(LIMIT) == 2
        assert idle.wait_completion(LIMIT)

    on_pickle["act"] = lambda: statuses.append(status_of_child(use))
    statuses: list[int] = []
    assert idle.submit(same, Call()).result(LIMIT) == 5
    assert statuses == [0]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_an_unpickling_that_raises_in_a_child_that_it_has_forked(idle: ProcessPool) -> None:
    parent = os.getpid()

    def act() -> int:
        child = os.fork()
        if child == 0:
            refuse()
        return reap(child)

    assert idle.submit(Answer).result(LIMIT) == "loaded"  # from here on, quick enough to be waited for here
    on_pickle["act"] = act
    task = idle.submit(Answer)
    try:
        assert task.result(LIMIT) == 0
    except BaseException as error:
        if os.getpid() == parent:
            raise
        os._exit(0 if isinstance(error, TaskCancelled) else 1)


def interrupt() -> None:
    """As Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("made", [False, True])
def test_ctrl_c_while_a_call_is_pickled_withdraws_it(idle: ProcessPool, made: bool) -> None:
    on_pickle["act"] = interrupt
    before = idle.statistics()
    task: Task[Any] = Task(same, (Call(),))
    with pytest.raises(KeyboardInterrupt):
        idle.submit(task) if made else idle.submit(same, Call())
    on_pickle.clear()
    after = idle.statistics()
    assert (after.submitted, after.running, after.queued) == (before.submitted, 0, 0)
    assert idle.wait_completion(LIMIT)
    if made:
        assert idle.submit(task).result(LIMIT) == 5  # as if it had never been submitted


class Alarm(Exception):
    """Raised by a signal handler."""


@pytest.fixture
def alarm() -> Iterator[Callable[[], str]]:
    """A function that a signal interrupts, the first time."""
    times: list[int] = []

    def handle(*_: Any) -> None:
        raise Alarm

    def ring() -> str:
        times.append(1)
        if len(times) == 1:
            os.kill(os.getpid(), signal.SIGUSR1)
        return "after all"

    before = signal.signal(signal.SIGUSR1, handle)
    yield ring
    signal.signal(signal.SIGUSR1, before)


def test_a_handler_that_raises_while_a_call_is_pickled_is_the_submitters(idle: ProcessPool, alarm: Any) -> None:
    on_pickle["act"] = alarm
    with pytest.raises(Alarm):
        idle.submit(same, Call())
    assert idle.submit(same, Call()).result(LIMIT) == 5


def test_a_handler_that_raises_while_an_item_of_a_chunk_is_pickled(idle: ProcessPool, alarm: Any) -> None:
    on_pickle["act"] = alarm
    with pytest.raises(Alarm):
        idle.imap(same, [Call()])
    assert list(idle.imap(same, [Call()])) == [5]


def test_a_handler_that_raises_while_an_answer_is_unpickled_loses_no_result(
    idle: ProcessPool, alarm: Any, gate: Gate
) -> None:
    on_pickle["act"] = alarm
    task = idle.submit(answer_at, gate)
    with pytest.raises(Alarm):  # noqa: PT012 - nor may the answer come before this block
        threading.Timer(0.02, gate.let_go).start()
        task.result(LIMIT)
    assert task.result(LIMIT) == "after all"


def test_a_handler_may_use_the_pool_that_is_waited_for(idle: ProcessPool) -> None:
    # It runs on the thread that waits in place of the worker's own.
    values: list[int] = []
    task = idle.submit(pause)
    before = signal.signal(signal.SIGUSR1, lambda *_: values.append(idle.submit(add, 1).result(LIMIT)))
    try:
        threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        assert task.result(LIMIT) == "rested"
        until(lambda: values == [2])
    finally:
        signal.signal(signal.SIGUSR1, before)


def pause() -> str:
    """Take a little longer than a signal needs to come."""
    threading.Event().wait(0.2)
    return "rested"
