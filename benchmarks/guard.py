"""Compare the ratios of a run with the floors in floors.toml: a fall below one is a regression.

A floor is about half of what was measured, and only for figures that hardly depend on the machine; and a measure that
fell is measured once more (in ``compare``), so that noise does not fail a build.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from contestant import UNAVAILABLE
from interleave import SUBJECT, Row
from intervals import Spread
from outcome import Outcome, Report
from table import number

FLOORS = Path(__file__).with_name("floors.toml")


class Floor(NamedTuple):
    """The least ratio, peer / windlass, of one figure of one measure."""

    measure: str
    figure: str
    peer: str
    least: float

    def __str__(self) -> str:
        return f"{self.measure}, {self.figure}, beside {self.peer}"


def read_floors(path: Path = FLOORS) -> list[Floor]:
    """Read the floors: a table for each measure, in it one for each figure, in it one number for each peer."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Floor(measure, figure, peer, float(least))
        for measure, figures in tables.items()
        for figure, peers in figures.items()
        for peer, least in peers.items()
    ]


class Fall(NamedTuple):
    """A floor that does not hold, and why."""

    floor: Floor
    why: str


def fallen_below(report: Report, floors: list[Floor]) -> Iterator[Fall]:
    """Find the floors that do not hold. One holds whose measure was not run here, or whose peer gave nothing."""
    outcomes = {outcome.measure: outcome for outcome in report.outcomes}
    for floor in floors:
        outcome = outcomes.get(floor.measure)
        if outcome is None or outcome.state(SUBJECT) == UNAVAILABLE:
            continue
        row = _row(outcome, floor)
        if row is None:
            yield Fall(floor, "there is no such figure (any more)")
        elif not outcome.values(SUBJECT, floor.figure):
            yield Fall(floor, "windlass gave no figure")
        elif (ratios := outcome.ratios(row)) and (median := Spread.of(ratios).median) < floor.least:
            yield Fall(floor, f"{number(median)}x, and the floor is {number(floor.least)}x")


def _row(outcome: Outcome, floor: Floor) -> Row | None:
    named = (row for row in outcome.rows if (row.figure, row.peer) == (floor.figure, floor.peer))
    return next(named, None)
