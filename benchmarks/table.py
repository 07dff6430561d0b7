"""Show outcomes: as lines for a log, as a table on a terminal, as a Markdown table."""

import importlib.util
import math
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TextIO

from interleave import SUBJECT, Row
from intervals import Interval, Spread
from outcome import Outcome, Report

BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
NARROWEST = 100  # columns of a terminal that has room for a table; lines are read more easily on a smaller one
COLOURS = {"better": "green", "worse": "red"}


class Line(NamedTuple):
    """One line of the table, in words."""

    label: str
    mine: str  # with its unit, or why there is none
    theirs: str
    peer: str
    ratio: str
    claim: str
    goal: str
    reached: str


def line(outcome: Outcome, row: Row) -> Line:
    """Return a row in words."""
    ratios = outcome.ratios(row)
    return Line(
        row.label,
        _value(outcome, SUBJECT, row),
        _value(outcome, row.peer, row) if row.peer else "",
        row.peer or "",
        _ratio(ratios) if ratios and row.most is None else "",
        outcome.claim(row) if row.most is None else "",
        row.goal,
        outcome.reached(row),
    )


def lines(outcome: Outcome) -> list[Line]:
    """Return the rows of an outcome in words, without those of peers that are not here."""
    return [line(outcome, row) for row in outcome.rows if row.peer is None or row.peer in outcome.standings]


def troubles(report: Report) -> Iterator[str]:
    """Say of everyone who went wrong where and why, a line each."""
    for outcome in report.outcomes:
        for name, standing in outcome.standings.items():
            if standing.why:
                yield f"{outcome.measure}: {name} {standing.state}: {standing.why}"


def _value(outcome: Outcome, contender: str, row: Row) -> str:
    values = outcome.values(contender, row.figure)
    if not values:
        return outcome.state(contender) or "not measurable here"
    spread = Spread.of(values)
    median, low, high = map(number, (spread.median, spread.low, spread.high))
    return f"{median} [{low}..{high}] {row.unit}" if low != high else f"{median} {row.unit}"


def _ratio(ratios: Sequence[float]) -> str:
    interval = Interval.of(ratios)
    median, low, high = map(number, (Spread.of(ratios).median, interval.low, interval.high))
    return f"{median}x ({low}..{high})"


def number(value: float) -> str:
    """Write a number with three digits, or all its whole ones."""
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= 100 or value == 0:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.{2 - math.floor(math.log10(abs(value)))}f}" if abs(value) >= 0.01 else f"{value:.2g}"


def text_lines(lines: Iterable[Line]) -> Iterator[str]:
    """Lay lines out for a log: the measure above, its figures below."""
    for of in lines:
        yield of.label
        against = f"   {of.peer} {of.theirs}" if of.peer else ""
        ratio = f"   ratio {of.ratio}: {of.claim}" if of.ratio else ""
        aim = f"   goal: {of.goal}: {of.reached}" if of.goal else ""
        yield f"    {SUBJECT} {of.mine}{against}{ratio}{aim}"


def print_report(report: Report, stream: TextIO, *, screen: bool) -> None:
    """Print the whole report: drawn by rich on a wide screen, where it is installed, in plain lines elsewhere."""
    wide = screen and shutil.get_terminal_size().columns >= NARROWEST
    if wide and importlib.util.find_spec("rich") is not None:
        _draw(report, stream)
    else:
        for outcome in report.outcomes:
            print(f"\n[{outcome.subject}: {outcome.measure}: {outcome.load}]", file=stream)
            print(*text_lines(lines(outcome)), sep="\n", file=stream)
    print(file=stream)
    absent = [f"{name}: {word}" for name, word in report.rivals.items()]
    print(*troubles(report), *absent, *report.notes(), sep="\n", file=stream)


def _draw(report: Report, stream: TextIO) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Column, Table

    heads = [Column(head, overflow="fold") for head in ("measure", "windlass", "peer", "ratio", "", "goal")]
    console = Console(file=stream, highlight=False)
    for subject in dict.fromkeys(outcome.subject for outcome in report.outcomes):
        drawn = Table(*map(replace, heads), title=subject, title_justify="left")
        for outcome in (outcome for outcome in report.outcomes if outcome.subject == subject):
            for of in lines(outcome):
                colour = COLOURS.get(of.claim, "dim")
                aim = f"{of.goal}: {of.reached}" if of.goal else ""
                peer = f"{of.peer} {of.theirs}" if of.peer else ""
                cells = (of.label, of.mine, peer, of.ratio)
                drawn.add_row(*map(escape, cells), f"[{colour}]{of.claim}[/]", escape(aim))
            drawn.add_section()
        console.print(drawn)


def markdown(report: Report) -> str:
    """Lay everything out as a Markdown table with the notes above it."""
    table = ["| measure | windlass | peer | ratio | | goal | reached |", "|---|---|---|---|---|---|---|"]
    for of in (of for outcome in report.outcomes for of in lines(outcome)):
        against = f"`{of.peer}` {of.theirs}" if of.peer else ""
        table.append(f"| {of.label} | {of.mine} | {against} | {of.ratio} | {of.claim} | {of.goal} | {of.reached} |")
    absent = [f"{name}: {word}" for name, word in report.rivals.items()]
    notes = [*report.notes(), *absent, *troubles(report)]
    return "\n".join([*(f"* {note}" for note in notes), "", *table]) + "\n"


def update_readme(readme: Path, figures: str) -> None:
    """Put ``figures`` between the two markers of ``readme``.

    Raises:
        ValueError: The markers are missing.
    """
    before, begin, rest = readme.read_text(encoding="utf-8").partition(f"{BEGIN}\n")
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{readme.name} lacks the lines {BEGIN} and {END}")
    readme.write_text(f"{before}{begin}\n{figures}\n{end}{after}", encoding="utf-8")
