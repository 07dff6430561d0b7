"""What ``python -m windlass.dropin`` puts in the place of the standard library's classes."""

import importlib
from types import ModuleType

# Standard module -> our module and the names that are taken from there. ``Future`` stays the standard class, which ours
# is a subclass of: futures of other executors must still be instances of what the name stands for.
_REPLACEMENTS = {
    "concurrent.futures": (
        "windlass.dropin.futures",
        ["ProcessPoolExecutor", "ThreadPoolExecutor", "as_completed", "wait"],
    ),
    "concurrent.futures.thread": ("windlass.dropin.futures.thread", ["ThreadPoolExecutor"]),
    "concurrent.futures.process": ("windlass.dropin.futures.process", ["ProcessPoolExecutor"]),
    # multiprocessing.Pool() and the Pool() of a context look there whenever they are called.
    "multiprocessing.pool": ("windlass.dropin.pool", ["Pool", "ThreadPool"]),
    "queue": ("windlass.dropin.queue", ["LifoQueue", "PriorityQueue", "Queue", "ShutDown", "SimpleQueue"]),
}


def install() -> None:
    """Replace the pool and queue classes of the standard modules, for the rest of this process.

    Modules that have imported a class by name before keep what they have: call this first.

    Thread safety:
        Incompatible: call it while the program has one thread.
    """
    # All are imported before any is changed, so that ours build on the standard ones.
    modules: list[tuple[ModuleType, ModuleType, list[str]]] = [
        (importlib.import_module(standard), importlib.import_module(ours), names)
        for standard, (ours, names) in _REPLACEMENTS.items()
    ]
    for standard, ours, names in modules:
        for name in names:
            setattr(standard, name, getattr(ours, name))
