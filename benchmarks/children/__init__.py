"""Programs that a measure runs in a process of their own, so that nothing else is in the figure."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]


@contextmanager
def run_child(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``children/<program>.py`` with pipes at both ends; wait for it, and insist that it ended well."""
    path = os.pathsep.join([str(BENCHMARKS), *filter(None, [os.environ.get("PYTHONPATH")])])
    with subprocess.Popen(
        [sys.executable, "-m", f"children.{program}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    ) as child:
        yield child
    if child.returncode:
        raise RuntimeError(f"{' '.join([program, *arguments])} ended with status {child.returncode}")
