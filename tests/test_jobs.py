"""DockMaster and Job: a job is run, and handed to its own storage function with its results or its error."""

import gc
import json
import logging
import pickle
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from windlass import DockMaster, Job

LIMIT = 10


def add(x: int, y: int = 0) -> int:
    return x + y


def fails(x: int = 0) -> None:
    raise ValueError(f"of fails, {x}")


class Shelf(list[Job]):
    """Keeps the jobs in the order in which they are stored."""

    def store(self, job: Job) -> None:
        self.append(job)


def test_a_job_is_run_with_its_arguments_and_stored_with_those_of_its_storage() -> None:
    stored: list[dict[str, Any]] = []
    job = Job(add, {"x": 1, "y": 2}, origin="here")
    with DockMaster(2) as dockmaster:
        task = dockmaster.post_job(job, lambda **kwargs: stored.append(kwargs), {"where": "there", "self": 3})
        assert task.result(LIMIT) is job
    assert stored == [{"job": job, "where": "there", "self": 3}]
    assert (job.results, job.error, job.traceback, job.origin) == (3, None, None, "here")


def test_keywords_of_the_parameters_are_those_of_the_document() -> None:
    shelf = Shelf()
    job = Job(function=add, kwarg_dictionary={"x": 1}, origin=None, results="none yet")
    assert job.results == "none yet"
    dockmaster = DockMaster(ship_count=1, processing_type="thread", daemon=True)
    dockmaster.start_shift()
    dockmaster.post_job(job=job, storage_function=shelf.store, storage_kwarg_dictionary={})
    assert dockmaster.end_shift() == []
    assert [job.results for job in shelf] == [1]


def test_each_job_has_its_own_storage_function() -> None:
    shelves = [Shelf() for _ in range(20)]
    gate = threading.Event()
    with DockMaster(3) as dockmaster:
        for number, shelf in enumerate(shelves):
            dockmaster.post_job(Job(lambda number=number: (gate.wait(LIMIT), number)[1]), shelf.store)
        gate.set()
    assert [[job.results for job in shelf] for shelf in shelves] == [[number] for number in range(20)]


def test_no_more_jobs_run_at_a_time_than_there_are_ships() -> None:
    lock = threading.Lock()
    full = threading.Barrier(3)
    running = most = 0

    def sail() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        full.wait(LIMIT)  # three are needed at the same time
        with lock:
            running -= 1

    shelf = Shelf()
    with DockMaster(3) as dockmaster:
        for _ in range(12):
            dockmaster.post_job(Job(sail), shelf.store)
    assert (most, len(shelf), {job.error for job in shelf}) == (3, 12, {None})


def test_storage_functions_run_one_at_a_time_on_one_thread() -> None:
    threads = set()
    inside = threading.Lock()

    def store(job: Job) -> None:
        assert inside.acquire(blocking=False)
        threads.add(threading.current_thread().name)
        time.sleep(1e-3)
        inside.release()

    with DockMaster(8) as dockmaster:
        tasks = [dockmaster.post_job(Job(add, {"x": 1}), store) for _ in range(20)]
    assert [task.exception(0) for task in tasks] == [None] * 20
    assert len(threads) == 1


def test_results_are_stored_while_other_jobs_still_run() -> None:
    gate, stored = threading.Event(), threading.Event()
    with DockMaster(2) as dockmaster:
        slow = dockmaster.post_job(Job(gate.wait, {"timeout": LIMIT}), lambda job: None)
        dockmaster.post_job(Job(add, {"x": 1}), lambda job: stored.set())
        assert stored.wait(LIMIT)
        assert not slow.done()
        gate.set()


@pytest.mark.parametrize("function", [fails, lambda: fails(0)])
def test_an_error_reaches_the_storage_function_with_its_traceback(function: Callable[[], None]) -> None:
    shelf = Shelf()
    with DockMaster(1) as dockmaster:
        dockmaster.post_job(Job(function), shelf.store)
    (job,) = shelf
    assert job.results is None
    assert repr(job.error) == "ValueError('of fails, 0')"
    assert job.traceback is not None
    assert job.traceback.startswith("Traceback (most recent call last):\n")
    assert 'raise ValueError(f"of fails, {x}")' in job.traceback
    assert job.traceback.endswith("\nValueError: of fails, 0\n")


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit, BaseException])
def test_what_is_no_exception_is_the_jobs_error_too(kind: type[BaseException]) -> None:
    def leave() -> None:
        raise kind("of leave")

    shelf = Shelf()
    with DockMaster(1) as dockmaster:
        dockmaster.post_job(Job(leave), shelf.store)
        dockmaster.post_job(Job(add, {"x": 1}), shelf.store)
    assert [type(job.error) for job in shelf] == [kind, type(None)]
    assert shelf[1].results == 1


def test_arguments_that_do_not_fit_are_the_jobs_error() -> None:
    shelf = Shelf()
    with DockMaster(1) as dockmaster:
        dockmaster.post_job(Job(add, {"z": 1}), shelf.store)
    assert type(shelf[0].error) is TypeError


@pytest.mark.parametrize("kind", [ValueError, SystemExit, KeyboardInterrupt])
def test_a_storage_function_that_raises_is_reported_and_hurts_nobody(
    kind: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    def spill(job: Job) -> None:
        raise kind("of spill")

    shelf = Shelf()
    job = Job(add, {"x": 1})
    with caplog.at_level(logging.ERROR, "windlass"), DockMaster(1) as dockmaster:
        task = dockmaster.post_job(job, spill)
        dockmaster.post_job(Job(add, {"x": 2}), shelf.store)
        with pytest.raises(kind, match="of spill"):
            task.result(LIMIT)
    assert [job.results for job in shelf] == [2]
    (record,) = caplog.records
    assert record.getMessage() == f"exception in the storage function of {job!r}"
    assert record.exc_info is not None
    assert repr(record.exc_info[1]) == f"{kind.__name__}('of spill')"


def test_a_storage_function_may_post_another_job() -> None:
    shelf = Shelf()

    def store(job: Job) -> None:
        shelf.append(job)
        if job.results < 5:
            dockmaster.post_job(Job(add, {"x": job.results, "y": 1}), store)

    with DockMaster(1) as dockmaster:  # its end waits for the whole chain
        dockmaster.post_job(Job(add, {"x": 0}), store)
    assert [job.results for job in shelf] == [0, 1, 2, 3, 4, 5]


def test_a_job_may_post_another_job() -> None:
    shelf = Shelf()

    def sail() -> str:
        dockmaster.post_job(Job(add, {"x": 1}), shelf.store)
        return "sailed"

    with DockMaster(1) as dockmaster:
        dockmaster.post_job(Job(sail), shelf.store)
    assert sorted(str(job.results) for job in shelf) == ["1", "sailed"]


@pytest.mark.stress
def test_a_thousand_jobs_from_eight_threads() -> None:
    shelf = Shelf()
    with DockMaster(4) as dockmaster:

        def post(me: int) -> None:
            for number in range(125):
                dockmaster.post_job(Job(add, {"x": 1000 * me, "y": number}), shelf.store)

        threads = [threading.Thread(target=post, args=(me,)) for me in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT)
    assert sorted(job.results for job in shelf) == [1000 * me + number for me in range(8) for number in range(125)]


# ---- Job ----


def test_job_dictionary() -> None:
    before = time.time()
    job = Job(add, {"x": 1}, origin="me", results=4)
    assert before - 1 < job.creation_date < time.time() + 1
    assert len(job.id) == 32
    assert int(job.id, 16) >= 0
    assert job.id != Job(add).id
    expected = {
        "id": job.id,
        "origin": "me",
        "kwarg_dictionary": {"x": 1},
        "results": 4,
        "creation_date": job.creation_date,
        "function": add,
        "error": None,
        "traceback": None,
    }
    assert job.get_job_dictionary() == expected
    assert job.get_job_dictionary(serializable=True) == {**expected, "function": "add"}


def test_serializable_dictionary_of_a_failed_job_is_json() -> None:
    shelf = Shelf()
    with DockMaster(1) as dockmaster:
        dockmaster.post_job(Job(fails, {"x": 3}), shelf.store)
    read = json.loads(json.dumps(shelf[0].get_job_dictionary(serializable=True)))
    assert (read["function"], read["error"], read["results"]) == ("fails", "ValueError: of fails, 3", None)
    assert read["traceback"].endswith("ValueError: of fails, 3\n")
    assert shelf[0].get_job_dictionary()["error"] is shelf[0].error


def test_process_job_calls_here_and_changes_nothing() -> None:
    job = Job(add, {"x": 1, "y": 5})
    assert job.process_job() == 6
    assert job.results is None
    with pytest.raises(ValueError, match="of fails"):
        Job(fails).process_job()


def test_a_job_has_its_own_arguments() -> None:
    arguments = {"x": 1}
    job = Job(add, arguments)
    arguments["x"] = 2
    assert job.process_job() == 1


def test_jobs_pickle_before_and_after() -> None:
    shelf = Shelf()
    fresh = Job(add, {"x": 1}, origin=("a", 1))
    with DockMaster(1) as dockmaster:
        dockmaster.post_job(Job(add, {"x": 2}), shelf.store)
        dockmaster.post_job(Job(fails), shelf.store)
    for job in (fresh, *shelf):
        twin = pickle.loads(pickle.dumps(job))
        same = job.get_job_dictionary(serializable=True)
        assert twin.get_job_dictionary(serializable=True) == same
        assert twin.function is job.function


def test_a_job_can_be_posted_again() -> None:
    shelf = Shelf()
    job = Job(fails)
    with DockMaster(1) as dockmaster:
        dockmaster.post_job(job, shelf.store).result(LIMIT)
        assert job.error is not None
        job.function = add
        job.kwarg_dictionary = {"x": 7}
        dockmaster.post_job(job, shelf.store).result(LIMIT)
    assert (job.results, job.error, job.traceback, shelf) == (7, None, None, [job, job])


@pytest.mark.parametrize("function", [add, fails])
def test_a_job_that_is_done_is_freed_at_once(function: Callable[..., Any]) -> None:
    gc.collect()
    gc.disable()
    try:
        with DockMaster(1) as dockmaster:
            job = Job(function, {"x": 1})
            task = dockmaster.post_job(job, lambda job: None)
            task.result(LIMIT)
            gone = weakref.ref(job)
            del job, task
            assert dockmaster.end_shift() == []
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda master: Job(3), TypeError, "function must be callable, not int"),
        (lambda master: Job(add, [1]), TypeError, "kwarg_dictionary must be a mapping, not list"),
        (lambda master: Job(add, {1: 1}), TypeError, "kwarg_dictionary must have strings as keys, not int"),
        (lambda master: DockMaster(0), ValueError, "ship_count must be 1 or greater, not 0"),
        (lambda master: DockMaster(True), TypeError, "ship_count must be an int, not bool"),
        (lambda master: DockMaster(1.0), TypeError, "ship_count must be an int, not float"),
        (lambda master: DockMaster(1, "fibre"), ValueError, "processing_type must be one of thread, multiprocessing"),
        (lambda master: master.post_job(add, print), TypeError, "job must be a Job, not function"),
        (lambda master: master.post_job(Job(add), None), TypeError, "storage_function must be callable, not NoneType"),
        (lambda master: master.post_job(Job(add), lambda: 1), TypeError, "storage_function cannot be called with job"),
        (lambda master: master.post_job(Job(add), Shelf().store, {"x": 1}), TypeError, "unexpected keyword"),
        (lambda master: master.post_job(Job(add), Shelf().store, {"job": 1}), TypeError, "must not contain 'job'"),
        (lambda master: master.post_job(Job(add), Shelf().store, [1]), TypeError, "must be a mapping, not list"),
        (lambda master: master.end_shift(timeout=float("nan")), ValueError, "timeout"),
        (lambda master: master.join(timeout="1"), TypeError, "timeout"),
        (lambda master: master.join(timeout=-1), ValueError, "timeout must be"),
    ],
)
def test_bad_arguments_are_refused(call: Callable[[Any], Any], error: type[Exception], says: str) -> None:
    with DockMaster(1) as dockmaster:
        with pytest.raises(error, match=says):
            call(dockmaster)
        assert dockmaster.working
        shelf = Shelf()
        dockmaster.post_job(Job(add, {"x": 1}), shelf.store).result(LIMIT)
        assert len(shelf) == 1
