"""Limiter in each form: on plain and async functions, over and under Threaded, in pools; its order and its ends."""

import asyncio
import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

import pytest

from limited_calls import Crowd
from waiting import until
from windlass import Limit, Limiter, Task, Threaded, ThreadPool

LIMIT = 20
Function = Callable[..., Any]

# Each returns a function that returns a task.
FORMS: dict[str, Callable[[Function], Function]] = {
    "passing on, over Threaded": lambda f: Limiter(2, blocking=False)(Threaded(f)),
    "blocking, over Threaded": lambda f: Limiter(2)(Threaded(f)),
    "blocking, under Threaded": lambda f: Threaded(Limiter(2)(f)),
    "passing on, under Threaded": lambda f: Threaded(Limiter(2, blocking=False)(f)),
    "over a pool of its own": lambda f: Limiter(2, blocking=False)(Threaded(pool=True)(f)),
    "under a pool of its own": lambda f: Threaded(pool=True)(Limiter(2)(f)),
    "over one with options": lambda f: Limiter(2, blocking=False)(Threaded(_task_priority=3)(f)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["call", "call_async"])
def test_a_thousand_calls_never_run_more_than_two_at_a_time(form: str, kind: str) -> None:
    crowd = Crowd(meet=2)
    number = 1000 if kind == "call" else 200  # an event loop for each takes its time
    threaded = FORMS[form](getattr(crowd, kind))
    tasks = [threaded(value) for value in range(number)]
    assert [task.result(LIMIT) for task in tasks] == list(range(number))
    assert crowd.most == 2
    assert crowd.calls == number


@pytest.mark.stress
def test_a_thousand_blocking_calls_from_many_threads() -> None:
    crowd = Crowd(meet=2)
    limited = Limiter(2)(crowd.call)
    threads = [threading.Thread(target=lambda: [limited(value) for value in range(125)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert (crowd.most, crowd.calls) == (2, 1000)


def test_a_thousand_coroutines_do_not_hold_up_their_loop() -> None:
    crowd = Crowd(meet=2)
    limited = Limiter(2)(crowd.call_async)
    assert inspect.iscoroutinefunction(limited)

    async def main() -> list[int]:
        return await asyncio.gather(*(limited(value) for value in range(1000)))

    assert asyncio.run(main()) == list(range(1000))
    assert (crowd.most, crowd.calls) == (2, 1000)


@pytest.mark.parametrize("submit", ["submit", "submit_many", "map"])
def test_a_limited_function_that_a_pool_runs_takes_no_worker_while_it_waits(submit: str) -> None:
    crowd, gate, limit = Crowd(), threading.Event(), Limit(2)

    @Limiter(limit)
    def work(value: int) -> int:
        with crowd:
            assert gate.wait(LIMIT)
        return value

    with ThreadPool(3) as pool:
        if submit == "submit":
            tasks = [pool.submit(work, value) for value in range(50)]
        elif submit == "map":
            tasks = pool.map(work, [((value,), None) for value in range(50)])
        else:
            tasks = pool.submit_many(work, range(50))
        assert pool.submit(int, "5").result(LIMIT) == 5  # the third worker is free
        until(lambda: (limit.held, crowd.now) == (48, 2))
        gate.set()
        assert [task.result(LIMIT) for task in tasks] == list(range(50))
    assert (crowd.most, limit.free) == (2, 2)


def test_limited_methods_that_a_pool_runs() -> None:
    class Counter:
        def __init__(self) -> None:
            self.crowd = Crowd()

        @Limiter(1)
        def call(self, value: int) -> int:
            return self.crowd.call(value)

    one, other = Counter(), Counter()
    with ThreadPool(4) as pool:
        tasks = [pool.submit(counter.call, value) for value in range(50) for counter in (one, other)]
        assert [task.result(LIMIT) for task in tasks] == [value for value in range(50) for _ in range(2)]
    assert (one.crowd.most, one.crowd.calls, other.crowd.calls) == (1, 50, 50)


def test_under_two_limiters_both_count() -> None:
    crowd = Crowd(meet=2)
    limited = Limiter(3)(Limiter(2)(crowd.call))
    with ThreadPool(6) as pool:
        assert [task.result(LIMIT) for task in pool.submit_many(limited, range(200))] == list(range(200))
    assert crowd.most == 2


def test_the_limit_is_the_functions_and_can_be_shared() -> None:
    limiter = Limiter(1)
    gate = threading.Event()
    one, other = limiter(gate.wait), limiter(lambda: 5)
    holder = threading.Thread(target=one, args=(LIMIT,))
    holder.start()
    assert other() == 5  # its limit is another one
    gate.set()
    holder.join(LIMIT)

    limit = Limit(1)
    shared = Limiter(limit)(lambda: limit.free)
    assert shared() == 0
    with limit:
        assert Threaded(shared)().cancel()


def test_methods_have_one_limit_for_all_instances() -> None:
    class Counter:
        @Limiter(1)
        def call(self, crowd: Crowd, value: int) -> int:
            return crowd.call(value)

        @Limiter(1)
        @staticmethod
        def static(value: int) -> int:
            return value

        @Limiter(1)
        @classmethod
        def klass(cls, value: int) -> tuple[type, int]:
            return cls, value

    crowd = Crowd()
    threads = [threading.Thread(target=Counter().call, args=(crowd, value)) for value in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert (crowd.most, crowd.calls) == (1, 20)
    assert Counter.static(3) == Counter().static(3) == 3
    assert Counter.klass(4) == Counter().klass(4) == (Counter, 4)


def test_the_passing_form_gives_the_limit_to_any_function() -> None:
    @Limiter(2, blocking=False)
    def take(value: int, _task_semaphore: Any = None) -> tuple[int, Any]:
        return value, _task_semaphore

    value, limit = take(3)
    assert value == 3
    assert isinstance(limit, Limit)
    assert limit.slots == limit.free == 2


def test_the_passing_form_never_holds_up_its_caller() -> None:
    gate = threading.Event()
    threaded = Limiter(1, blocking=False)(Threaded(gate.wait))
    tasks: list[Task[bool]] = [threaded(LIMIT) for _ in range(500)]
    until(lambda: any(task.running() for task in tasks))
    assert sum(task.running() for task in tasks) == 1
    gate.set()
    assert all(task.result(LIMIT) for task in tasks)


def test_the_passing_form_keeps_to_priorities() -> None:
    gate = threading.Event()
    log: list[int] = []
    limit = Limit(1)
    threaded = Limiter(limit, blocking=False)(Threaded(log.append))
    blocker = Limiter(limit, blocking=False)(Threaded(gate.wait))(LIMIT)
    until(blocker.running)
    for value in (5, 3, 9, 1, 7):
        threaded(value, _task_priority=value)
    until(lambda: limit.held == 5)
    gate.set()
    until(lambda: len(log) == 5)
    assert log == [1, 3, 5, 7, 9]


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_what_a_call_raises_reaches_its_caller_and_gives_the_slot_up(error: type[BaseException]) -> None:
    limit = Limit(1)

    @Limiter(limit)
    def fail() -> None:
        raise error

    @Limiter(limit)
    async def fail_async() -> None:
        raise error

    for _ in range(3):
        with pytest.raises(error):
            fail()
        with pytest.raises(error):
            asyncio.run(fail_async())
        with ThreadPool(1) as pool:
            assert type(pool.submit(fail).exception(LIMIT)) is error
    assert limit.free == 1


def test_a_threaded_call_that_is_refused_gives_the_slot_up() -> None:
    limit = Limit(1)
    pool = ThreadPool(1)
    threaded = Limiter(limit)(Threaded(pool=pool)(int))
    assert threaded("3").result(LIMIT) == 3
    pool.shutdown(timeout=LIMIT)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            threaded("3")
    assert limit.free == 1


def test_a_cancelled_coroutine_leaves_the_line_or_gives_the_slot_back() -> None:
    limit = Limit(1)

    @Limiter(limit)
    async def work() -> int:
        return 1

    async def main() -> None:
        limit.acquire()
        waiting = [asyncio.create_task(work()) for _ in range(3)]
        while limit.waiting < 3:
            await asyncio.sleep(0)
        waiting[0].cancel()
        limit.release()  # the slot of one that is cancelled already, or of the next
        waiting[1].cancel()
        done = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in done] == [asyncio.CancelledError, asyncio.CancelledError, int]

    asyncio.run(main())
    assert (limit.free, limit.waiting) == (1, 0)


def test_coroutines_of_several_loops_share_a_limit() -> None:
    crowd = Crowd(meet=2)
    limited = Limiter(2)(crowd.call_async)

    async def main() -> None:
        await asyncio.gather(*(limited(value) for value in range(100)))

    threads = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert (crowd.most, crowd.calls) == (2, 400)


def test_wraps_data_and_stacking() -> None:
    @Limiter(1)
    def named(value: int) -> int:
        """Say."""
        return value

    assert (named.__name__, named.__doc__, named.__module__) == ("named", "Say.", __name__)
    assert list(inspect.signature(named).parameters) == ["value"]
    assert functools.cache(named)(3) == Limiter(1)(functools.cache(named))(3) == 3

    def outer(*args: Any) -> Any:
        return 7

    # What only wraps a limited function, and says so, is not taken for one.
    assert Threaded(functools.wraps(named)(outer))(3).result(LIMIT) == 7


@pytest.mark.parametrize(
    ("num", "error"), [(0, ValueError), (-3, ValueError), (1.5, TypeError), (True, TypeError), (None, TypeError)]
)
def test_bad_numbers_are_refused(num: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="num must be"):
        Limiter(num)


def generator() -> Any:
    yield


async def async_generator() -> Any:
    yield


@pytest.mark.parametrize("wrong", [3, property(len), generator, async_generator], ids=str)
def test_what_cannot_be_limited_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="Limiter"):
        Limiter(1)(wrong)


def test_two_limits_of_one_task_are_refused() -> None:
    with pytest.raises(TypeError, match="one limit only"):
        Limiter(1, blocking=False)(Limiter(2, blocking=False)(Threaded(len)))
    with pytest.raises(TypeError, match="one limit only"):
        Threaded(_task_semaphore=Limit(1))(Limiter(2, blocking=False)(len))
    with pytest.raises(TypeError, match="one limit only"):
        Limiter(2, blocking=False)(Threaded(len))("abc", _task_semaphore=Limit(1))
