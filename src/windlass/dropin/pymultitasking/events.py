"""Events that are set by several, and several events that are waited for as one."""

import threading
from collections.abc import Iterable
from time import monotonic
from typing import Any

from windlass._core.clock import timeout_to_seconds


class MultiEvent(threading.Event):
    """An event that is set when :meth:`set` has been called ``counter`` times.

    Args:
        counter: How often.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self, counter: int = 1) -> None:
        if isinstance(counter, bool) or not isinstance(counter, int):
            raise TypeError(f"counter must be an int, not {type(counter).__name__}")
        super().__init__()
        self._required = self._left = counter
        self._counting = threading.Lock()

    def set(self) -> None:
        """Count one call; with the last one, wake those who wait."""
        with self._counting:
            self._left -= 1
            if self._left <= 0:
                super().set()

    def clear(self) -> None:
        """Begin to count again."""
        with self._counting:
            self._left = self._required
            super().clear()

    def remaining_sets(self) -> int:
        """Return how many calls of :meth:`set` are missing."""
        with self._counting:
            return self._left

    @property
    def num_required_sets(self) -> int:
        """How many calls of :meth:`set` it takes from the start."""
        return self._required


class MultipleEvents:
    """Several events that are waited for as one; tasks are events too.

    It is told by the events when they are set, and looks at none again and again.

    Args:
        events: Whatever has ``is_set()`` and ``wait(timeout)``.

    Thread safety:
        Safe on shared objects, but for changes of the list of events during a wait.
    """

    def __init__(self, events: Iterable[Any] = ()) -> None:
        self._events = list(events)

    def wait(self, timeout: float | None = 60, delay: float = 0.1) -> bool:
        """Wait until all are set at once.

        Args:
            timeout: Longest wait in seconds; None for no limit.
            delay: Has nothing left to do.

        Returns:
            Whether that came about.
        """
        timeout = timeout_to_seconds(timeout, negative_ok=True)
        end = None if timeout is None else monotonic() + timeout
        while not self.is_set():
            # One after the other; one that was cleared meanwhile makes another round.
            for event in self._events:
                if not event.wait(None if end is None else max(0.0, end - monotonic())):
                    return self.is_set()
        return True

    def is_set(self) -> bool:
        """Return whether all are set."""
        return all(event.is_set() for event in self._events)

    isSet = is_set  # the name it has there

    def clear(self) -> None:
        """Clear all."""
        for event in self._events:
            event.clear()

    def remove_events(self) -> None:
        """Forget all."""
        self._events = []

    def add_event(self, event: Any) -> None:
        """Add one."""
        self._events.append(event)

    @staticmethod
    def set() -> None:
        """Do nothing: each event is set by whoever it belongs to."""

    @staticmethod
    def wait_filter(event: Any) -> bool:
        """Return whether an event is not set."""
        return not event.is_set()
