"""A report of the benchmarks with everything in it that can be, as a run would have left it."""

import bench_suite  # noqa: F401 - makes the next imports possible
from contestant import Reply
from interleave import Curve, Measure, Row, Shape
from outcome import Outcome, Report

RATES = (2.0, 2.1, 2.2, 1.9, 2.05, 2.3)


def measure() -> Measure:
    rows = [
        Row("sum <of> many", "time", "ns/task", "peer & co", goal="1.5x", least_ratio=1.5),
        Row("sum <of> many", "time", "ns/task", "hung"),
        Row("sum <of> many", "time", "ns/task", "elsewhere"),
        Row("bytes", "bytes", "bytes", "peer & co"),
        Row("alone", "alone", "us", None, goal="at most 5 us", most=5),
        Row("switches", "switches", "", "peer & co"),
    ]
    return Measure(
        "sums",
        dict.fromkeys(("windlass", "peer & co", "hung"), lambda: None),  # type: ignore[arg-type]
        rows,
        curves=[Curve("growth of sums", "tasks", "ns", {10.0: "time", 1000.0: "bytes", 5.0: "zero", 7.0: "none"})],
        shapes=[Shape("late", "lateness of sums", "us")],
    )


def report() -> Report:
    """Return a report of one measure: a peer that is slower, and one that hung."""
    outcome = Outcome.begin("tests", measure())
    outcome.load = "load average 1.00 to 1.00"
    for rate in RATES:
        common = {"bytes": 100.0, "zero": 0.0}
        mine = {"time": 10.0, "alone": 4.0, "switches": 0.0, **common}
        outcome.standings["windlass"].add(Reply(figures=mine, samples={"late": {-3: 1, 0: 5, 8: 2}}))
        theirs = {"time": 10.0 * rate, "switches": 3.0, **common}
        outcome.standings["peer & co"].add(Reply(figures=theirs, samples={"late": {20: 1}}))
    outcome.standings["hung"].add(Reply(figures={"time": 1.0}))
    outcome.standings["hung"].state, outcome.standings["hung"].why = "hung", "no result within 1 s"
    machine = {"windlass": "1.0", "Python": "3.11", "CPU": "a <fast> one"}
    return Report(
        when="2026-11-21 08:00 UTC",
        machine=machine,
        rivals={"peer & co": "2.0", "elsewhere": "not installed (pip install elsewhere)"},
        rounds=6,
        load="load average 1.00 to 1.00, steal 0.0 %",
        outcomes=[outcome],
    )
