"""What becomes of a worker whose function raises."""

from dataclasses import dataclass

from windlass._core.clock import timeout_to_seconds


@dataclass(frozen=True, slots=True)
class Restart:
    """Go on after a pause; give up after too many failures in a row. A run that succeeds ends the row.

    Args:
        max: Most failures in a row that are gone on after; None for any number.
        backoff: Seconds of the first pause and of the longest; each pause is twice the one before.

    Raises:
        TypeError, ValueError: An argument is not of that kind.
    """

    max: int | None = None
    backoff: tuple[float, float] = (0.1, 5.0)

    def __post_init__(self) -> None:
        if self.max is not None:
            if isinstance(self.max, bool) or not isinstance(self.max, int):
                raise TypeError(f"max must be an int or None, not {type(self.max).__name__}")
            if self.max < 0:
                raise ValueError(f"max must be 0 or greater, not {self.max}")
        try:
            first, longest = self.backoff
        except TypeError:
            raise TypeError("backoff must be a pair of seconds, the first pause and the longest") from None
        for pause in (first, longest):
            if timeout_to_seconds(pause) is None:
                raise ValueError(f"backoff must be finite, not {self.backoff!r}")
        if first > longest:
            raise ValueError(f"backoff must not begin above its longest pause, as {self.backoff!r} does")

    def pause(self, failures: int) -> float | None:
        """Return the seconds to wait after so many failures in a row, or None to give up."""
        if self.max is not None and failures > self.max:
            return None
        first, longest = self.backoff
        return min(longest, first * 2.0 ** min(failures - 1, 1000))


LOG = Restart(backoff=(0.0, 0.0))
STOP = Restart(max=0)

_NAMED = {"log": LOG, "stop": STOP, "restart": Restart()}


def error_policy(policy: object) -> Restart:
    """Return the policy meant by a word or given as it is.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(policy, Restart):
        return policy
    if isinstance(policy, str) and policy in _NAMED:
        return _NAMED[policy]
    raise ValueError(f"error_policy must be one of {', '.join(map(repr, _NAMED))} or a Restart, not {policy!r}")
