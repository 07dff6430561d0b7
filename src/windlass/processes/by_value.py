"""Pickling what plain pickle refuses: lambdas, local functions, functions below decorators. Imported when needed."""

import io
from collections.abc import Callable
from types import FunctionType
from typing import Any

import cloudpickle

from windlass.processes.references import find, resolve


class Pickler(cloudpickle.Pickler):
    """cloudpickle, but a function that has a name below its decorators goes by that name.

    By value, a function takes all that it uses of its module along, and some of that may not pickle.
    """

    def reducer_override(self, obj: Any) -> Any:
        """Return how to rebuild ``obj``, or NotImplemented for pickle's own way."""
        if type(obj) is FunctionType:
            reference = find(obj)
            if reference is not None and reference[2] > 0:
                return resolve, reference
        return super().reducer_override(obj)


def dumps(value: Any, keep_in_band: Callable[[Any], bool]) -> bytes:
    """Pickle ``value``; buffers for which ``keep_in_band`` is false are left out."""
    with io.BytesIO() as file:
        Pickler(file, 5, buffer_callback=keep_in_band).dump(value)
        return file.getvalue()
