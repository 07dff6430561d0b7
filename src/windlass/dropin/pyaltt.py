"""pyaltt's names: ``from windlass.dropin.pyaltt import FunctionCollecton``.

What behaves better:

- A function collection runs its functions in the order in which they were added. There, the order was that of a set.
- A function that raises does not keep the others from running where there is no ``on_error``, as the document says it
  should not: its exception is logged. There, it ended the run. An ``on_error`` that raises is logged too.
- Two functions of one name have a result each. There, one result took the other's place.
"""

import threading
from typing import Any

from windlass.functions import FunctionCollection

__all__ = ["FunctionCollection", "FunctionCollecton", "LocalProxy", "g"]

FunctionCollecton = FunctionCollection  # as it is spelt there


class LocalProxy(threading.local):
    """Attributes that each thread has for itself."""

    def get(self, attr: str, default: Any = None) -> Any:
        """Return an attribute as this thread sees it, or ``default``."""
        return getattr(self, attr, default)

    def has(self, attr: str) -> bool:
        """Return whether this thread has the attribute."""
        return hasattr(self, attr)

    def set(self, attr: str, value: Any) -> None:
        """Set an attribute for this thread."""
        setattr(self, attr, value)

    def clear(self, attr: str) -> bool:
        """Delete an attribute of this thread if it has it; return True."""
        self.__dict__.pop(attr, None)
        return True


g = LocalProxy()
