"""What the bench files share.

`pytest benchmarks` measures; with `--benchmark-disable` it runs every bench once, small: a smoke test.
"""

import gc
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# The modules here belong to programs (compare.py), not to an installed package.
sys.path.insert(0, str(Path(__file__).parent))

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_benchmark.fixture import BenchmarkFixture

    from interleave import Contender, MakeMeasure, RunMeasure, Trial

ROUNDS = 3


@pytest.fixture
def quick(request: pytest.FixtureRequest) -> bool:
    """Whether this is only a smoke test."""
    return bool(request.config.getoption("benchmark_disable"))


@pytest.fixture
def run_measure(benchmark: "BenchmarkFixture", quick: bool) -> "RunMeasure":
    """Give a function that benches one contender of a measure, beside its peers in the report.

    The time in the report is that of one whole run; the figures, per operation, are in the extra info. For
    ratios use ``compare.py``, which interleaves the contenders.
    """

    def run(make_measure: "MakeMeasure", contender: str) -> None:
        from everyone import why_absent
        from interleave import SUBJECT

        measure = make_measure(quick)
        if contender not in measure.contenders:
            pytest.skip(why_absent(contender))
        benchmark.group = measure.name
        if contender != SUBJECT:  # a peer's warnings are its own affair
            warnings.simplefilter("ignore")  # pytest puts the filters back after each test
        with _made_ready(measure.contenders[contender]) as trial:
            # Fresh processes and fixed waits (no warm-up) vary little and take seconds.
            rounds = ROUNDS if measure.warm_up else 1
            warm_up = int(measure.warm_up and not quick)
            gc.collect()
            result = benchmark.pedantic(  # type: ignore[no-untyped-call]
                trial.run, rounds=rounds, warmup_rounds=warm_up
            )
            elapsed = 1e9 * benchmark.stats.stats.min if benchmark.stats else 1.0
            benchmark.extra_info.update(trial.figures(result, elapsed))

    return run


@contextmanager
def _made_ready(contender: "Contender") -> "Iterator[Trial]":
    from interleave import Unavailable

    try:
        with contender() as trial:
            yield trial
    except Unavailable as reason:
        pytest.skip(str(reason))
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("windlass"):
            raise
        pytest.skip(f"{missing.name} is not installed")
