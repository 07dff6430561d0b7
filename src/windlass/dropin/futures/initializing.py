"""What an executor's process does first."""

from collections.abc import Callable
from typing import Any

from windlass.dropin.futures._base import LOGGER


def initialize(initializer: Callable[..., Any], *initargs: Any) -> Any:
    """Call the initializer; log what it raises in the process itself, where it may have set up logging."""
    try:
        return initializer(*initargs)
    except BaseException:
        LOGGER.critical("Exception in initializer:", exc_info=True)
        raise
