"""What goes wrong, or is large, on the way to a worker and back: it concerns that task alone."""

import pickle
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from process_calls import LIMIT, add, fail, raise_, same
from windlass import ProcessPool, RemoteError, TransferError, wait

MB = 1 << 20


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPool]:
    with ProcessPool(2) as pool:
        yield pool


class Stubborn:
    """Raises at one of the moments of its travels."""

    def __init__(self, when: str) -> None:
        self.when = when

    def __reduce__(self) -> Any:
        if self.when == "pickling":
            raise ValueError("not to be pickled")
        return _come_back, (self.when,)


def _come_back(when: str) -> Stubborn:
    raise ValueError("not to be unpickled")


class TwoArguments(Exception):
    """Pickles, and does not unpickle."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")


class Unpicklable(Exception):
    """Does not even pickle."""

    def __reduce__(self) -> Any:
        raise RuntimeError("no")


class Rude(Exception):
    """Cannot be looked at."""

    def __str__(self) -> str:
        raise RuntimeError("do not ask")

    def __reduce__(self) -> Any:
        raise RuntimeError("no")


def make(kind: Callable[..., Any], *args: Any) -> Any:
    """Make it there."""
    return kind(*args)


def raise_there(kind: Callable[..., BaseException], *args: Any) -> None:
    """Raise what does not travel."""
    raise kind(*args)


def raise_from() -> None:
    """Raise with a cause."""
    try:
        fail("the first")
    except ValueError as error:
        raise KeyError("the second") from error


FAULTS: list[Any] = [
    pytest.param(same, (Stubborn("pickling"),), "the call does not pickle", id="pickle the call"),
    pytest.param(same, (Stubborn("unpickling"),), "the call cannot be unpickled", id="unpickle the call"),
    pytest.param(make, (Stubborn, "pickling"), "the result does not pickle", id="pickle the result"),
    pytest.param(make, (Stubborn, "unpickling"), "the result cannot be unpickled", id="unpickle the result"),
    pytest.param(same, (threading.Lock(),), "the call does not pickle", id="a lock"),
    pytest.param(make, (threading.Lock,), "the result does not pickle", id="a lock from there"),
]


@pytest.mark.parametrize(("call", "args", "text"), FAULTS)
def test_a_fault_on_the_way_fails_that_task_and_says_where(
    pool: ProcessPool, call: Any, args: tuple[Any, ...], text: str
) -> None:
    tasks = [pool.submit(call, *args) if at == 5 else pool.submit(add, at) for at in range(10)]
    error = tasks.pop(5).exception(LIMIT)
    assert isinstance(error, TransferError)
    assert text in str(error)
    assert error.__cause__ is not None
    assert [task.result(LIMIT) for task in tasks] == [1, 2, 3, 4, 5, 7, 8, 9, 10]


@pytest.mark.parametrize(("call", "args", "text"), FAULTS)
def test_a_fault_of_a_call_that_a_callback_submits(
    pool: ProcessPool, call: Any, args: tuple[Any, ...], text: str
) -> None:
    submitted: queue.SimpleQueue[Any] = queue.SimpleQueue()
    pool.submit(add, 1).add_done_callback(lambda _: submitted.put(pool.submit(call, *args)))
    assert text in str(submitted.get(timeout=LIMIT).exception(LIMIT))
    assert pool.submit(add, 1).result(LIMIT) == 2


@pytest.mark.parametrize("call", [same, make])
@pytest.mark.parametrize("when", ["pickling", "unpickling"])
def test_a_fault_in_a_chunk_fails_that_item(pool: ProcessPool, call: Any, when: str) -> None:
    bad: Any = Stubborn(when) if call is same else when
    values = pool.imap(stubborn_if if call is make else same, [1, "two", bad, [4], 5.0], chunksize=5)
    assert [next(values), next(values)] == [1, "two"]
    with pytest.raises(TransferError):
        next(values)
    assert list(values) == [[4], 5.0]


def stubborn_if(value: Any) -> Any:
    """Return the value, or what does not travel."""
    return Stubborn(value) if value in ("pickling", "unpickling") else value


@pytest.mark.parametrize(("kind", "args"), [(TwoArguments, (1, "x")), (Unpicklable, ("x",)), (Rude, ())])
def test_an_exception_that_does_not_travel_comes_as_text(pool: ProcessPool, kind: Any, args: tuple[Any, ...]) -> None:
    error = pool.submit(raise_there, kind, *args).exception(LIMIT)
    assert isinstance(error, RemoteError)
    assert error.type_name.endswith(kind.__name__)
    assert "raise_there" in str(error.__cause__)
    assert pool.submit(same, 1).result(LIMIT) == 1


def test_the_remote_traceback_is_the_cause(pool: ProcessPool) -> None:
    error = pool.submit(raise_from).exception(LIMIT)
    assert isinstance(error, KeyError)
    text = str(error.__cause__)
    assert "the first" in text
    assert "process_calls.py" in text


def test_functions_that_do_not_pickle_are_sent_by_value(pool: ProcessPool) -> None:
    factor = 3
    assert pool.submit(lambda x: x * factor, 14).result(LIMIT) == 42
    assert list(pool.imap(lambda x: x * factor, range(4))) == [0, 3, 6, 9]
    assert pool.submit(make_adder, 5).result(LIMIT)(1) == 6


def make_adder(n: int) -> Callable[[int], int]:
    """Return a closure."""
    return lambda x: x + n


def test_a_task_of_a_task_cannot_be_injected(pool: ProcessPool) -> None:
    with pytest.raises(ValueError, match="inject_task"):
        pool.options(inject_task=True)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 262_144 - 16, 262_144, MB + 1])
def test_sizes_around_the_limits_of_a_message(pool: ProcessPool, size: int) -> None:
    data = bytes([size % 251]) * size
    assert pool.submit(same, data).result(LIMIT) == data
    assert bytes(pool.submit(same, pickle.PickleBuffer(data)).result(LIMIT)) == data


def test_arrays_travel_beside_the_pickle(pool: ProcessPool) -> None:
    numpy = pytest.importorskip("numpy")
    for array in (numpy.arange(100_000.0), numpy.arange(100_000.0)[::3], numpy.asfortranarray(numpy.ones((300, 300)))):
        assert (pool.submit(same, array).result(LIMIT) == array).all()
    came = pool.submit(same, numpy.zeros(100_000)).result(LIMIT)
    came[0] = 1  # it is ours, and can be changed
    assert [a.sum() for a in pool.imap(same, [numpy.ones(20_000), numpy.ones(10)], chunksize=2)] == [20_000, 10]


@pytest.mark.slow
def test_large_values_both_ways(pool: ProcessPool) -> None:
    data = bytearray(100 * MB)
    data[-1] = 7
    came = pool.submit(same, data).result(3 * LIMIT)
    assert len(came) == len(data)
    assert came[-1] == 7


@pytest.mark.slow
def test_both_ends_full_at_once(pool: ProcessPool) -> None:
    data = bytes(10 * MB)
    tasks = [pool.submit(len_and_data, data) for _ in range(64)]
    done = 0
    for task in tasks:
        n, came = task.result(3 * LIMIT)
        assert n == len(came)
        done += 1
        del task, came
    assert done == 64


def len_and_data(data: bytes) -> tuple[int, bytes]:
    """Return both."""
    return len(data), data


@pytest.mark.slow
def test_more_than_two_gibibytes(pool: ProcessPool) -> None:
    psutil = pytest.importorskip("psutil")
    size = (2 << 30) + 1
    if psutil.virtual_memory().available < 6 * size:
        pytest.skip("needs 12 GiB of memory")
    assert pool.submit(len, bytes(size)).result(10 * LIMIT) == size


@pytest.mark.slow
def test_many_small_tasks_from_a_generator_in_bounded_memory(pool: ProcessPool) -> None:
    ahead = most = 0

    def source() -> Iterator[int]:
        nonlocal ahead, most
        for item in range(200_000):
            ahead += 1
            most = max(most, ahead)
            yield item

    total = 0
    for value in pool.imap(same, source(), buffersize=2_000):
        ahead -= 1
        total += value
    assert total == 199_999 * 100_000
    assert most <= 2_001


def test_a_submit_that_waits_for_room_bounds_memory() -> None:
    with ProcessPool(2, max_queue=10) as pool:
        tasks = []
        for at in range(2_000):
            tasks.append(pool.submit(same, at))
            assert pool.num_queued_tasks <= 10
        assert not wait(tasks, LIMIT).not_done


def test_exceptions_keep_their_own_kind(pool: ProcessPool) -> None:
    error = pool.submit(raise_, OSError(2, "gone", "file")).exception(LIMIT)
    assert isinstance(error, FileNotFoundError)
    assert error.filename == "file"


def test_a_semaphore_is_released_whatever_becomes_of_the_call(pool: ProcessPool) -> None:
    semaphore = threading.Semaphore(1)
    submitter = pool.options(semaphore=semaphore)
    tasks = [submitter.submit(same, Stubborn("pickling") if at % 3 == 0 else at) for at in range(12)]
    others = [pool.submit(add, at) for at in range(12)]
    for at, task in enumerate(tasks):
        if at % 3:
            assert task.result(LIMIT) == at
        else:
            assert isinstance(task.exception(LIMIT), TransferError)
    assert [task.result(LIMIT) for task in others] == list(range(1, 13))
    assert semaphore.acquire(timeout=LIMIT)


class BadSemaphore:
    """Raises wherever it can."""

    def acquire(self) -> None:
        raise ValueError("not mine to give")

    def release(self) -> None:
        raise ValueError("not mine to take")


def test_a_semaphore_that_raises_fails_its_task(pool: ProcessPool) -> None:
    assert isinstance(pool.options(semaphore=BadSemaphore()).submit(same).exception(LIMIT), ValueError)
    assert pool.submit(same, 1).result(LIMIT) == 1
