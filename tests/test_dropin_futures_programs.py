"""Programs of others with our executor inside: dask, joblib, and one that fetches pages."""

import http.server
import threading
import urllib.request
from collections.abc import Iterator
from concurrent import futures as standard
from typing import Any

import pytest

from dropin_peers import LIMIT, both
from windlass.dropin import futures as ours


def total(*numbers: int) -> int:
    return sum(numbers)


@both
@pytest.mark.slow
def test_dask_on_our_threads(futures: Any) -> None:
    threaded = pytest.importorskip("dask.threaded")
    import dask

    graph: dict[str, Any] = {f"n{number}": number for number in range(50)}
    graph |= {f"square{number}": (pow, f"n{number}", 2) for number in range(50)}
    graph["who"] = (threading.current_thread,)
    graph["sum"] = (total, *(f"square{number}" for number in range(50)))
    expected = sum(number**2 for number in range(50))
    with futures.ThreadPoolExecutor(3, "dask") as executor:
        assert threaded.get(graph, "sum", pool=executor) == expected
        with dask.config.set(pool=executor):
            result, who = threaded.get(graph, ["sum", "who"])
        assert result == expected
        assert who.name.startswith("dask_")
        with pytest.raises(ZeroDivisionError):
            threaded.get({"x": (divmod, 1, 0)}, "x", pool=executor)


@pytest.mark.slow
def test_dask_computes_delayed_calls_on_our_threads() -> None:
    dask = pytest.importorskip("dask")
    squares = [dask.delayed(pow)(number, 2) for number in range(20)]
    with ours.ThreadPoolExecutor(2) as executor, dask.config.set(scheduler="threads", pool=executor):
        assert dask.delayed(sum)(squares).compute() == sum(number**2 for number in range(20))
        assert 1 <= len(executor._threads) <= 2


@both
@pytest.mark.slow
def test_joblib_inside_our_tasks(futures: Any) -> None:
    joblib = pytest.importorskip("joblib")

    def work(start: int) -> list[int]:
        parallel = joblib.Parallel(n_jobs=2, backend="threading")
        return list(parallel(joblib.delayed(pow)(number, 2) for number in range(start, start + 20)))

    with futures.ThreadPoolExecutor(2) as executor:
        assert list(executor.map(work, [0, 10])) == [[n**2 for n in range(s, s + 20)] for s in (0, 10)]


@pytest.mark.slow
def test_joblib_on_our_executor(monkeypatch: pytest.MonkeyPatch) -> None:
    # A backend of joblib that submits to any executor; it asks for submit() and futures, as the loky one does.
    joblib = pytest.importorskip("joblib")
    from joblib.parallel import ParallelBackendBase

    class Backend(ParallelBackendBase):  # type: ignore[misc]
        supports_sharedmem = True
        supports_retrieve_callback = True

        def configure(self, n_jobs: int = 1, parallel: Any = None, **_: Any) -> int:
            self.parallel = parallel
            self.executor: Any = ours.ThreadPoolExecutor(n_jobs, "joblib")
            return n_jobs

        def effective_n_jobs(self, n_jobs: int) -> int:
            return n_jobs

        def submit(self, func: Any, callback: Any = None) -> Any:
            future = self.executor.submit(func)
            if callback is not None:
                future.add_done_callback(callback)
            return future

        apply_async = submit

        def retrieve_result_callback(self, future: Any) -> Any:
            return future.result()

        def terminate(self) -> None:
            self.executor.shutdown()

    monkeypatch.setitem(joblib.parallel.BACKENDS, "windlass", Backend)
    with joblib.parallel_config(backend="windlass"):
        results = joblib.Parallel(n_jobs=2)(joblib.delayed(pow)(number, 2) for number in range(100))
    assert results == [number**2 for number in range(100)]


class Site(http.server.ThreadingHTTPServer):
    request_queue_size = 64  # a connection that finds no room in it comes again after a second, or several


class Pages(http.server.BaseHTTPRequestHandler):
    """Answers /N with N times N; /missing with 404."""

    def do_GET(self) -> None:
        number = self.path.removeprefix("/")
        if not number.isdigit():
            self.send_error(404)
            return
        body = str(int(number) ** 2).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = Site(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(LIMIT)


def fetch(url: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=LIMIT) as reply:
        return int(reply.read())


@pytest.mark.slow
@pytest.mark.parametrize("functions", [standard, ours], ids=["standard_functions", "our_functions"])
def test_program_that_fetches_pages_with_executors_of_both_kinds(site: str, functions: Any) -> None:
    with ours.ThreadPoolExecutor(4) as one, standard.ThreadPoolExecutor(4) as other:
        pages = {}
        for number in range(40):
            pages[(one if number % 2 else other).submit(fetch, f"{site}/{number}")] = number
        missing = one.submit(fetch, f"{site}/missing")
        seen = {}
        for future in functions.as_completed(pages, timeout=LIMIT):
            seen[pages[future]] = future.result()
        assert seen == {number: number**2 for number in range(40)}
        done, not_done = functions.wait([*pages, missing], LIMIT, functions.FIRST_EXCEPTION)
        assert missing in done
        assert not not_done
        assert missing.exception().code == 404  # type: ignore[union-attr]
        missing.exception().close()  # type: ignore[union-attr]
        assert list(one.map(fetch, [f"{site}/{number}" for number in range(10)], timeout=LIMIT)) == [
            number**2 for number in range(10)
        ]
