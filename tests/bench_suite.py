"""Make the modules of the benchmark suite importable, wherever it is installed."""

import sys

from windlass.bench import find_suite

SUITE = find_suite()
assert SUITE is not None, "the benchmark suite is neither beside the package nor in a checkout"
if str(SUITE) not in sys.path:
    sys.path.append(str(SUITE))
