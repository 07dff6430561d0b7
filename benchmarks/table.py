"""Show outcomes: as lines on a terminal, as a Markdown table, as plain data."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from interleave import SUBJECT, Outcome, Row, Spread

HEADINGS = ("measure", "unit", "windlass", "peer", "", "ratio", "goal", "reached")
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


def cells(outcome: Outcome, row: Row) -> tuple[str, ...]:
    """Return one line of the table, a cell for each of ``HEADINGS``."""
    mine = outcome.values(SUBJECT, row.figure)
    if not mine:
        return (row.label, row.unit, "not measurable here", row.peer or "", "", "", row.goal, "")
    ratios = outcome.ratios(row)
    theirs = outcome.values(row.peer, row.figure) if row.peer else []
    return (
        row.label,
        row.unit,
        _spread(Spread.of(mine)),
        _spread(Spread.of(theirs)) if theirs else "not installed" if row.peer else "",
        row.peer or "",
        _ratio(Spread.of(ratios)) if ratios and row.most is None else "",
        row.goal,
        outcome.verdict(row),
    )


def _spread(spread: Spread) -> str:
    median, low, high = map(_number, (spread.median, spread.low, spread.high))
    return f"{median} [{low}..{high}]" if low != high else median


def _ratio(spread: Spread) -> str:
    median, least, most = map(_number, (spread.median, spread.least, spread.most))
    return f"{median}x ({least}..{most})"


def _number(value: float) -> str:
    """Write a number with three digits, or all its whole ones."""
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= 100 or value == 0:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.{2 - math.floor(math.log10(abs(value)))}f}" if abs(value) >= 0.01 else f"{value:.2g}"


def text_lines(lines: Iterable[tuple[str, ...]]) -> Iterable[str]:
    """Lay lines out for a terminal, each as soon as it comes: the measure above, its figures below."""
    for label, unit, mine, theirs, peer, ratio, goal, reached in lines:
        yield label
        against = f"   {peer} {theirs} {unit}" if peer else ""
        aim = f"   goal: {goal}: {reached}" if goal else ""
        yield f"    {SUBJECT} {mine} {unit}{against}{f'   ratio {ratio}' if ratio else ''}{aim}"


def markdown(lines: Iterable[tuple[str, ...]], notes: Iterable[str]) -> str:
    """Lay the lines out as a Markdown table with the notes above it, one to a line."""
    table = ["| measure | windlass | peer | ratio | goal | reached |", "|---|---|---|---|---|---|"]
    for label, unit, mine, theirs, peer, ratio, goal, reached in lines:
        against = f"`{peer}` {theirs} {unit}" if peer else ""
        table.append(f"| {label} | {mine} {unit} | {against} | {ratio} | {goal} | {reached} |")
    return "\n".join([*(f"* {note}" for note in notes), "", *table]) + "\n"


def update_readme(readme: Path, figures: str) -> None:
    """Put ``figures`` between the two markers of ``readme``.

    Raises:
        ValueError: The markers are missing.
    """
    before, begin, rest = readme.read_text().partition(f"{BEGIN}\n")
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{readme.name} lacks the lines {BEGIN} and {END}")
    readme.write_text(f"{before}{begin}\n{figures}\n{end}{after}")


def as_data(outcome: Outcome) -> dict[str, Any]:
    """Return everything that was measured, ready for JSON."""
    rows = [
        {
            "measure": row.label,
            "figure": row.figure,
            "unit": row.unit,
            "peer": row.peer,
            "goal": row.goal,
            "ratios": outcome.ratios(row),
            "verdict": outcome.verdict(row) if outcome.values(SUBJECT, row.figure) else "not measurable here",
        }
        for row in outcome.measure.rows
    ]
    return {"subject": outcome.measure.name, "rounds": outcome.rounds, "rows": rows}
