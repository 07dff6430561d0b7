"""What :mod:`multiprocessing.pool` has, with ThreadPool on windlass's engine."""

from multiprocessing import TimeoutError
from multiprocessing.pool import (
    CLOSE,
    INIT,
    RUN,
    TERMINATE,
    ExceptionWithTraceback,
    MaybeEncodingError,
    Pool,
    RemoteTraceback,
    job_counter,
    mapstar,
    rebuild_exc,
    starmapstar,
    worker,
)

from windlass._core.apply_result import ApplyResult
from windlass._core.imap_iterator import IMapIterator, IMapUnorderedIterator
from windlass._core.map_result import MapResult
from windlass.dropin.pool.thread_pool import ThreadPool

AsyncResult = ApplyResult

__all__ = ["Pool", "ThreadPool"]
