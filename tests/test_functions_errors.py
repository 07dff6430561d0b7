"""FunctionCollection: what becomes of exceptions."""

import logging
import threading
from typing import Any

import pytest

from windlass import FunctionCollection, ThreadPool

LIMIT = 10


def fine() -> str:
    return "fine"


def fails() -> None:
    raise ValueError("of fails")


def key(name: str) -> str:
    return f"{__name__}.{name}"


def collect(**parameters: Any) -> FunctionCollection:
    collection = FunctionCollection(**parameters)
    for f in (fails, fine):
        collection.append(f)
    return collection


@pytest.fixture(params=["here", "pool"])
def pool(request: pytest.FixtureRequest) -> Any:
    if request.param == "here":
        yield None
        return
    with ThreadPool(2) as made:
        yield made


def test_without_on_error_the_others_run_and_the_error_is_logged(pool: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "windlass"):
        assert collect(pool=pool).execute() == ({key("fails"): None, key("fine"): "fine"}, False)
    (record,) = caplog.records
    assert record.getMessage() == f"exception in the collected function '{key('fails')}'"
    assert record.exc_info is not None
    assert repr(record.exc_info[1]) == "ValueError('of fails')"


def test_include_exceptions_gives_the_exception_and_its_traceback(pool: Any, caplog: pytest.LogCaptureFixture) -> None:
    results, success = collect(pool=pool, include_exceptions=True).execute()
    error, traceback = results[key("fails")]
    assert (success, results[key("fine")]) == (False, "fine")
    assert repr(error) == "ValueError('of fails')"
    assert traceback.startswith("Traceback (most recent call last):\n")
    assert 'raise ValueError("of fails")' in traceback
    assert traceback.endswith("\nValueError: of fails\n")
    assert caplog.records == []  # the caller has it


def test_on_error_gets_the_exception_and_its_own_arguments(pool: Any, caplog: pytest.LogCaptureFixture) -> None:
    calls: list[dict[str, Any]] = []
    given = {"where": "here", "e": "not this", "self": 1}
    collection = collect(pool=pool, on_error=lambda **kwargs: calls.append(kwargs), on_error_kwargs=given)
    assert collection() == {key("fails"): None, key("fine"): "fine"}
    (call,) = calls
    assert repr(call.pop("e")) == "ValueError('of fails')"
    assert call == {"where": "here", "self": 1}
    assert given == {"where": "here", "e": "not this", "self": 1}
    assert caplog.records == []


def test_on_error_is_told_of_a_function_that_is_not_there() -> None:
    told: list[Any] = []
    collection = FunctionCollection(on_error=lambda e, x: told.append((e, x)), on_error_kwargs={"x": 1})
    collection.remove(fine)
    ((error, x),) = told
    assert (type(error), error.args, x) == (KeyError, (fine,), 1)


def test_on_error_that_raises_is_logged_and_the_run_goes_on(pool: Any, caplog: pytest.LogCaptureFixture) -> None:
    def raises(e: Exception) -> None:
        raise RuntimeError("of on_error") from e

    assert collect(pool=pool, on_error=raises).execute() == ({key("fails"): None, key("fine"): "fine"}, False)
    (record,) = caplog.records
    assert record.getMessage() == "exception in the on_error of <FunctionCollection of 2 functions>"
    assert record.exc_info is not None
    assert repr(record.exc_info[1]) == "RuntimeError('of on_error')"


def test_what_may_be_set_later_is_heeded() -> None:
    told: list[Exception] = []
    collection = collect()
    collection.include_exceptions = True
    collection.on_error = lambda e, **kwargs: told.append(e)
    collection.on_error_kwargs = {"more": 1}
    assert collection()[key("fails")][0] is told[0]


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_what_is_no_exception_ends_the_run_and_comes_out(
    pool: Any, kind: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Exception] = []
    after: list[int] = []
    collection = FunctionCollection(on_error=lambda e: told.append(e), pool=pool)

    @collection
    def leave() -> None:
        raise kind("of leave")

    collection.append(lambda: after.append(1))
    with pytest.raises(kind, match="of leave"):
        collection.run()
    assert told == []
    assert caplog.records == []
    if pool is None:
        assert after == []
    else:
        assert pool.submit(fine).result(LIMIT) == "fine"  # the worker has lived through it


def test_exceptions_returned_as_values_are_values() -> None:
    collection = FunctionCollection()
    error = ValueError()
    collection.append(lambda: error)
    assert collection.execute() == ({key("<lambda>"): error}, True)


def test_a_function_that_wants_arguments_fails_alone() -> None:
    told: list[Exception] = []
    collection = FunctionCollection(on_error=lambda e: told.append(e))
    collection.append(len)  # type: ignore[arg-type]
    collection.append(fine)
    assert collection.execute() == ({"builtins.len": None, key("fine"): "fine"}, False)
    assert [type(error) for error in told] == [TypeError]


def test_errors_of_functions_that_still_run_when_the_run_is_cut_short_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun, release = threading.Event(), threading.Event()
    with ThreadPool(2) as pool, caplog.at_level(logging.ERROR, "windlass"):
        collection = FunctionCollection(pool=pool, include_exceptions=True)

        @collection
        def leave() -> None:
            assert begun.wait(LIMIT)
            raise SystemExit("of leave")

        @collection
        def late() -> None:
            begun.set()
            assert release.wait(LIMIT)
            raise ValueError("of late")

        with pytest.raises(SystemExit, match="of leave"):
            collection()
        release.set()
    (record,) = caplog.records
    assert record.getMessage() == f"exception in the collected function '{key('late')}'"
    assert record.exc_info is not None
    assert repr(record.exc_info[1]) == "ValueError('of late')"
