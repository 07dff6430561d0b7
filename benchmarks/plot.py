"""Plots as inline SVG: lines and histograms on logarithmic axes. Colours come from the page's style sheet.

A plot is 400 units wide, so that its text can be read on a telephone; the page sets several side by side on a desk.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 48, 10, 10, 38  # margins
MOST_TICKS = 6
COLOURS = 8  # of the style sheet: series-0 (windlass) to series-7
SUFFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Series:
    """One line of a plot: a name for the legend, the number of its colour, and points in order."""

    name: str
    colour: int
    points: Points


@dataclass(frozen=True)
class Axis:
    """Maps values to positions: logarithmic, or linear from zero."""

    low: float
    high: float
    start: float  # position of low
    end: float  # position of high
    linear: bool = False

    @classmethod
    def log(cls, values: Iterable[float], start: float, end: float) -> "Axis":
        """Return a logarithmic axis that holds these positive values, between whole powers of ten if they are far."""
        low, high = _ends(values)
        if high / low > 30:
            low, high = 10 ** math.floor(math.log10(low) + 1e-9), 10 ** math.ceil(math.log10(high) - 1e-9)
        else:
            low, high = low / 1.15, high * 1.15
        return cls(low, high, start, end)

    @classmethod
    def from_zero(cls, most: float, start: float, end: float) -> "Axis":
        """Return a linear axis from zero."""
        return cls(0, most or 1.0, start, end, linear=True)

    def at(self, value: float) -> float:
        """Return the position of a value."""
        share = value / self.high if self.linear else math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Return the values to mark."""
        if self.linear:
            return [self.high * part / 4 for part in range(5)]
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        if last - first >= 1:
            step = max(1, math.ceil((last - first + 1) / MOST_TICKS))
            return [10.0**power for power in range(first, last + 1, step)]
        digits = (10.0**power * digit for power in range(first - 1, last + 1) for digit in (1, 2, 3, 5, 7))
        return [value for value in digits if self.low <= value <= self.high]


def _ends(values: Iterable[float]) -> tuple[float, float]:
    """Return least and greatest of some values; there is one at least."""
    held = list(values)
    return min(held), max(held)


def short(value: float) -> str:
    """Write a number in few characters: 1.5 M."""
    for size, suffix in SUFFIXES:
        if value >= size:
            return f"{value / size:.3g} {suffix}"
    return f"{value:.3g}"


def lines(series: Sequence[Series], x: str, y: str) -> str:
    """Draw a line with dots for each series, both axes logarithmic. Values that are not positive are left out."""
    series = [Series(of.name, of.colour, [point for point in of.points if min(point) > 0]) for of in series]
    series = [of for of in series if of.points]
    if not series:
        return ""
    across = Axis.log((point[0] for of in series for point in of.points), LEFT, WIDTH - RIGHT)
    up = Axis.log((point[1] for of in series for point in of.points), HEIGHT - BOTTOM, TOP)
    drawn = []
    for of in series:
        path = " ".join(f"{across.at(a):.1f},{up.at(b):.1f}" for a, b in of.points)
        dots = "".join(
            f'<circle cx="{across.at(a):.1f}" cy="{up.at(b):.1f}" r="3">'
            f"<title>{escape(of.name)}: {short(b)} {escape(y)} at {short(a)} {escape(x)}</title></circle>"
            for a, b in of.points
        )
        drawn.append(f'<g class="line series-{of.colour % COLOURS}"><polyline points="{path}"/>{dots}</g>')
    return _plot(across, up, x, y, drawn, series)


def histogram(series: Sequence[Series], x: str, width: float) -> str:
    """Draw an outline for each series of counts, as a share of all its own.

    Args:
        series: Points of the start of a bucket, and how many there are in it.
        x: What is counted, with its unit.
        width: The end of each bucket, as a multiple of its start.
    """
    series = [of for of in series if of.points]
    if not series:
        return ""
    ends = [end for of in series for at, _ in of.points for end in (at, at * width)]
    across = Axis.log(ends, LEFT, WIDTH - RIGHT)
    shares = [(of, [(at, 100 * count / sum(c for _, c in of.points)) for at, count in of.points]) for of in series]
    up = Axis.from_zero(max(share for _, points in shares for _, share in points), HEIGHT - BOTTOM, TOP)
    drawn = []
    for of, points in shares:
        path = " ".join(_steps(points, width, across, up))
        drawn.append(f'<g class="steps series-{of.colour % COLOURS}"><polygon points="{path}"/></g>')
    return _plot(across, up, x, "% of all", drawn, series)


def _steps(points: Points, width: float, across: Axis, up: Axis) -> Iterable[str]:
    """Walk along the tops of the buckets, down to the ground wherever one is missing."""
    ground = up.at(0)
    last = None
    for at, share in points:
        left, right, top = across.at(at), across.at(at * width), up.at(share)
        if last is None or left - last > 0.01:
            if last is not None:
                yield f"{last:.1f},{ground:.1f}"
            yield f"{left:.1f},{ground:.1f}"
        yield f"{left:.1f},{top:.1f}"
        yield f"{right:.1f},{top:.1f}"
        last = right
    if last is not None:
        yield f"{last:.1f},{ground:.1f}"


def _plot(across: Axis, up: Axis, x: str, y: str, drawn: Sequence[str], series: Sequence[Series]) -> str:
    grid = [
        f'<line x1="{across.at(tick):.1f}" y1="{TOP}" x2="{across.at(tick):.1f}" y2="{HEIGHT - BOTTOM}"/>'
        f'<text x="{across.at(tick):.1f}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">{short(tick)}</text>'
        for tick in across.ticks()
    ] + [
        f'<line x1="{LEFT}" y1="{up.at(tick):.1f}" x2="{WIDTH - RIGHT}" y2="{up.at(tick):.1f}"/>'
        f'<text x="{LEFT - 5}" y="{up.at(tick) + 4:.1f}" text-anchor="end">{short(tick)}</text>'
        for tick in up.ticks()
    ]
    middle = (TOP + HEIGHT - BOTTOM) / 2
    titles = (
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x)}</text>'
        f'<text x="11" y="{middle}" text-anchor="middle" transform="rotate(-90 11 {middle})">{escape(y)}</text>'
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(y)} against {escape(x)}">'
        f'<g class="grid">{"".join(grid)}</g><g class="titles">{titles}</g>{"".join(drawn)}</svg>{legend(series)}'
    )


def legend(series: Sequence[Series]) -> str:
    """List the names beside their colours."""
    items = (f'<li class="series-{of.colour % COLOURS}">{escape(of.name)}</li>' for of in series)
    return f'<ul class="legend">{"".join(items)}</ul>'
