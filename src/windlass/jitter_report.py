"""How ``windlass jitter`` looks: a live line on a terminal, then the histogram, the percentiles and the verdict."""

import contextlib
from collections.abc import Callable
from typing import TextIO

from windlass._core.histogram import Histogram
from windlass.jitter import Jitter, in_us, verdict
from windlass.ticker import Ticker

BAR = 40  # characters of the longest bar
PERCENTS = (50, 90, 99, 99.9)


def live_line(stream: TextIO, duration: float) -> Callable[[Ticker, float], None]:
    """Return what shows on one line of a terminal how the loop has done so far."""

    def show(ticker: Ticker, had: float) -> None:
        lateness = ticker.histogram("lateness")
        percentiles = lateness.percentiles(50, 99, 100)
        words = (in_us(value) if value is not None else "-" for value in percentiles)
        texts = (f"{name} {word}" for name, word in zip(("p50", "p99", "max"), words, strict=True))
        line = f"{had:.1f} of {duration:g} s, {ticker.ticks} ticks, {ticker.total_missed} missed, us late: "
        with contextlib.suppress(OSError, ValueError):  # a screen that has gone is no reason to end
            stream.write(f"\r{line}{', '.join(texts)}\x1b[K")
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
    print(*(f"  {line}" for line in bars(found.lateness)), sep="\n", file=stream)
    print(f"\n{'us':16}{'min':>8}{''.join(f'p{percent:g}'.rjust(8) for percent in PERCENTS)}{'max':>8}", file=stream)
    for name, times in (
        ("lateness", found.lateness),
        ("period jitter", found.period_jitter),
        ("GIL wait", found.gil_wait),
        ("floor (C)", found.floor),
    ):
        print(f"{name:16}{figures(times)}", file=stream)
    print(f"\n{verdict(found)}", file=stream)


def figures(times: Histogram | None) -> str:
    """Return minimum, percentiles and maximum in columns."""
    if times is None:
        return f"{'not available here':>20}"
    return "".join(f"{'-' if value is None else in_us(value):>8}" for value in times.percentiles(0, *PERCENTS, 100))


def bars(times: Histogram) -> list[str]:
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
        bar = "#" * round(BAR * count / most) or ("." if count else "")  # never nothing for something
        lines.append(f"below {1 << octave:>8} us {count:>10} {count / times.count:>7.2%}  {bar}".rstrip())
    return lines
