"""What :mod:`multiprocessing.pool` has, with :class:`Pool` and :class:`ThreadPool` on windlass's engine."""

import multiprocessing.pool as _standard
from multiprocessing import TimeoutError as TimeoutError
from multiprocessing.pool import CLOSE as CLOSE
from multiprocessing.pool import INIT as INIT
from multiprocessing.pool import RUN as RUN
from multiprocessing.pool import TERMINATE as TERMINATE
from typing import Any as _Any

from windlass._core.apply_result import ApplyResult
from windlass._core.imap_iterator import IMapIterator as IMapIterator
from windlass._core.imap_iterator import IMapUnorderedIterator as IMapUnorderedIterator
from windlass._core.map_result import MapResult as MapResult
from windlass.dropin.pool.process_pool import Pool
from windlass.dropin.pool.thread_pool import ThreadPool

# What the standard library's stubs do not know.
_unlisted: _Any = _standard
ExceptionWithTraceback = _unlisted.ExceptionWithTraceback
MaybeEncodingError = _unlisted.MaybeEncodingError
RemoteTraceback = _unlisted.RemoteTraceback
job_counter = _unlisted.job_counter
mapstar = _unlisted.mapstar
rebuild_exc = _unlisted.rebuild_exc
starmapstar = _unlisted.starmapstar
worker = _unlisted.worker

AsyncResult = ApplyResult

# As the standard module has it: the others are imported by name.
__all__ = ["Pool", "ThreadPool"]
