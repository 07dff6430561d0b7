"""The tables of figures in the READMEs are those of the stored run."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import bench_reports
import bench_suite
import headline
import table
from headline import Headline
from outcome import Report

FIRST = Path(__file__).parents[1] / "README.md"
STORED = bench_suite.SUITE / "results" / "full.json"  # in a checkout


@pytest.fixture
def readmes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setattr(headline, "HEADLINES", (Headline("sums", "time", "peer & co", "a sum"),))
    paths = [tmp_path / "first.md", tmp_path / "detailed.md"]
    for path in paths:
        path.write_text("before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n")
    return paths


def test_readmes_get_the_figures_of_the_run_and_keep_the_rest(readmes: list[Path]) -> None:
    report = bench_reports.report()
    headline.update_readmes(report, *readmes)
    first, detailed = (path.read_text() for path in readmes)
    assert first == (
        "before\n<!-- figures -->\n\n| | windlass | beside | ratio |\n|---|---|---|---|\n"
        "| a sum | 10.0 ns/task | `peer & co` 20.8 ns/task | 2.08x (1.90..2.30) |\n\n"
        "Python 3.11, a <fast> one, 2026-11-21 08:00 UTC; load average 1.00 to 1.00, steal 0.0 %.\n\n"
        "<!-- /figures -->\nafter\n"
    )
    assert table.markdown(report) in detailed
    headline.update_readmes(report, *readmes)
    assert [path.read_text() for path in readmes] == [first, detailed], "a second time changes nothing"


def test_only_a_whole_run_may_be_quoted(readmes: list[Path]) -> None:
    for flaw in ("quick", "null", "interrupted"):
        with pytest.raises(ValueError, match="only a full run may be quoted"):
            headline.update_readmes(replace(bench_reports.report(), **{flaw: True}), *readmes)
    assert all("old" in path.read_text() for path in readmes)


def test_readme_without_markers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("no markers\n")
    with pytest.raises(ValueError, match=r"README\.md lacks the lines"):
        table.update_readme(path, "figures")


@pytest.mark.skipif(not STORED.exists(), reason="needs a checkout with the results of a full run")
def test_readmes_quote_the_stored_run() -> None:
    report = Report.from_data(json.loads(STORED.read_text()))
    assert (report.quick, report.null, report.interrupted) == (False, False, False)
    assert headline.headlines(report) in FIRST.read_text()
    assert table.markdown(report) in (bench_suite.SUITE / "README.md").read_text()


@pytest.mark.slow
def test_every_headline_is_a_row_of_the_suite() -> None:
    from selection import select

    rows = {
        (entry.measure.name, row.figure, row.peer)
        for entry in select([], None, quick=False, null=False)
        for row in entry.measure.rows
    }
    assert [h.label for h in headline.HEADLINES if (h.measure, h.figure, h.peer) not in rows] == []
