"""The picture of ``windlass jitter``: which share of the ticks was later than so much. matplotlib draws it."""

import importlib.util

from windlass._core.histogram import Histogram
from windlass.jitter import Jitter, in_us

WITHOUT_MATPLOTLIB = "--plot needs matplotlib; to install it: pip install 'windlass[plot]'"
INCHES, DOTS = (8, 4.5), 80  # a PNG of 640 x 360 takes about 30 kB


def has_matplotlib() -> bool:
    """Return whether matplotlib can be imported."""
    return importlib.util.find_spec("matplotlib") is not None


def later_than(times: Histogram) -> tuple[list[float], list[float]]:
    """Return times in microseconds, ascending, and for each the share of all values that lie beyond."""
    late, share = [], []
    left = times.count
    for _, high, count in times.buckets():
        # A logarithm has no zero: the first time is 10 ns at least, and nothing lies beyond the last.
        late.append(max(min(high, times.maximum or 0), 10) / 1e3)
        share.append(left / times.count)
        left -= count
    return late, share


def save_plot(found: Jitter, path: str) -> None:
    """Draw the picture and write it to ``path``, in the format of its ending.

    Raises:
        OSError: It cannot be written.
        ValueError: There is no such format.
    """
    from matplotlib.figure import Figure  # type: ignore[import-not-found, unused-ignore]  # an extra

    figure = Figure(figsize=INCHES, dpi=DOTS, layout="constrained")
    axes = figure.add_subplot()
    for name, times, style in (
        ("Ticker", found.lateness, "-"),
        ("clock_nanosleep in C (the floor)", found.floor, "--"),
    ):
        if times is None or not times.count:
            continue
        p50, p99 = (in_us(value or 0) for value in times.percentiles(50, 99))
        axes.step(*later_than(times), style, where="pre", label=f"{name}: p50 {p50} us, p99 {p99} us")
    options = found.options
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="microseconds late",
        ylabel="share of ticks that are later",
        title=f"every {options.interval:g} s, load {options.load}, gil {options.gil}: "
        f"{found.ticks} ticks, {found.missed} missed",
    )
    axes.grid(which="major", alpha=0.3)
    axes.legend()
    figure.savefig(path)
