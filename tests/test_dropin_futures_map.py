"""map: everything submitted at the call, results in order, and what an error, a time limit or close() leaves behind."""

import contextlib
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from dropin_peers import LIMIT, Value, both, occupied
from waiting import until
from windlass.dropin import futures as ours


@both
def test_results_come_in_order(futures: Any) -> None:
    with futures.ThreadPoolExecutor(3) as executor:
        assert list(executor.map(pow, range(10), range(10))) == list(map(pow, range(10), range(10)))
        assert list(executor.map(abs, [])) == []
        results = executor.map(abs, [-1])
        assert iter(results) is results
        assert (next(results), next(results, "end"), next(results, "end")) == (1, "end", "end")


@both
def test_the_shortest_iterable_decides(futures: Any) -> None:
    with futures.ThreadPoolExecutor(2) as executor:
        assert list(executor.map(lambda *args: args, "abc", [1, 2])) == [("a", 1), ("b", 2)]
        assert list(executor.map(int)) == []


@both
@pytest.mark.parametrize("chunksize", [-1, 0, 1, 3, 1000])
def test_chunksize_means_nothing_to_threads(futures: Any, chunksize: int) -> None:
    with futures.ThreadPoolExecutor(2) as executor:
        assert list(executor.map(abs, range(-5, 5), chunksize=chunksize)) == [5, 4, 3, 2, 1, 0, 1, 2, 3, 4]


@both
def test_submits_at_the_call_though_nobody_iterates(futures: Any) -> None:
    done: list[int] = []
    with futures.ThreadPoolExecutor(2) as executor:
        executor.map(done.append, range(10))  # dropped at once: cancels nothing
    assert sorted(done) == list(range(10))


@both
def test_iterables_are_read_at_the_call(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor, occupied(executor) as go:
        source = iter([1, 2, 3])
        results = executor.map(abs, source)
        assert next(source, None) is None
        assert executor._work_queue.qsize() == 3
        go.set()
        assert list(results) == [1, 2, 3]


@both
def test_an_error_ends_it(futures: Any) -> None:
    with futures.ThreadPoolExecutor(2) as executor:
        results = executor.map(divmod, [1, 1, 1, 1], [2, 3, 0, 5])
        assert [next(results), next(results)] == [(0, 1), (0, 1)]
        with pytest.raises(ZeroDivisionError):
            next(results)
        assert next(results, "end") == "end"


@both
def test_an_error_cancels_the_rest(futures: Any) -> None:
    ran: list[int] = []
    gate = threading.Event()

    def call(number: int) -> None:
        if number == 0:
            raise ValueError(number)
        gate.wait(LIMIT)
        ran.append(number)

    with futures.ThreadPoolExecutor(1) as executor:
        results = executor.map(call, range(10))
        with pytest.raises(ValueError, match="0"):
            next(results)
        gate.set()
    assert len(ran) <= 1  # one may have begun before the error was read


@both
@pytest.mark.parametrize("timeout", [0, 0.01, -1])
def test_time_limit_cancels_the_current_call_too(futures: Any, timeout: float) -> None:
    ran: list[str] = []
    with futures.ThreadPoolExecutor(1) as executor:
        with occupied(executor), contextlib.closing(executor.map(ran.append, ["a", "b"], timeout=timeout)) as results:
            with pytest.raises(futures.TimeoutError):
                next(results)
            assert next(results, "end") == "end"
        executor.submit(int).result(LIMIT)
    assert ran == []


@both
@pytest.mark.slow
def test_time_limit_counts_from_the_call(futures: Any) -> None:
    pause = threading.Event()

    def slow_arguments() -> Iterator[int]:
        yield 1
        pause.wait(0.3)  # longer than the limit

    with futures.ThreadPoolExecutor(1) as executor, occupied(executor):
        results = executor.map(abs, slow_arguments(), timeout=0.2)
        threading.Timer(0.05, pause.set).start()
        with pytest.raises(futures.TimeoutError):
            next(results)


@both
def test_result_that_is_there_is_given_out_however_late(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        results = executor.map(abs, [-1], timeout=0)
        executor.submit(int).result(LIMIT)  # the one worker has come past it
        assert next(results) == 1


@both
def test_close_cancels_the_rest(futures: Any) -> None:
    ran: list[int] = []
    with futures.ThreadPoolExecutor(1) as executor:
        results = executor.map(lambda number: number, [0])
        assert next(results) == 0
        results.close()
        more = executor.map(ran.append, range(1))
        assert next(more) is None
        with occupied(executor) as go:
            rest = executor.map(lambda n: ran.append(n) if n else go.set(), range(5))
            go.set()
            next(rest)
            rest.close()
            assert next(rest, "end") == "end"
    assert len(ran) <= 5


@both
def test_dropping_it_half_way_cancels_the_rest(futures: Any) -> None:
    gate = threading.Event()
    ran: list[int] = []

    def call(number: int) -> int:
        if number:
            gate.wait(LIMIT)
            ran.append(number)
        return number

    with futures.ThreadPoolExecutor(1) as executor:
        results = executor.map(call, range(10))
        assert next(results) == 0
        del results
        gate.set()
    assert len(ran) <= 1


@both
def test_nothing_that_was_given_out_is_kept(futures: Any) -> None:
    with futures.ThreadPoolExecutor(1) as executor:
        for value in executor.map(lambda _: Value(), range(10)):
            reference = weakref.ref(value)
            del value
            until(lambda reference=reference: reference() is None)  # a standard worker holds it for moments


@both
def test_iterable_that_raises_raises_at_the_call(futures: Any) -> None:
    def arguments() -> Iterator[int]:
        yield 1
        raise LookupError("source")

    with futures.ThreadPoolExecutor(1) as executor, pytest.raises(LookupError, match="source"):
        executor.map(abs, arguments())


@both
def test_goes_through_submit_where_that_is_overridden(futures: Any) -> None:
    class Counting(futures.ThreadPoolExecutor):
        count = 0

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            self.count += 1
            return super().submit(fn, *args, **kwargs)

    with Counting(2) as executor:
        assert list(executor.map(abs, [-1, -2, -3])) == [1, 2, 3]
        assert executor.count == 3


@both
@pytest.mark.parametrize("where", ["class", "object"])
def test_goes_through_submit_where_a_tracer_has_replaced_it(
    futures: Any, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    plain = futures.ThreadPoolExecutor.submit
    with futures.ThreadPoolExecutor(2) as executor:
        if where == "class":

            def patched(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
                seen.append(args)
                return plain(self, fn, *args, **kwargs)

            monkeypatch.setattr(futures.ThreadPoolExecutor, "submit", patched)
        else:
            bound = executor.submit
            monkeypatch.setattr(executor, "submit", lambda fn, *args: (seen.append(args), bound(fn, *args))[1])
        assert list(executor.map(abs, [-1, -2])) == [1, 2]
    assert seen == [(-1,), (-2,)]


def test_nan_limit_is_refused_before_anything_is_submitted() -> None:
    # The standard one takes it for no limit at all, or raises ValueError from next(), by version.
    ran: list[int] = []
    with ours.ThreadPoolExecutor(1) as executor:
        with pytest.raises(ValueError, match="NaN"):
            executor.map(ran.append, [1, 2], timeout=float("nan"))
        with pytest.raises(TypeError, match="timeout"):
            executor.map(ran.append, [1, 2], timeout="1")  # type: ignore[arg-type]
    assert ran == []
