"""Drop-in process classes under other people's code: joblib, dask, tqdm, and python -m windlass.dropin."""

import operator
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dropin_calls import square
from dropin_processes import FORK, each_executor, each_method, each_pool
from windlass.dropin import futures as ours
from windlass.dropin import pool as ours_pool
from windlass.dropin.futures.process import ProcessPoolExecutor
from windlass.dropin.pool import Pool


def total(*numbers: int) -> int:
    return sum(numbers)


@pytest.mark.slow
@each_executor
def test_dask_on_an_executor(kind: Any) -> None:
    processes = pytest.importorskip("dask.multiprocessing")
    graph: dict[str, Any] = {f"n{number}": number for number in range(20)}
    graph |= {f"square{number}": (square, f"n{number}") for number in range(20)}
    graph["sum"] = (total, *(f"square{number}" for number in range(20)))
    with kind(2, FORK) as executor:
        assert processes.get(graph, "sum", pool=executor) == sum(n * n for n in range(20))
        with pytest.raises(ZeroDivisionError):
            processes.get({"x": (operator.truediv, 1, 0)}, "x", pool=executor)


@pytest.mark.slow
@each_pool
def test_dask_on_a_pool(kind: Any) -> None:
    processes = pytest.importorskip("dask.multiprocessing")
    with kind(2, context=FORK) as pool:
        assert processes.get({"x": 1, "y": (square, "x")}, "y", pool=pool) == 1


@pytest.mark.slow
def test_dask_makes_our_executor_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    dask = pytest.importorskip("dask")
    processes = pytest.importorskip("dask.multiprocessing")
    made: list[Any] = []

    class Watched(ProcessPoolExecutor):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            made.append(self)

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Watched)  # as python -m windlass.dropin does
    calls = [dask.delayed(square)(number) for number in range(10)]
    with dask.config.set({"multiprocessing.context": "fork"}):
        result = dask.delayed(sum)(calls).compute(scheduler="processes", num_workers=2)
    assert result == sum(n * n for n in range(10))
    assert len(made) == 1


@pytest.mark.slow
def test_joblib_with_its_multiprocessing_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    joblib = pytest.importorskip("joblib")
    backends = pytest.importorskip("joblib._parallel_backends")
    made: list[Pool] = []

    class JoblibPool(Pool):
        """Joblib's own pool is a subclass of the standard one that knows how to send arrays."""

        def __init__(self, processes: int, **settings: Any) -> None:
            super().__init__(processes, context=settings.get("context") or FORK)
            made.append(self)

    monkeypatch.setattr(backends, "MemmappingPool", JoblibPool)
    values = joblib.Parallel(n_jobs=2, backend="multiprocessing")(joblib.delayed(square)(n) for n in range(50))
    assert values == [n * n for n in range(50)]
    with pytest.raises(ZeroDivisionError):
        joblib.Parallel(n_jobs=2, backend="multiprocessing")(joblib.delayed(divmod)(1, n) for n in range(3))
    assert len(made) == 2


@pytest.mark.slow
def test_process_map_of_tqdm(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    concurrent = pytest.importorskip("tqdm.contrib.concurrent")
    # tqdm imports the executor by name at each call, and hands its lock to the initializer.
    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", ours.ProcessPoolExecutor)
    assert concurrent.process_map(square, range(40), max_workers=2, chunksize=3) == [n * n for n in range(40)]
    assert "/40 " in capsys.readouterr().err


PROGRAM = """
import concurrent.futures
import multiprocessing
import multiprocessing.pool
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import ProcessPoolExecutor as by_its_module
from multiprocessing import Pool
def double(n):
    return 2 * n
if __name__ == "__main__":
    multiprocessing.set_start_method("{method}")
    assert ProcessPoolExecutor is by_its_module is concurrent.futures.ProcessPoolExecutor
    for make in (Pool, multiprocessing.get_context("{method}").Pool, multiprocessing.pool.Pool):
        with make(2) as pool:
            print(type(pool).__module__, isinstance(pool, multiprocessing.pool.Pool), pool.map(double, range(3)))
    with multiprocessing.pool.ThreadPool(1) as pool:
        assert isinstance(pool, multiprocessing.pool.Pool)
    with ProcessPoolExecutor(2) as executor:
        print(type(executor).__module__, list(executor.map(double, range(3))))
"""


@pytest.mark.slow
@each_method
def test_programs_get_our_processes(method: str, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM.format(method=method))
    command = [sys.executable, "-m", "windlass.dropin", str(script)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    of_pool = f"{ours_pool.__name__} True [0, 2, 4]"
    assert run.stdout.splitlines() == [of_pool] * 3 + ["windlass.dropin.futures.process [0, 2, 4]"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["executor", "pool"])
def test_no_main_guard_is_one_clear_error(kind: str, tmp_path: Path) -> None:
    make = "futures import ProcessPoolExecutor as P" if kind == "executor" else "pool import Pool as P"
    script = tmp_path / "program.py"
    script.write_text(
        f"import multiprocessing\nfrom windlass.dropin.{make}\n"
        "multiprocessing.set_start_method('spawn', force=True)\n"
        f"print(list(P(2).{'map' if kind == 'executor' else 'imap'}(abs, [1])))\n"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode != 0
    assert "put what starts them under if __name__ == '__main__'" in run.stderr
    assert ("BrokenProcessPool" if kind == "executor" else "BrokenPool") in run.stderr
    assert run.stderr.count("Traceback") == 1  # the workers keep quiet
