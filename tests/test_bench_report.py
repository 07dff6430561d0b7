"""A run's report: what follows from the figures, its way through JSON, its lines and its Markdown."""

import io
import json

import pytest

import bench_reports
import table
from outcome import Report


def test_report_is_the_same_after_json() -> None:
    report = bench_reports.report()
    again = Report.from_data(json.loads(json.dumps(report.as_data(), allow_nan=False)))
    assert again == report


@pytest.mark.parametrize("data", [{}, [], {"format": 0}, None])
def test_what_is_no_report_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="not a report of format 1"):
        Report.from_data(data)


def test_ratios_are_taken_round_by_round() -> None:
    (outcome,) = bench_reports.report().outcomes
    slower, hung, elsewhere, equal, alone, switches = outcome.rows
    assert outcome.ratios(slower) == pytest.approx(bench_reports.RATES)
    assert outcome.ratios(hung) == outcome.ratios(elsewhere) == outcome.ratios(alone) == []
    assert [outcome.claim(row) for row in outcome.rows] == ["better", "", "", "no clear difference", "", "better"]
    assert outcome.ratios(equal) == [1.0] * 6
    assert outcome.ratios(switches) == [float("inf")] * 6
    assert [outcome.reached(row) for row in outcome.rows] == ["yes", "", "", "", "yes", ""]


def test_goal_is_within_spread_if_only_the_upper_quartile_reaches_it() -> None:
    (outcome,) = bench_reports.report().outcomes
    row = outcome.rows[0]
    for least, expected in ((2.0, "yes"), (2.15, "within spread"), (2.25, "no")):
        object.__setattr__(row, "least_ratio", least)
        assert outcome.reached(row) == expected


def test_lines_for_a_log() -> None:
    stream = io.StringIO()
    table.print_report(bench_reports.report(), stream, screen=False)
    lines = stream.getvalue().splitlines()
    assert "    windlass 10.0 ns/task   peer & co 20.8 [20.1..21.8] ns/task   ratio 2.08x (1.90..2.30): better   " in (
        line.partition("goal")[0] for line in lines
    )
    assert "    windlass 10.0 ns/task   hung hung" in lines
    assert "sums: hung hung: no result within 1 s" in lines
    assert "elsewhere: not installed (pip install elsewhere)" in lines
    assert "CPU: a <fast> one" in lines


def test_screen_shows_the_same_in_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    monkeypatch.setenv("COLUMNS", "140")
    stream = io.StringIO()
    table.print_report(bench_reports.report(), stream, screen=True)
    text = stream.getvalue()
    assert "sum <of> many" in text.replace("\n", " ") or "sum <of>" in text
    assert "sums: hung hung: no result within 1 s" in text


def test_narrow_screen_has_lines_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    on_screen, in_a_log = io.StringIO(), io.StringIO()
    table.print_report(bench_reports.report(), on_screen, screen=True)
    table.print_report(bench_reports.report(), in_a_log, screen=False)
    assert on_screen.getvalue() == in_a_log.getvalue()


def test_markdown_has_a_line_for_each_peer_that_is_here() -> None:
    text = table.markdown(bench_reports.report())
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    assert len(rows) == 1 + 5
    assert all(row.count("|") == 8 for row in rows)
    assert "* sums: hung hung: no result within 1 s" in text


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, "0"), (0.00123, "0.0012"), (0.5, "0.500"), (9.999, "10.00"), (12.34, "12.3"), (1234.5, "1 234")],
)
def test_numbers_have_three_digits(value: float, expected: str) -> None:
    assert table.number(value) == expected
