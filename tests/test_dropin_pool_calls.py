"""Drop-in ThreadPool: apply and map, their results and callbacks, as the standard class has them."""

import multiprocessing
import threading
from types import MappingProxyType
from typing import Any

import pytest

from dropin_pools import SECONDS, each_pool, running


def fail(*args: Any) -> None:
    raise LookupError(*args)


@each_pool
def test_apply_passes_arguments_and_keywords(kind: Any) -> None:
    with running(kind) as pool:
        assert pool.apply(divmod, (7, 3)) == (2, 1)
        assert pool.apply(int, ("ff",), {"base": 16}) == 255
        assert pool.apply_async(dict, kwds={"a": 1}).get(SECONDS) == {"a": 1}


@each_pool
def test_arguments_may_be_any_iterable_and_mapping(kind: Any) -> None:
    with running(kind) as pool:
        assert pool.apply(divmod, [7, 3]) == (2, 1)
        assert pool.apply(max, (n for n in (1, 5, 2))) == 5
        assert pool.apply(dict, (), MappingProxyType({"a": 1})) == {"a": 1}


@each_pool
@pytest.mark.parametrize(("args", "kwds"), [(5, {}), ((), 5)], ids=["args", "kwds"])
def test_bad_arguments_are_the_results_exception(kind: Any, args: Any, kwds: Any) -> None:
    with running(kind) as pool, pytest.raises(TypeError):
        pool.apply_async(int, args, kwds).get(SECONDS)


@each_pool
def test_a_function_that_is_none_is_the_results_exception(kind: Any) -> None:
    with running(kind) as pool, pytest.raises(TypeError, match="not callable"):
        pool.apply_async(None).get(SECONDS)


@each_pool
def test_exception_is_raised_unwrapped_with_its_own_frames(kind: Any) -> None:
    with running(kind) as pool, pytest.raises(LookupError, match="lost") as caught:
        pool.apply(fail, ("lost",))
    assert caught.value.__cause__ is None
    assert caught.traceback[-1].name == "fail"


@each_pool
def test_result_tells_its_state(kind: Any) -> None:
    go = threading.Event()
    with running(kind) as pool:
        result = pool.apply_async(go.wait, (SECONDS,))
        assert not result.ready()
        with pytest.raises(ValueError, match="not ready"):
            result.successful()
        assert result.wait(0.001) is None
        go.set()
        assert result.wait(SECONDS) is None
        assert result.ready()
        assert result.successful()
        failed = pool.apply_async(fail)
        failed.wait(SECONDS)
        assert not failed.successful()


@each_pool
def test_get_in_vain_raises_multiprocessing_timeout(kind: Any) -> None:
    go = threading.Event()
    with running(kind) as pool:
        result = pool.apply_async(go.wait, (SECONDS,))
        for timeout in (0, 0.001, -1):
            with pytest.raises(multiprocessing.TimeoutError):
                result.get(timeout)
        go.set()
        assert result.get(SECONDS) is True


@each_pool
@pytest.mark.parametrize("chunksize", [None, 1, 3, 100])
@pytest.mark.parametrize("length", [0, 1, 7, 40])
def test_map_keeps_the_order(kind: Any, chunksize: int | None, length: int) -> None:
    with running(kind) as pool:
        assert pool.map(str, range(length), chunksize) == [str(n) for n in range(length)]
        assert pool.map_async(str, iter(range(length)), chunksize).get(SECONDS) == [str(n) for n in range(length)]
        pairs = [(n, 2) for n in range(length)]
        assert pool.starmap(pow, pairs, chunksize) == [n**2 for n in range(length)]
        assert pool.starmap_async(pow, map(iter, pairs), chunksize).get(SECONDS) == [n**2 for n in range(length)]


@each_pool
def test_empty_map_is_ready_at_once(kind: Any) -> None:
    called: list[Any] = []
    with running(kind) as pool:
        result = pool.map_async(str, [], 1, called.append, called.append)
        assert result.ready()
        assert result.successful()
        assert result.get(0) == []
    assert called == []


@each_pool
def test_a_chunk_is_one_stretch_of_one_thread(kind: Any) -> None:
    with running(kind) as pool:
        threads = pool.map(lambda _: threading.get_ident(), range(12), 4)
    assert all(len(set(threads[at : at + 4])) == 1 for at in (0, 4, 8))


@each_pool
def test_map_makes_all_chunks_though_one_failed(kind: Any) -> None:
    made: list[int] = []
    failed = threading.Event()

    def call(n: int) -> None:
        if n == 0:
            failed.set()
            raise LookupError("first")
        assert failed.wait(SECONDS)
        made.append(n)

    with running(kind) as pool:
        result = pool.map_async(call, range(8), 2)
        with pytest.raises(LookupError, match="first"):
            result.get(SECONDS)
        assert sorted(made) == [2, 3, 4, 5, 6, 7]  # 1 is in the chunk of the failure
        assert pool.map(str, [1]) == ["1"]


@each_pool
def test_first_of_two_errors_wins(kind: Any) -> None:
    failed = threading.Event()

    def call(name: str) -> None:
        if name == "late":
            assert failed.wait(SECONDS)
        raise LookupError(name)

    with running(kind) as pool:
        late = pool.map_async(call, ["late", "early"], 1, error_callback=lambda error: None)
        pool.apply_async(failed.set).get(SECONDS)  # on the thread that has failed
        with pytest.raises(LookupError, match="early"):
            late.get(SECONDS)


@each_pool
def test_callback_has_the_value_before_the_result_is_ready(kind: Any) -> None:
    seen: list[Any] = []
    me = threading.get_ident()
    made = threading.Event()

    def note(value: Any) -> None:
        assert made.wait(SECONDS)
        seen.append((value, result.ready(), threading.get_ident() == me))

    with running(kind) as pool:
        result = pool.apply_async(int, ("7",), callback=note, error_callback=note)
        made.set()
        assert result.get(SECONDS) == 7
        assert seen == [(7, False, False)]
        made.clear()
        result = pool.apply_async(fail, (), {}, note, lambda error: note(type(error)))
        made.set()
        result.wait(SECONDS)
        assert seen[1:] == [(LookupError, False, False)]


@each_pool
def test_callback_of_a_map_has_the_whole_list_once(kind: Any) -> None:
    seen: list[Any] = []
    with running(kind) as pool:
        pool.map_async(str, range(6), 1, seen.append, seen.append).wait(SECONDS)
        assert seen == [["0", "1", "2", "3", "4", "5"]]
        pool.starmap_async(fail, [(n,) for n in range(6)], 1, seen.append, seen.append).wait(SECONDS)
    assert [type(one) for one in seen[1:]] == [LookupError]


@each_pool
def test_callbacks_are_called_one_at_a_time(kind: Any) -> None:
    inside, most, calls = 0, 0, 0
    lock = threading.Lock()

    def note(_: Any) -> None:
        nonlocal inside, most, calls
        with lock:
            inside += 1
            most = max(most, inside)
        threading.Event().wait(0.0005)  # gives the other threads their chance to be here as well
        with lock:
            inside -= 1
            calls += 1

    with running(kind, 4) as pool:
        results = [pool.apply_async(int, callback=note) for _ in range(40)]
        for result in results:
            result.wait(SECONDS)
    assert (most, calls) == (1, 40)


@each_pool
def test_a_callback_may_submit(kind: Any) -> None:
    second: list[Any] = []
    submitted = threading.Event()
    with running(kind, 1) as pool:

        def go_on(value: int) -> None:
            second.append(pool.apply_async(int, (value + 1,)))
            submitted.set()

        pool.apply_async(int, (1,), callback=go_on)
        assert submitted.wait(SECONDS)
        assert second[0].get(SECONDS) == 2


@each_pool
def test_input_that_raises_leaves_the_pool_usable(kind: Any) -> None:
    def numbers() -> Any:
        yield 1
        raise LookupError("no more")

    class Sized:
        def __len__(self) -> int:
            return 1

        def __iter__(self) -> Any:
            raise LookupError("nothing")

    with running(kind) as pool:
        with pytest.raises(LookupError, match="no more"):
            pool.map(str, numbers())
        with pytest.raises(LookupError, match="no more"):
            pool.map_async(str, numbers())
        result = pool.map_async(str, Sized(), 1)  # read elsewhere by the standard class: so it is the result's
        with pytest.raises(LookupError, match="nothing"):
            result.get(SECONDS)
        assert pool.map(str, [1]) == ["1"]
