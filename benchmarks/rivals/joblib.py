"""joblib: Parallel, with threads and with processes. It has no call for a single task: it maps."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from rivals import pools
from rivals.rival import Rival
from rivals.stdlib import CHUNK

OPTIONS = (
    f"Parallel as a context manager, which keeps its workers; batch_size={CHUNK}: with "
    '"auto" it starts with one call at a time, and stays there in threads.'
)


@contextmanager
def open_parallel(backend: str, workers: int) -> Iterator[Any]:
    from joblib import Parallel, delayed

    with Parallel(workers, backend=backend, batch_size=CHUNK) as parallel:
        # The warm-up of all is less than a batch. This one reaches every worker: they are the same.
        naps = range(pools.NAPS_PER_WORKER * workers)
        Parallel(workers, backend=backend, batch_size=1)(delayed(pools.nap)(argument) for argument in naps)
        yield parallel
    if backend == "loky":  # its executor is a global one that outlives Parallel
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown()


def mapped(parallel: Any, fn: pools.Function, arguments: Iterable[Any]) -> list[Any]:
    from joblib import delayed

    call = delayed(fn)
    values: list[Any] = parallel(call(argument) for argument in arguments)
    return values


RIVAL = Rival(
    "joblib",
    "joblib",
    "joblib",
    [
        *pools.pool_ways("thread", "joblib (threading)", partial(open_parallel, "threading"), OPTIONS, mapped=mapped),
        *pools.pool_ways("process", "joblib (loky)", partial(open_parallel, "loky"), OPTIONS, mapped=mapped),
    ],
)
