"""The door of ``windlass bench``: find the benchmark suite and hand over to it.

The suite is no part of this package: it measures windlass from outside, and runs from a checkout as
``python benchmarks/compare.py`` too. A wheel brings it along as the folder ``windlass_bench``.
"""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

SUMMARY = "Measure windlass beside what it replaces, on this machine."
PROGRAM = "compare"  # the module that the suite is started by
PACKAGE = Path(__file__).parent
PLACES = (
    PACKAGE.parent / "windlass_bench",  # beside the installed package
    PACKAGE.parents[1] / "benchmarks",  # in a checkout
)
MISSING = """\
windlass bench: the benchmark suite is not beside this installation of windlass.
It comes with wheels and checkouts: in a checkout of windlass, type  pip install '.[bench]'
Looked for in: """


def find_suite() -> Path | None:
    """Return the folder of the benchmark suite, or None if there is none."""
    return next((place for place in PLACES if (place / f"{PROGRAM}.py").is_file()), None)


def run_suite(arguments: Sequence[str]) -> int:
    """Run the suite with these arguments and return its exit status; 2 if there is no suite."""
    suite = find_suite()
    if suite is None:
        print(f"{MISSING}{', '.join(map(str, PLACES))}", file=sys.stderr)
        return 2
    sys.path.insert(0, str(suite))  # as if its program had been started by path
    status: int = importlib.import_module(PROGRAM).main(list(arguments), "windlass bench")
    return status
