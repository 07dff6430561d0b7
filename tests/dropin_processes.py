"""The standard process classes and windlass's, for tests of what they have in common."""

import multiprocessing
from concurrent import futures as standard
from contextlib import AbstractContextManager
from multiprocessing.pool import Pool as StandardPool
from typing import Any

import pytest

import dropin_pools
from windlass.dropin.futures.process import ProcessPoolExecutor
from windlass.dropin.pool import Pool

SECONDS = 20  # the limit of every wait, never reached unless something is broken

METHODS = ["fork", "forkserver", "spawn"]

# For every test that must pass on the standard class too.
each_executor = pytest.mark.parametrize(
    "kind", [standard.ProcessPoolExecutor, ProcessPoolExecutor], ids=["standard", "windlass"]
)
each_pool = pytest.mark.parametrize("kind", [StandardPool, Pool], ids=["standard", "windlass"])
each_method = pytest.mark.parametrize("method", METHODS)

# The quickest start; what concerns the start itself goes through METHODS.
FORK = multiprocessing.get_context("fork")


def running(kind: Any = Pool, processes: int = 2, **settings: Any) -> AbstractContextManager[Any]:
    return dropin_pools.running(kind, processes, **{"context": FORK, **settings})
