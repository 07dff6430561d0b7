"""Plots as inline SVG: lines and histograms on logarithmic axes. Colours come from the page's style sheet.

A plot is 320 units wide, so that its text can be read on a telephone; the page sets several side by side on a desk.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 320, 230
LEFT, RIGHT, TOP, BOTTOM = 54, 18, 10, 38  # margins
MARGIN = 18  # on the left where no values stand
RIDGE = 42  # height of one histogram of several
MOST_TICKS = 6
PEERS = 7  # that have a colour of their own in the style sheet, series-1 to series-7; series-0 is windlass
SUFFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Series:
    """One line of a plot: a name for the legend, the number of its look, and points in order."""

    name: str
    look: int
    points: Points


@dataclass(frozen=True)
class Axis:
    """Maps values to positions: logarithmic, or linear from zero and without marks."""

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
            return []
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        if last - first >= 1:
            step = max(1, math.ceil((last - first + 1) / MOST_TICKS))
            return [10.0**power for power in range(first, last + 1, step)]
        digits = (10.0**power * digit for power in range(first - 1, last + 1) for digit in (1, 2, 3, 5, 7))
        return [value for value in digits if self.low <= value <= self.high]


def look(number: int) -> str:
    """Return the classes of a contender: 0 is windlass; when the colours of the peers are used up, they come dashed."""
    turn, colour = divmod(number - 1, PEERS)
    return "series-0" if number == 0 else f"series-{1 + colour}{' again' if turn else ''}"


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
    series = [Series(of.name, of.look, [point for point in of.points if min(point) > 0]) for of in series]
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
        drawn.append(f'<g class="line {look(of.look)}"><polyline points="{path}"/>{dots}</g>')
    return _plot(across, up, x, y, drawn, series)


def histograms(series: Sequence[Series], x: str, width: float) -> str:
    """Draw a histogram for each series, one above the other on the same axis, each as high as its own peak.

    Args:
        series: Points of the start of a bucket, and how many there are in it.
        x: What is counted, with its unit.
        width: The end of each bucket, as a multiple of its start.
    """
    series = [of for of in series if of.points]
    if not series:
        return ""
    across = Axis.log((end for of in series for at, _ in of.points for end in (at, at * width)), MARGIN, WIDTH - RIGHT)
    height = TOP + RIDGE * len(series) + BOTTOM
    drawn = []
    for number, of in enumerate(series):
        top = TOP + RIDGE * number
        up = Axis.from_zero(max(count for _, count in of.points), top + RIDGE - 2, top + 14)
        path = " ".join(_steps(of.points, width, across, up))
        drawn.append(
            f'<g class="steps {look(of.look)}"><polygon points="{path}"/></g>'
            f'<g class="names"><text x="{WIDTH - RIGHT}" y="{top + 11}" text-anchor="end">{escape(of.name)}</text></g>'
        )
    title = f'<text x="{WIDTH / 2}" y="{height - 6}" text-anchor="middle">{escape(x)}</text>'
    return _svg(
        height, f"how often which {x}", "".join([_columns(across, height), f'<g class="titles">{title}</g>', *drawn])
    )


def _steps(points: Points, width: float, across: Axis, up: Axis) -> Iterable[str]:
    """Walk along the tops of the buckets, down to the ground wherever one is missing."""
    ground, last = up.at(0), -1.0
    for at, count in points:
        left, right, top = across.at(at), across.at(at * width), up.at(count)
        if left - last > 0.01:
            yield from [f"{last:.1f},{ground:.1f}"] if last >= 0 else []
            yield f"{left:.1f},{ground:.1f}"
        yield f"{left:.1f},{top:.1f}"
        yield f"{right:.1f},{top:.1f}"
        last = right
    yield f"{last:.1f},{ground:.1f}"


def _columns(across: Axis, height: float) -> str:
    """Draw the vertical lines of the grid, and their values below."""
    lines = (
        f'<line x1="{at:.1f}" y1="{TOP}" x2="{at:.1f}" y2="{height - BOTTOM}"/>'
        f'<text x="{at:.1f}" y="{height - BOTTOM + 14}" text-anchor="middle">{short(tick)}</text>'
        for tick in across.ticks()
        for at in [across.at(tick)]
    )
    return f'<g class="grid">{"".join(lines)}</g>'


def _svg(height: float, label: str, drawn: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}">{drawn}</svg>'


def _plot(across: Axis, up: Axis, x: str, y: str, drawn: Sequence[str], series: Sequence[Series]) -> str:
    rows = (
        f'<line x1="{LEFT}" y1="{at:.1f}" x2="{WIDTH - RIGHT}" y2="{at:.1f}"/>'
        f'<text x="{LEFT - 5}" y="{at + 4:.1f}" text-anchor="end">{short(tick)}</text>'
        for tick in up.ticks()
        for at in [up.at(tick)]
    )
    middle = (TOP + HEIGHT - BOTTOM) / 2
    titles = (
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x)}</text>'
        f'<text x="11" y="{middle}" text-anchor="middle" transform="rotate(-90 11 {middle})">{escape(y)}</text>'
    )
    grid = f'{_columns(across, HEIGHT)}<g class="grid">{"".join(rows)}</g><g class="titles">{titles}</g>'
    return _svg(HEIGHT, f"{y} against {x}", "".join([grid, *drawn])) + legend(series)


def legend(series: Sequence[Series]) -> str:
    """List the names beside their colours."""
    items = (f'<li class="{look(of.look)}">{escape(of.name)}</li>' for of in series)
    return f'<ul class="legend">{"".join(items)}</ul>'
