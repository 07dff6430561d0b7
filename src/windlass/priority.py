"""Names for the usual priorities."""

from enum import IntEnum
from typing import Final


class Priority(IntEnum):
    """How urgent a task is: the lower the number, the sooner it runs.

    These are names for four points on a scale: wherever a priority is asked for, any 64-bit integer or
    finite float will do, such as ``Priority.HIGH - 1``. Equal priorities run in the order they came.
    """

    CRITICAL = 0
    HIGH = 5
    NORMAL = 10
    LOW = 20


DEFAULT_PRIORITY: Final = int(Priority.NORMAL)  # what a task gets that asks for nothing
