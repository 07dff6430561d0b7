"""What a ticker refuses, in the caller's thread and with the argument's name; a refused change changes nothing."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from windlass import Ticker

NUMBERS = ["interval", "spin", "phase", "align"]


def make(**changes: Any) -> Ticker:
    return Ticker(**({"interval": 1.0} | changes))


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [-1, -1e-9, math.nan, math.inf, -math.inf, -(10**400), Decimal("NaN")])
def test_number_out_of_range_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must be a finite number of seconds, 0 or more, not "):
        make(**{name: value})


@pytest.mark.parametrize("name", ["interval", "spin", "phase"])
@pytest.mark.parametrize("value", ["1", None, [1], 1j, object()])
def test_what_is_no_number_is_refused(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=rf"^{name} must be a number of seconds, not "):
        make(**{name: value})


@pytest.mark.parametrize("name", ["interval", "align"])
@pytest.mark.parametrize("value", [0, 0.0, -0.0, 1e-10, Fraction(1, 10**12)])
def test_nothing_is_no_interval(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must be at least 1e-9 seconds"):
        make(**{name: value})


@pytest.mark.parametrize("value", [1, True, 0.5, Decimal("0.5"), Fraction(1, 2), 1e-9])
def test_every_real_number_is_an_interval(value: Any) -> None:
    assert Ticker(value).interval == float(value)


@pytest.mark.parametrize(
    ("name", "words"),
    [("missed", "skip, drop, burst, delay"), ("gil", "auto, after, early"), ("start", "now, next")],
)
@pytest.mark.parametrize("value", ["", "SKIP", None, 3, [], b"now"])
def test_unknown_word_is_refused(name: str, words: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must be one of {words}, not "):
        make(**{name: value})


@pytest.mark.parametrize("value", [0, -1, 2**31])
def test_burst_without_a_tick_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="max_burst must be 1 or more, or None"):
        make(max_burst=value)


def test_options_can_be_read_back() -> None:
    ticker = Ticker(0.25, missed="burst", max_burst=7, spin=1e-5, gil="early")
    assert (ticker.interval, ticker.missed, ticker.max_burst) == (0.25, "burst", 7)
    assert (ticker.spin, ticker.gil) == (1e-5, "early")
    assert Ticker(1, max_burst=None).max_burst is None


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, "1", None])
def test_refused_change_of_interval_changes_nothing(value: Any) -> None:
    ticker = Ticker(3600)
    next(ticker)
    release = ticker.next_release_ns
    with pytest.raises((ValueError, TypeError), match="interval must be"):
        ticker.interval = value
    assert (ticker.interval, ticker.next_release_ns) == (3600, release)


@pytest.mark.parametrize("value", [-1, math.nan, "1"])
def test_refused_time_limit_leaves_the_ticker_usable(value: Any) -> None:
    ticker = Ticker(3600)
    with pytest.raises((ValueError, TypeError), match="timeout must be"):
        ticker.wait(value)
    assert ticker.wait(0) is not None


def test_ticker_that_was_never_set_up_does_no_harm() -> None:
    ticker = Ticker.__new__(Ticker)
    assert ticker.wait(0) is None  # one tick in 146 years
    ticker.stop()
