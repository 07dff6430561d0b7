"""``concurrent.futures.process``: the standard library's own."""

from concurrent.futures.process import BrokenProcessPool as BrokenProcessPool
from concurrent.futures.process import ProcessPoolExecutor as ProcessPoolExecutor
