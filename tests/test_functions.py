"""FunctionCollection: what is in it, in which order it runs, and how results are named."""

import copy
import functools
import pickle
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from windlass import FunctionCollection

HERE = __name__


def one() -> int:
    return 1


def two() -> int:
    return 2


def made(name: str, value: object) -> Callable[[], Any]:
    """Return a new function of this name."""

    def function() -> object:
        return value

    function.__name__ = name
    return function


def key(name: str) -> str:
    return f"{HERE}.{name}"


def test_results_come_by_module_and_name_in_the_order_of_insertion() -> None:
    collection = FunctionCollection()
    functions = [collection(made(f"f{number}", number)) for number in (3, 1, 2)]
    assert [function() for function in functions] == [3, 1, 2]  # the decorator gives back what it was given
    assert list(collection()) == [key("f3"), key("f1"), key("f2")]
    assert collection.run() == collection() == {key("f3"): 3, key("f1"): 1, key("f2"): 2}
    assert collection.execute() == (collection(), True)


def test_lower_priorities_run_first_and_equal_ones_in_order_of_insertion() -> None:
    collection = FunctionCollection()
    ran: list[str] = []
    for name, priority in [("a", None), ("b", 10), ("c", 2.5), ("d", -1), ("e", None), ("f", 2.5)]:
        collection.append(made_to_note(name, ran), priority=priority)
    results = collection()
    assert ran == ["d", "c", "f", "a", "b", "e"]
    assert list(results) == [key(name) for name in ran]


def made_to_note(name: str, ran: list[str]) -> Callable[[], None]:
    function: Callable[[], None] = functools.partial(ran.append, name)
    functools.update_wrapper(function, made(name, None))
    return function


def test_decorator_with_a_priority() -> None:
    collection = FunctionCollection()
    collection(one)
    assert collection(priority=1)(two) is two
    assert list(collection()) == [key("two"), key("one")]
    assert collection(one, priority=0) is one
    assert list(collection()) == [key("one"), key("two")]


def test_appending_again_keeps_the_place_and_changes_the_priority_if_told() -> None:
    collection = FunctionCollection()
    assert collection.append(one, priority=20) == collection.append(one) == key("one")
    collection(two)
    assert list(collection) == [two, one]
    collection.append(one, priority=10)
    assert list(collection) == [one, two]
    assert len(collection) == 2


def test_functions_of_one_name_keep_their_keys() -> None:
    collection = FunctionCollection()
    functions = [made("same", number) for number in range(4)]
    assert [collection.append(f) for f in functions] == [key("same"), key("same#2"), key("same#3"), key("same#4")]
    assert list(collection().values()) == [0, 1, 2, 3]
    collection.remove(functions[0])
    collection.remove(functions[2])
    assert collection() == {key("same#2"): 1, key("same#4"): 3}
    assert collection.append(functions[2]) == key("same")  # the lowest that is free
    assert list(collection().values()) == [1, 3, 2]


class Device:
    def __init__(self, name: str) -> None:
        self.name = name

    def close(self) -> str:
        return self.name

    def __call__(self) -> str:
        return f"called {self.name}"


def test_methods_partials_and_callable_objects() -> None:
    collection = FunctionCollection()
    left, right = Device("left"), Device("right")
    for f in (left.close, right.close, left.close, functools.partial(Device.close, right), left, int):
        collection.append(f)
    assert collection() == {
        key("close"): "left",
        key("close#2"): "right",
        key("close#3"): "right",
        key("Device"): "called left",
        "builtins.int": 0,
    }
    collection.remove(left.close)
    assert left.close not in collection
    assert right.close in collection


def test_remove() -> None:
    collection = FunctionCollection()
    collection(one)
    collection.remove(one)
    assert (len(collection), collection(), one in collection, bool(collection)) == (0, {}, False, True)
    with pytest.raises(KeyError):
        collection.remove(one)


def test_a_function_may_change_the_collection_that_runs_it() -> None:
    collection = FunctionCollection()

    @collection
    def replace() -> None:
        collection.remove(replace)
        collection.remove(one)
        collection.append(two)

    collection.append(one)
    assert collection() == {key("replace"): None, key("one"): 1}  # those that were there when the run began
    assert collection() == {key("two"): 2}


def test_run_may_be_overridden_in_a_class_and_on_an_instance() -> None:
    class Counted(FunctionCollection):
        def execute(self) -> tuple[dict[str, Any], bool]:
            results, success = super().execute()
            return {**results, "count": len(results)}, success

    collection = Counted()
    collection(one)
    assert collection() == {key("one"): 1, "count": 1}
    collection.run = lambda: {"mine": 0}  # type: ignore[method-assign]
    assert collection() == collection.run() == {"mine": 0}


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: FunctionCollection().append(3), TypeError, "f must be callable, not int"),
        (lambda: FunctionCollection()(classmethod(one)), TypeError, "f must be callable, not classmethod"),
        (lambda: FunctionCollection().append(one, priority="high"), TypeError, "priority"),
        (lambda: FunctionCollection().append(one, priority=float("nan")), ValueError, "priority"),
        (lambda: FunctionCollection()(priority=2**70), OverflowError, "priority"),
        (lambda: FunctionCollection(on_error=3), TypeError, "on_error must be callable, not int"),
        (lambda: FunctionCollection(on_error_kwargs=[1]), TypeError, "on_error_kwargs must be a mapping, not list"),
        (lambda: FunctionCollection(pool=2), TypeError, "pool must have submit, and int has not"),
        (lambda: FunctionCollection(include_exception=True), TypeError, "include_exception"),
    ],
)
def test_bad_arguments_are_refused(call: Callable[[], Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        call()


def test_what_was_refused_is_not_in_it() -> None:
    collection = FunctionCollection()
    with pytest.raises(ValueError, match="priority"):
        collection.append(one, priority=float("nan"))
    assert collection() == {}
    assert collection.append(one) == key("one")


@pytest.mark.parametrize("copied", [copy.copy, lambda it: pickle.loads(pickle.dumps(it))], ids=["copy", "pickle"])
def test_a_copy_is_a_collection_of_its_own(copied: Callable[[Any], Any]) -> None:
    collection = FunctionCollection(on_error=print, on_error_kwargs={"x": 1}, include_exceptions=True)
    collection(one, priority=20)
    collection(two)
    twin = copied(collection)
    assert list(twin()) == [key("two"), key("one")]
    assert (twin.on_error, twin.on_error_kwargs, twin.include_exceptions) == (print, {"x": 1}, True)
    twin.append(one, priority=1)
    twin.append(made("two", 3))
    assert list(twin()) == [key("one"), key("two"), key("two#2")]
    assert list(collection()) == [key("two"), key("one")]


@pytest.mark.stress
@pytest.mark.usefixtures("switch_often")
def test_appending_removing_and_running_from_many_threads_loses_nothing() -> None:
    collection = FunctionCollection()
    start = threading.Barrier(8)
    shared = [made("shared", number) for number in range(50)]
    keys: list[list[str]] = [[] for _ in range(8)]

    def work(me: int) -> None:
        start.wait(10)
        for number in range(50):
            mine = made("mine", (me, number))
            keys[me].append(collection.append(shared[number]))
            collection.append(mine)
            assert (me, number) in collection().values()
            if number % 2:
                collection.remove(mine)

    threads = [threading.Thread(target=work, args=(me,)) for me in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({tuple(found) for found in keys}) == 1  # all threads were told the same keys
    results = collection()
    assert len(results) == len(collection) == 50 + 8 * 25
    assert set(results) >= set(keys[0])


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers that signal")
def test_a_signal_handler_may_append_and_remove() -> None:
    collection = FunctionCollection()
    handled: list[int] = []

    def handle(number: int, frame: object) -> None:
        f = made("late", number)
        collection.append(f)
        collection.remove(f)
        handled.append(number)

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 1e-4, 1e-4)
    try:
        while len(handled) < 200:
            f = made("late", None)
            collection.append(f)
            collection.remove(f)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert collection() == {}
    assert collection.append(made("late", 0)) == key("late")  # no key was left behind
