"""Drop-in ThreadPool under other people's code."""

import multiprocessing.dummy
import multiprocessing.pool
import operator
from typing import Any

import pytest

from dropin_pools import SECONDS, each_pool, running
from windlass.dropin.pool import ThreadPool


@each_pool
def test_dask_scheduler(kind: Any) -> None:
    threaded = pytest.importorskip("dask.threaded")
    graph = {f"x{n}": (operator.add, f"x{n - 1}", 1) if n else 0 for n in range(50)}
    graph["sum"] = (sum, [f"x{n}" for n in range(50)])
    with running(kind) as pool:
        assert threaded.get(graph, "sum", pool=pool) == sum(range(50))
        with pytest.raises(ZeroDivisionError):
            threaded.get({"x": (operator.truediv, 1, 0)}, "x", pool=pool)


def test_joblib_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    joblib = pytest.importorskip("joblib")
    backends = pytest.importorskip("joblib._parallel_backends")
    made: list[ThreadPool] = []

    def make(*args: Any) -> ThreadPool:
        made.append(ThreadPool(*args))
        return made[-1]

    monkeypatch.setattr(backends, "ThreadPool", make)
    values = joblib.Parallel(n_jobs=2, backend="threading")(joblib.delayed(pow)(n, 2) for n in range(100))
    assert values == [n**2 for n in range(100)]
    assert len(made) == 1
    made[0].join()


def test_multiprocessing_dummy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing.pool, "ThreadPool", ThreadPool)  # as python -m windlass.dropin does
    pool = multiprocessing.dummy.Pool(2)
    assert type(pool) is ThreadPool
    with pool:
        assert pool.map_async(str, "ab").get(SECONDS) == ["a", "b"]
    pool.join()
