"""A function for background workers that records its calls, and lets a test wait for them."""

import threading
from typing import Any

LIMIT = 10.0  # seconds that any wait of a test may take


class Calls:
    """Stands for a worker's function; ``wait_for(n)`` returns when it was called that often."""

    def __init__(self, returns: Any = None, raises: BaseException | None = None) -> None:
        self.returns = returns
        self.raises = raises
        self.made: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        self._condition = threading.Condition()
        self.__name__ = "calls"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with self._condition:
            self.made.append((args, kwargs))
            self._condition.notify_all()
        if self.raises is not None:
            raise self.raises
        return self.returns

    @property
    def count(self) -> int:
        return len(self.made)

    @property
    def tasks(self) -> list[Any]:
        """The first argument of each call."""
        return [args[0] for args, _ in self.made]

    def wait_for(self, n: int) -> None:
        with self._condition:
            assert self._condition.wait_for(lambda: len(self.made) >= n, LIMIT), f"{len(self.made)} calls, not {n}"


class Gated(Calls):
    """As `Calls`, but each call lasts until ``release`` lets one more of them go."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._gate = threading.Semaphore(0)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        outcome = super().__call__(*args, **kwargs)
        assert self._gate.acquire(timeout=LIMIT)
        return outcome

    def release(self, n: int = 1) -> None:
        self._gate.release(n)
