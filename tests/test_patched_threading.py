"""Green threads instead of real ones: refused in words, rather than a process that stands still."""

import threading
from typing import Any

import pytest

import windlass
from windlass.dropin.futures import ThreadPoolExecutor
from windlass.dropin.pool import ThreadPool


class GreenLock:
    """What gevent puts in the place of ``threading.Lock``."""


@pytest.mark.parametrize("make", [windlass.ThreadPool, ThreadPoolExecutor, ThreadPool], ids=["own", "futures", "pool"])
def test_pool_refuses_patched_threads(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "Lock", GreenLock)
    with pytest.raises(RuntimeError, match="real threads"):
        make(1)
