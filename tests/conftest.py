"""What several test files need."""

import gc
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from process_calls import Gate
from windlass import Limit


def pytest_configure() -> None:
    """Make Ctrl-C work, and let no test fail for the time that its examples take."""
    # A shell's background job starts with SIGINT ignored, and this run may be one.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # By default an example of hypothesis may take 0.2 s, which any will sooner or later on a busy machine.
    settings.register_profile("busy machine", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy machine")


def pytest_collection_finish() -> None:
    """Hide what all test modules have imported from the collector, which hundreds of tests call: it is quicker so."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder for the demo: three Python files, one file of another kind."""
    root = tmp_path / "tree"
    (root / "pkg" / "sub").mkdir(parents=True)
    (root / "a.py").write_text("import os\nx = os.path\n")
    (root / "pkg" / "b.py").write_text("def spam(x):\n    return x + x  # spam\n")
    (root / "pkg" / "sub" / "c.py").write_text("spam('x')")
    (root / "pkg" / "notes.txt").write_text("spam spam")
    return root


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """Where calls in other processes wait until the test lets them go on; at its end they all go."""
    gate = Gate(tmp_path)
    yield gate
    gate.stay_open()


@pytest.fixture
def limit() -> Iterator[Limit]:
    """A limit of one, which is taken."""
    limit = Limit(1)
    limit.acquire()
    yield limit
    if limit.free == 0:
        limit.release()


@pytest.fixture
def switch_often() -> Iterator[None]:
    """Let the interpreter switch threads as often as can be."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.fixture
def collect_always() -> Iterator[None]:
    """Run the collector at almost every allocation."""
    thresholds = gc.get_threshold()
    gc.set_threshold(1)
    yield
    gc.set_threshold(*thresholds)


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Keep the collector off, so that a cycle shows as a leak."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def on_alarm() -> Iterator[Callable[..., None]]:
    """Return what lets a signal handler call a function after ``first`` seconds, then again every so many."""
    if not hasattr(signal, "setitimer"):
        pytest.skip("needs POSIX interval timers")
    old = signal.getsignal(signal.SIGALRM)

    def arm(action: Callable[[], object], first: float, every: float = 0) -> None:
        signal.signal(signal.SIGALRM, lambda _number, _frame: action())
        signal.setitimer(signal.ITIMER_REAL, first, every)

    yield arm
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, old)
