"""PriorityQueue: the order of heapq, whatever the items are and whatever their comparisons do."""

import heapq
import os
import random
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dropin_queues import LIMIT, MODULES, drain
from waiting import start
from windlass.dropin import queue as ours

inf = float("inf")


class Ranked:
    """An item that only Python code can compare, and that says so."""

    compared: Callable[[], object] = staticmethod(lambda: None)

    def __init__(self, rank: float, name: object = None) -> None:
        self.rank = rank
        self.name = name

    def __lt__(self, other: "Ranked") -> bool:
        Ranked.compared()
        return self.rank < other.rank

    def __repr__(self) -> str:
        return f"<{self.rank} {self.name}>"


@pytest.fixture
def on_compare(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    return lambda action: monkeypatch.setattr(Ranked, "compared", staticmethod(action))


def ranks(items: Any) -> list[float]:
    return [item.rank for item in drain(items)]


class Word(str):
    """A str whose order is turned around: not one of the types that C code may compare."""

    def __lt__(self, other: str) -> bool:
        return str(self) > str(other)


numbers = st.one_of(st.integers(), st.floats(), st.booleans(), st.integers(-3, 3))
words = st.text(max_size=3)
simple = st.one_of(
    st.lists(numbers),
    st.lists(words),
    st.lists(st.binary(max_size=2)),
    st.lists(st.tuples(numbers, words)),
    st.lists(st.tuples(st.integers(0, 2), st.tuples(words, numbers))),
    st.lists(st.lists(st.integers(0, 2), max_size=3).map(tuple)),
    st.lists(st.tuples(st.integers(0, 2), st.fractions())),
    st.lists(st.tuples(st.integers(0, 2), st.builds(Ranked, st.integers(0, 2)))),
    st.lists(st.one_of(st.integers(0, 3), st.fractions())),
    st.lists(words.map(Word)),
)


@pytest.mark.slow
@given(items=simple, gets=st.lists(st.booleans(), min_size=0, max_size=80))
@settings(max_examples=200)
def test_the_very_items_come_in_the_order_of_heapq(items: list[Any], gets: list[bool]) -> None:
    """Ties and NaN included: the comparisons are the same."""
    model: list[Any] = []
    queue = ours.PriorityQueue[Any]()
    touched = ours.PriorityQueue[Any]()
    assert touched.queue == []
    rest = iter(items)
    for get in [*gets, *[False] * len(items), *[True] * len(items)]:
        if get and model:
            expected = heapq.heappop(model)
            assert queue.get_nowait() is expected
            assert touched.get_nowait() is expected
        elif not get:
            for item in rest:
                heapq.heappush(model, item)
                queue.put(item)
                touched.put(item)
                break
    assert queue.qsize() == touched.qsize() == len(model) == 0


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    "items",
    [
        [3, 1.5, 2**70, True, -(2**70), 0, -inf, 2**63, -(2**63), 1e19, 0.5, Fraction(1, 3)],
        ["b", "", "ab", "\U0001f600", "ä", "a"],
        [b"b", b"", b"ab"],
        [(1, "b"), (1, "a"), (0.5,), (1,), (), (1, "a", None), (2**64, [])],
        [((1, 2), 3), ((1,), 4), ((1, 2), 2.5)],
        [[2], [1, 5], [1]],
        [Word("a"), Word("b"), "c"],
    ],
    ids=["numbers", "str", "bytes", "tuples", "nested", "lists", "own str"],
)
def test_sorted_whatever_the_type(module: Any, items: list[Any]) -> None:
    queue = module.PriorityQueue()
    for item in items:
        queue.put(item)
    got = drain(queue)
    assert len(got) == len(items)
    assert not any(later < earlier for earlier, later in pairwise(got))


def test_deeply_nested_tuples_do_not_break_the_stack() -> None:
    deep: tuple[Any, ...] = ()
    for _ in range(100_000):
        deep = (deep,)
    other: tuple[Any, ...] = ()
    for _ in range(100_000):
        other = (other,)
    queue = ours.PriorityQueue[Any]()
    queue.put(deep)
    with pytest.raises(RecursionError):
        queue.put(other)
    assert queue.qsize() == 1


# ---- comparisons that raise: the standard class appends before the error ----


INCOMPARABLE = [(1, "a"), (1, None), (1, {}), [1], None, 1j, Ranked(1)]


@pytest.mark.parametrize("touch", [False, True], ids=["fast", "touched"])
@pytest.mark.parametrize("other", INCOMPARABLE[1:], ids=str)
def test_put_that_raises_has_put_nothing(other: object, touch: bool) -> None:
    queue = ours.PriorityQueue[Any](5)
    if touch:
        assert queue.queue == []
    queue.put(INCOMPARABLE[0])
    with pytest.raises((TypeError, AttributeError)):
        queue.put(other)
    assert (queue.qsize(), queue.unfinished_tasks) == (1, 1)
    queue.put((0, "first"))
    assert drain(queue) == [(0, "first"), INCOMPARABLE[0]]


@pytest.mark.parametrize("touch", [False, True], ids=["fast", "touched"])
@pytest.mark.parametrize(("method", "broken_at"), [("get", at) for at in range(3)] + [("put", at) for at in range(3)])
def test_comparison_that_raises_has_changed_nothing(method: str, broken_at: int, touch: bool, on_compare: Any) -> None:
    queue = ours.PriorityQueue[Any]()
    if touch:
        assert queue.queue == []
    for rank in (5, 3, 8, 1, 9, 2, 7, 4, 6, 0):
        queue.put(Ranked(rank))
    countdown = iter(range(broken_at))

    def break_down() -> None:
        if next(countdown, None) is None:
            raise ArithmeticError("broken")

    on_compare(break_down)
    with pytest.raises(ArithmeticError):
        queue.get() if method == "get" else queue.put(Ranked(-1))
    on_compare(lambda: None)
    assert (queue.qsize(), queue.unfinished_tasks) == (10, 10)
    assert ranks(queue) == list(range(10))


# ---- comparisons that call the very queue ----


def test_comparison_may_put_and_get(on_compare: Any) -> None:
    queue = ours.PriorityQueue[Any]()
    for rank in (5, 3, 8):
        queue.put(Ranked(rank))
    extra = [Ranked(1), Ranked(6)]

    def meddle() -> None:
        if extra:
            queue.put(extra.pop())

    on_compare(meddle)
    queue.put(Ranked(4))
    on_compare(lambda: None)
    assert ranks(queue) == [1, 3, 4, 5, 6, 8]
    for rank in range(10):
        queue.put(Ranked(rank))
    taken: list[float] = []

    def take() -> None:
        if len(taken) < 4:
            taken.append(-1)
            taken.append(queue.get_nowait().rank)

    on_compare(take)
    got = queue.get()
    on_compare(lambda: None)
    assert sorted([got.rank, *[rank for rank in taken if rank >= 0], *ranks(queue)]) == list(range(10))


@pytest.mark.parametrize("how", ["get", "put", "join"])
def test_comparison_that_would_wait_for_its_own_queue_is_told(how: str, on_compare: Any) -> None:
    """The standard class deadlocks."""
    queue = ours.PriorityQueue[Any](2)
    queue.put(Ranked(1))

    def wait() -> None:
        on_compare(lambda: None)
        if how == "get":
            queue.get()
            queue.get()
        elif how == "put":
            queue.put(Ranked(3))
            queue.put(Ranked(4))
        else:
            queue.join()

    on_compare(wait)
    with pytest.raises(RuntimeError, match="waits for the very queue"):
        queue.put(Ranked(2))
    assert ranks(queue) == {"get": [], "put": [1, 3], "join": [1]}[how]


def test_comparison_that_touches_the_queue_takes_it_over(on_compare: Any) -> None:
    queue = ours.PriorityQueue[Any]()
    for rank in (5, 3, 8):
        queue.put(Ranked(rank))

    def touch() -> None:
        on_compare(lambda: None)
        assert len(queue.queue) == 3

    on_compare(touch)
    queue.put(Ranked(4))
    assert ranks(queue) == [3, 4, 5, 8]


def test_others_wait_while_a_comparison_takes_its_time(on_compare: Any) -> None:
    """Also those that could do without one: a stream of them would make the first begin again for ever."""
    queue = ours.PriorityQueue[Any]()
    queue.put((1, Ranked(5)))
    inside, leave = threading.Event(), threading.Event()

    def block() -> None:
        on_compare(lambda: None)
        inside.set()
        assert leave.wait(LIMIT)

    on_compare(block)
    first = start(lambda: queue.put((1, Ranked(3))))
    assert inside.wait(LIMIT)
    others = [start(lambda: queue.put((0, "first"))), start(lambda: queue.put((2, "last"))), start(queue.get)]
    time.sleep(0.01)
    assert not any(outcome.done() for outcome in others)
    assert queue.qsize() == 1
    leave.set()
    for outcome in [first, *others]:
        outcome.result(LIMIT)
    assert queue.qsize() == 3


@pytest.mark.stress
def test_many_threads_and_items_that_python_compares() -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print("seed", seed)
    dice = random.Random(seed)
    queue = ours.PriorityQueue[Any](100)
    got: list[Any] = []

    def produce(worker: int) -> None:
        for number in range(500):
            # Ties of the first member make some comparisons Python's, the others are compiled.
            queue.put((dice.randrange(20), Ranked(number, worker)))

    def consume() -> None:
        for _ in range(500):
            got.append(queue.get(timeout=LIMIT))

    outcomes = [start(lambda worker=worker: produce(worker)) for worker in range(4)]
    outcomes += [start(consume) for _ in range(4)]
    for outcome in outcomes:
        outcome.result(LIMIT)
    assert sorted((item[1].name, item[1].rank) for item in got) == [(w, n) for w in range(4) for n in range(500)]
