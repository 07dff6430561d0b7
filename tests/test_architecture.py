"""The house keeps its shape: imports point downwards, rooms stay small, names say what is inside.

Read from the sources, so all of it is skipped where the installed package is tested without a checkout.
"""

import re
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "windlass"
SOURCES = sorted(path for path in PACKAGE.rglob("*.p*") if path.suffix in {".py", ".pyi", ".pyx", ".pxd"})
MAX_LINES = 400

# Bottom to top, by the first part of the path under src/windlass; on the right the level in DESIGN.
# Names on one line must not know each other.
LAYERS = [
    {"errors", "priority", "callable_name", "public_names", "_version"},  # 0
    {"_core"},  # 1
    {"future", "waiting"},  # 2: from here on what tasks and tickers are made of, then they
    {"task", "ticker_alarm", "ticker_statistics", "realtime", "processes"},
    {"ticker", "monitors"},
    {"pools"},  # 3
    {"workers", "functions", "jobs", "multi_processor", "master"},  # 4
    {"decorators"},  # 5
    {"dropin"},  # 6
    {"demo_source", "doctor", "result_file", "bench"},  # 7: from here on the command line, its commands first
    {"demo", "jitter"},
    {"demo_parse"},
    {"demo_report", "jitter_report", "jitter_plot"},
    {"cli"},
    {"__main__"},
    {"__init__"},  # above all: nobody imports it
]
LEVEL = {name: level for level, layer in enumerate(LAYERS) for name in layer}

IMPORT = re.compile(r"^\s*(?:from\s+windlass\.(\w+)[\w.]*\s+c?import|c?import\s+windlass\.(\w+))", re.M)
# What IMPORT is blind to, and what would import __init__.
BLIND_SPOT = re.compile(r"^\s*(?:from\s+\.[\w.]*\s+c?import\b|(?:from|c?import)\s+windlass(?![\w.])).*", re.M)
QUOTED = re.compile(r'""".*?"""', re.S)  # docstrings show users' imports, and C code has its own

pytestmark = pytest.mark.skipif(not PACKAGE.is_dir(), reason="needs a checkout with src")
each_source = pytest.mark.parametrize("source", SOURCES, ids=[str(p.relative_to(PACKAGE)) for p in SOURCES])


def code(source: Path) -> str:
    return QUOTED.sub("", source.read_text(encoding="utf-8"))


@each_source
def test_imports_point_downwards(source: Path) -> None:
    mine = source.relative_to(PACKAGE).parts[0].split(".")[0]
    assert mine in LEVEL, f"{mine} stands in no layer: give it one in LAYERS"
    for match in IMPORT.finditer(code(source)):
        other = match[1] or match[2]
        assert other in LEVEL, f"{mine} imports {other}, which stands in no layer: give it one in LAYERS"
        assert other == mine or LEVEL[other] < LEVEL[mine], f"{mine} imports {other}, which is not below it"


@each_source
def test_imports_name_the_module_in_full(source: Path) -> None:
    assert [match[0].strip() for match in BLIND_SPOT.finditer(code(source))] == []


@each_source
def test_file_is_small(source: Path) -> None:
    lines = len(source.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES, f"{lines} lines: see whether it holds two ideas"


@each_source
def test_name_tells_one_idea_and_shadows_nothing(source: Path) -> None:
    assert source.stem not in {"utils", "util", "helpers", "common", "misc", "types"}
    if "dropin" not in source.relative_to(PACKAGE).parts:
        assert source.stem not in sys.stdlib_module_names


def test_planted_faults_are_found() -> None:
    """The patterns above would also pass if they matched nothing."""
    assert IMPORT.search("    from windlass.pools.thread_pool cimport ThreadPool")[1] == "pools"
    assert IMPORT.search("import windlass._core.clock as clock")[2] == "_core"
    faults = "from . import x", "from ..task import Task", "import windlass", "from windlass import Task"
    assert all(BLIND_SPOT.search(line) for line in faults)
    right = "from windlass.task import Task", "import windlass.task", "import windlass_tools"
    assert not any(BLIND_SPOT.search(line) for line in right)
