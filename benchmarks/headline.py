"""The tables of figures in the READMEs, written from a run that was kept, never by hand."""

from pathlib import Path
from typing import NamedTuple

import table
from interleave import SUBJECT
from intervals import Interval, Spread
from outcome import Outcome, Report
from table import number

HERE = Path(__file__).parent
DETAILED, FIRST = HERE / "README.md", HERE.parent / "README.md"  # the second only in a checkout
STORED = HERE / "results" / "full.json"  # the run that the READMEs quote


class Headline(NamedTuple):
    """A row worth a place in the project's README, and what it is called there."""

    measure: str
    figure: str
    peer: str
    label: str


HEADLINES = (
    Headline("submit-collect", "time", "ThreadPoolExecutor", "submit a no-op and collect its result, one of 10 000"),
    Headline("round-trip", "p50", "ThreadPoolExecutor", "one task, there and back"),
    Headline("pending-memory", "submit(noop, i), tracemalloc", "ThreadPoolExecutor", "memory of a task while it waits"),
    Headline("queue-deep", "time", "queue.PriorityQueue", "put and get, 8 priorities, queue 200 000 deep"),
    Headline("process-each", "time", "ProcessPoolExecutor", "submit a no-op to a process and collect, one of 5 000"),
    Headline("process-map", "time", "multiprocessing.Pool", "map of 50 000 no-ops over 2 processes, for each"),
    Headline("process-pool", "trip", "multiprocessing.Pool", "one task, to a process and back"),
    Headline("ticker-busy", "p50", "absolute time.sleep", "lateness of a 50 Hz loop beside a busy Python thread"),
)


def update_readmes(report: Report, first: Path = FIRST, detailed: Path = DETAILED) -> None:
    """Write the headlines into the project's README, and every figure into that of the benchmarks.

    Raises:
        OSError: There is no such README: this is no checkout.
        ValueError: The run is none to be quoted, or a README lacks its markers.
    """
    if report.quick or report.null or report.interrupted:
        raise ValueError("only a full run may be quoted: not a quick, a null or an interrupted one")
    table.update_readme(first, headlines(report))
    table.update_readme(detailed, table.markdown(report))


def headlines(report: Report) -> str:
    """Return the headlines as a Markdown table, with what the figures were measured on."""
    outcomes = {outcome.measure: outcome for outcome in report.outcomes}
    lines = ["| | windlass | beside | ratio |", "|---|---|---|---|"]
    for headline in HEADLINES:
        outcome = outcomes.get(headline.measure)
        lines += [] if outcome is None else _line(outcome, headline)
    machine = report.machine
    lines += ["", f"Python {machine['Python']}, {machine['CPU']}, {report.when}; {report.load}."]
    return "\n".join(lines) + "\n"


def _line(outcome: Outcome, headline: Headline) -> list[str]:
    row = next((row for row in outcome.rows if (row.figure, row.peer) == (headline.figure, headline.peer)), None)
    ratios = [] if row is None else outcome.ratios(row)
    if row is None or not ratios:
        return []
    mine = Spread.of(outcome.values(SUBJECT, row.figure)).median
    theirs = Spread.of(outcome.values(headline.peer, row.figure)).median
    interval = Interval.of(ratios)
    times = f"{number(Spread.of(ratios).median)}x ({number(interval.low)}..{number(interval.high)})"
    peer = f"`{headline.peer}` {number(theirs)} {row.unit}"
    return [f"| {headline.label} | {number(mine)} {row.unit} | {peer} | {times} |"]
