"""Drop-in ThreadPool: arguments, values and errors are let go when nobody needs them any more."""

import sysconfig
import threading
import weakref
from typing import Any

import pytest

from dropin_pools import SECONDS, running
from waiting import until

pytestmark = [
    pytest.mark.skipif(
        sysconfig.get_config_var("Py_GIL_DISABLED") == 1,
        reason="biased reference counts: what another thread let go of is freed at a later moment",
    ),
    pytest.mark.usefixtures("no_collector"),
]


class Thing:
    pass


def identity(thing: Any) -> Any:
    return thing


def all_gone(references: list[weakref.ref[Any]]) -> bool:
    return all(reference() is None for reference in references)


def test_map_keeps_nothing() -> None:
    things = [Thing() for _ in range(10)]
    references = [weakref.ref(thing) for thing in things]
    with running() as pool:
        pool.map(identity, things)
        pool.starmap(identity, [(thing,) for thing in things])
        del things
        until(lambda: all_gone(references))  # a worker may still be at the end of its task


def test_apply_keeps_nothing() -> None:
    with running(processes=1) as pool:
        thing = Thing()
        references = [weakref.ref(thing)]
        result = pool.apply_async(identity, (thing,), callback=lambda value: references.append(weakref.ref(value)))
        assert result.get(SECONDS) is thing
        del thing
        pool.apply(int)
        assert references[0]() is not None, "the result holds it"
        del result
        assert all_gone(references)


def test_imap_lets_go_of_what_was_given_out() -> None:
    with running(processes=1) as pool:
        for method in (pool.imap, pool.imap_unordered):
            for chunksize in (1, 4):
                values = method(identity, (Thing() for _ in range(8)), chunksize)
                for _ in range(8):
                    reference = weakref.ref(next(values))
                    until(lambda reference=reference: reference() is None)
                assert list(values) == []


def test_arguments_are_free_when_the_callback_has_been_called() -> None:
    with running(processes=1) as pool:
        thing = Thing()
        reference = weakref.ref(thing)
        result = pool.apply_async(id, (thing,), callback=lambda _: None)
        del thing
        result.wait(SECONDS)
        assert reference() is None


def test_callbacks_are_let_go() -> None:
    with running(processes=1) as pool:
        callback = Thing().__init__  # type: ignore[misc]
        reference = weakref.ref(callback.__self__)
        results = [
            pool.apply_async(int, callback=callback),
            pool.apply_async(int, error_callback=callback),
            pool.map_async(int, [1], callback=callback),
            pool.map_async(int, [], callback=callback),
        ]
        del callback
        for result in results:
            result.wait(SECONDS)
        assert reference() is None


def test_dropped_results_take_their_values_with_them() -> None:
    go = threading.Event()
    with running(processes=1) as pool:
        pool.apply_async(go.wait, (SECONDS,))
        things = [Thing() for _ in range(4)]
        references = [weakref.ref(thing) for thing in things]
        pool.apply_async(identity, (things[0],))
        pool.map_async(identity, things[1:3])
        pool.imap(identity, things[3:])
        del things
        go.set()
        pool.apply(int)
        pool.apply(int)
        assert all_gone(references)


def test_a_pool_in_use_is_freed_with_its_results() -> None:
    with running(processes=1) as pool:
        result, values = pool.apply_async(int), pool.imap(int, iter("12"))
        assert [result.get(SECONDS), *values] == [0, 1, 2]
    reference = weakref.ref(pool)
    del pool
    assert reference() is None, "no result holds its pool"


def test_initializer_and_its_arguments_go_with_the_pool() -> None:
    thing = Thing()
    reference = weakref.ref(thing)
    with running(initializer=identity, initargs=(thing,)) as pool:
        assert pool.apply(int) == 0
    del thing, pool
    assert reference() is None
