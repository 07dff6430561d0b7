"""What a type checker must see of function collections and jobs: run by `mypy`, never executed."""

from collections.abc import Callable, Iterator
from typing import Any, assert_type

from windlass import DockMaster, FunctionCollection, Job, Task, ThreadPool
from windlass.dropin import dockmaster, pyaltt

collection = FunctionCollection(on_error=print, on_error_kwargs={"x": 1}, include_exceptions=True, pool=ThreadPool(1))


@collection
def plain() -> int:
    return 1


@collection(priority=1)
def urgent() -> str:
    return ""


@collection
async def later() -> bytes:
    return b""


def decorators_leave_functions_as_they_are() -> None:
    assert_type(plain(), int)
    assert_type(urgent(), str)
    assert_type(collection(plain, priority=2.5)(), int)
    collection(3)  # type: ignore[call-overload]
    collection(priority="high")  # type: ignore[call-overload]


async def coroutine_functions_stay_such() -> None:
    assert_type(await later(), bytes)
    assert_type(await collection.run_async(), dict[str, Any])
    assert_type(await collection.execute_async(), tuple[dict[str, Any], bool])


def runs_give_results_by_name() -> None:
    assert_type(collection(), dict[str, Any])
    assert_type(collection.run(), dict[str, Any])
    assert_type(collection.execute(), tuple[dict[str, Any], bool])
    assert_type(collection.timings, dict[str, float])


def functions_are_appended_and_removed() -> None:
    assert_type(collection.append(plain, priority=1), str)
    collection.remove(plain)
    assert_type(iter(collection), Iterator[Callable[[], Any]])
    assert_type(len(collection), int)

    def wants_an_argument(x: int) -> None: ...

    collection.append(wants_an_argument)  # type: ignore[arg-type]


def jobs_and_their_tasks() -> None:
    job = Job(function=plain, kwarg_dictionary={"x": 1})
    assert_type(job.id, str)
    assert_type(job.creation_date, float)
    assert_type(job.error, BaseException | None)
    assert_type(job.traceback, str | None)
    assert_type(job.results, Any)
    assert_type(job.get_job_dictionary(serializable=True), dict[str, Any])
    with DockMaster(ship_count=2, processing_type="multiprocessing", daemon=True) as master:
        assert_type(master, DockMaster)
        assert_type(master.post_job(job, storage_function=print, storage_kwarg_dictionary={}), Task[Job])
        assert_type(master.post_job(job, print).result(1), Job)
        assert_type(master.end_shift(finish=False, timeout=1), list[Job])
        assert_type(master.join(), bool)
        assert_type(master.held_jobs, list[Job])
        assert_type(master.working, bool)
    master.post_job(plain, print)  # type: ignore[arg-type]
    master.post_job(job)  # type: ignore[call-arg]


def drop_in_names() -> None:
    assert_type(pyaltt.FunctionCollecton(), FunctionCollection)
    job = dockmaster.Job(plain, {}, method_name="plain")
    assert_type(job.get_serializable(), dict[str, Any])
    with dockmaster.DockMaster() as master:
        assert_type(master, dockmaster.DockMaster)
        assert_type(master.post_job(job, print, {}), bool)
        assert_type(master.post_job(job, results_storage={"storage_function": print}), bool)
