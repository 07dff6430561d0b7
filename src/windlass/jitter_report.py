"""How ``windlass jitter`` looks: a live line on a terminal, then the histogram, the percentiles and the verdict."""

import contextlib
import os
from collections.abc import Callable
from itertools import zip_longest
from typing import TextIO

from windlass._core.histogram import Histogram
from windlass.jitter import Jitter, in_us, verdict
from windlass.ticker import Ticker

COLUMNS = 80  # of a file, or of a terminal that does not tell
BESIDE_BAR = 40  # columns that are not the bar's
SHORTEST_BAR = 8
PERCENTS = (50, 90, 99, 99.9)


def columns_of(stream: TextIO) -> int:
    """Return how wide the terminal is; 80 where there is none."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or COLUMNS
    except (OSError, ValueError, AttributeError):  # no terminal, closed, None where the process has no such stream
        return COLUMNS


def live_line(stream: TextIO, duration: float) -> Callable[[Ticker, float], None]:
    """Return what shows on one line of a terminal how the loop has done so far."""

    def show(ticker: Ticker, had: float) -> None:
        late = ticker.histogram("lateness").percentiles(50, 99, 100)
        p50, p99, most = ("-" if value is None else in_us(value) for value in late)
        line = f"{had:.1f} of {duration:g} s, us late: p50 {p50}"
        more = (f", p99 {p99}", f", max {most}", f"; {ticker.ticks} ticks", f", {ticker.total_missed} missed")
        columns = columns_of(stream) - 1  # one that wraps could not be written over
        for part in more:
            if len(line) + len(part) > columns:
                break
            line += part
        with contextlib.suppress(OSError, ValueError):  # a screen that has gone is no reason to end
            stream.write(f"\r{line[:columns]}\x1b[K")
            stream.flush()

    return show


def end_live_line(stream: TextIO) -> None:
    """Wipe the line."""
    with contextlib.suppress(OSError, ValueError):
        stream.write("\r\x1b[K")
        stream.flush()


def print_jitter(found: Jitter, stream: TextIO) -> None:
    """Print everything that was found."""
    options, grant = found.options, found.grant
    asked = f"interval {options.interval:g} s, spin {options.spin:g} s, gil {options.gil}, load {options.load}"
    had = f"class {grant.policy or 'unknown'}" + (f" {grant.priority}" if grant.priority else "")
    if grant.cpus is not None:
        had += f", processors {', '.join(map(str, grant.cpus))}"
    print(asked, had, *(f"not granted: {why}" for why in grant.refused), sep="\n", file=stream)
    print(f"{found.ticks} ticks, {found.missed} missed, {found.cpu:.1%} of a processor", file=stream)
    print("\nlateness", file=stream)
    longest = max(SHORTEST_BAR, min(columns_of(stream), COLUMNS) - BESIDE_BAR)
    print(*(f"  {line}" for line in bars(found.lateness, longest)), sep="\n", file=stream)
    print("", *table(found), "", verdict(found), sep="\n", file=stream)


def table(found: Jitter) -> list[str]:
    """Return minimum, percentiles and maximum of all times, in columns."""
    rows = [["us", "min", *(f"p{percent:g}" for percent in PERCENTS), "max"]]
    for name, times in (
        ("lateness", found.lateness),
        ("period jitter", found.period_jitter),
        ("GIL wait", found.gil_wait),
        ("floor (C)", found.floor),
    ):
        late = times.percentiles(0, *PERCENTS, 100) if times is not None else ()
        rows.append([name, *("-" if value is None else in_us(value) for value in late)])
    first, *others = (max(map(len, column)) for column in zip_longest(*rows, fillvalue=""))
    lines = ["  ".join((name.ljust(first), *map(str.rjust, cells, others))) for name, *cells in rows]
    if found.floor is None:
        lines[-1] += "  not available here"
    return lines


def bars(times: Histogram, longest: int) -> list[str]:
    """Draw one bar for each doubling of the time: its upper end, the count, the share and the bar."""
    octaves: dict[int, int] = {}
    for low, _, count in times.buckets():
        octave = max(0, (low // 1_000).bit_length())  # 0: below 1 us, 1: below 2 us, 2: below 4 us
        octaves[octave] = octaves.get(octave, 0) + count
    if not octaves:
        return ["nothing was recorded"]
    most = max(octaves.values())
    lines = []
    for octave in range(min(octaves), max(octaves) + 1):
        count = octaves.get(octave, 0)
        bar = "#" * round(longest * count / most) or ("." if count else "")  # never nothing for something
        lines.append(f"below {1 << octave:>8} us {count:>10} {count / times.count:>7.2%}  {bar}".rstrip())
    return lines
