"""How a function below a decorator is named to another process.

Where ``@decorator`` stands above a function, the name of the function in its module is that of what the decorator has
made. So the name alone would bring the decorated function to the worker. A reference says how many decorators to take
off again: ``(module, qualified name, number)``.
"""

import inspect
import sys
from importlib import import_module
from typing import Any

Reference = tuple[str, str, int]

# What Python calls the file of a program that it reads from its standard input. Nobody can import it.
STDIN = "<stdin>"

# More than anybody stacks: a chain that is longer leads in a circle.
_MOST = 64


def find(function: Any) -> Reference | None:
    """Return the reference by which a worker process finds ``function``, or None if it has no name there.

    Functions in ``__main__`` have one if workers import that too: not in a notebook, nor where the program is typed in.
    """
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if not (isinstance(module, str) and isinstance(name, str)) or (module == "__main__" and not main_comes_along()):
        return None
    try:
        found = _look_up(sys.modules[module], name)
    except Exception:  # modules and classes may look their names up by code of their own
        return None
    for taken_off in range(_MOST):
        if found is function:
            return module, name, taken_off
        found = _below(found)
        if found is None:
            break
    return None


def resolve(module: str, name: str, taken_off: int) -> Any:
    """Undo :func:`find`, in another process.

    Raises:
        LookupError: What is there is not what was there.
    """
    try:
        found = _look_up(import_module(module), name)
    except AttributeError as error:
        where = "its main module" if module in ("__main__", "__mp_main__") else module
        raise LookupError(
            f"{name} is not in {where} as a worker process imports it; define it at the top level of a module, and not "
            "under if __name__ == '__main__'"
        ) from error
    for _ in range(taken_off):
        found = _below(found)
    if not callable(found):
        raise LookupError(f"{module}.{name} is decorated in another way here than where it was called")
    return found


def main_comes_along() -> bool:
    """Return whether worker processes import the main module of this program, as multiprocessing decides it."""
    main: Any = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None:
        return not (spec.name == "__main__" or spec.name.endswith(".__main__"))
    return getattr(main, "__file__", None) not in (None, STDIN)


def _look_up(module: Any, name: str) -> Any:
    *outer, last = name.split(".")
    owner = module
    for part in outer:
        owner = getattr(owner, part)
    # As it stands in a class body: a class method, and not the bound method that getattr makes of it.
    return inspect.getattr_static(owner, last) if outer else getattr(owner, last)


def _below(decorated: Any) -> Any:
    # What functools.wraps, staticmethod, classmethod, property, cached_property and partial stand above.
    for attribute in ("__wrapped__", "fget", "func"):
        below = getattr(decorated, attribute, None)
        if below is not None:
            return below
    return None
