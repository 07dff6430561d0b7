"""windlass.dropin.dockmaster: the names, signatures and results of DockMaster that code relies on."""

import json
import threading
from typing import Any

import pytest

import windlass
from windlass.dropin.dockmaster import DockMaster, Job, ShipLimitError

LIMIT = 10


def hello_name(name: str) -> str:
    return f"hello {name}"


def fails() -> None:
    raise ValueError("of fails")


@pytest.fixture
def dockmaster() -> Any:
    with DockMaster(ship_count=2, processing_type="thread", daemon=True) as master:
        yield master


def test_names_are_subclasses_of_windlass_own() -> None:
    assert issubclass(DockMaster, windlass.DockMaster)
    assert issubclass(Job, windlass.Job)
    assert issubclass(ShipLimitError, Exception)


def test_post_job_returns_true(dockmaster: DockMaster) -> None:
    stored = threading.Event()
    job = Job(function=hello_name, kwarg_dictionary={"name": "Foo"})
    posted = dockmaster.post_job(job=job, storage_function=lambda job: stored.set(), storage_kwarg_dictionary={})
    assert posted is True
    assert stored.wait(LIMIT)
    assert job.results == "hello Foo"


def test_the_older_form_of_post_job(dockmaster: DockMaster) -> None:
    stored: list[Any] = []
    done = threading.Event()

    def store(job: Job, x: int = 0) -> None:
        stored.append((job.results, x))
        if len(stored) == 2:
            done.set()

    arguments = {"name": "Foo"}
    storage = {"storage_function": store, "storage_kwarg_dictionary": {"x": 1}}
    assert dockmaster.post_job(job=Job(hello_name, arguments), results_storage=storage)
    assert dockmaster.post_job(job=Job(hello_name, arguments), results_storage={"storage_function": store})
    assert done.wait(LIMIT)
    assert sorted(stored) == [("hello Foo", 0), ("hello Foo", 1)]


def test_a_storage_function_is_demanded(dockmaster: DockMaster) -> None:
    with pytest.raises(TypeError, match="storage_function must be callable, not NoneType"):
        dockmaster.post_job(Job(hello_name, {}))


def test_results_of_a_failed_job_say_so() -> None:
    job = Job(fails)
    with DockMaster(1) as master:
        master.post_job(job, lambda job: None)
    assert set(job.results) == {"Error Type", "Traceback", "Full Trace"}
    assert job.results["Error Type"] == "ValueError"
    assert job.results["Traceback"] == "ValueError: of fails"
    assert job.results["Full Trace"] == job.traceback
    assert job.results["Full Trace"].splitlines()[-1] == "ValueError: of fails"
    assert type(job.error) is ValueError


def test_dictionaries_of_a_job() -> None:
    job = Job(hello_name, {"name": "Foo"}, origin="here", results=1, method_name="hello")
    native = windlass.Job(hello_name).get_job_dictionary()
    assert set(job.get_job_dictionary()) == {*native, "method_name"}
    assert job.get_job_dictionary()["function"] is hello_name
    serializable = job.get_serializable()
    assert serializable == job.get_job_dictionary(serializable=True)
    assert json.loads(json.dumps(serializable)) == serializable
    assert (serializable["function"], serializable["method_name"]) == ("hello_name", "hello")


def test_more_jobs_than_ships_wait(dockmaster: DockMaster) -> None:
    results = []
    for number in range(10):
        job = windlass.Job(hello_name, {"name": number})
        dockmaster.post_job(job, lambda job: results.append(job.results))
    assert dockmaster.end_shift() == []
    assert sorted(results) == [f"hello {number}" for number in range(10)]
