"""Counts of instructions: callgrind's files, the difference to what was kept, and the table."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

import bench_suite  # noqa: F401 - makes the next imports possible
import instructions
from children.operation import OPERATIONS
from instructions import Counts

# The beginning and the end of what valgrind 3.19 writes for /bin/true.
REPORT = """\
# callgrind format
version: 1
creator: callgrind-3.19.0
pid: 23573
cmd:  /bin/true
part: 1


desc: I1 cache: 
desc: D1 cache: 
desc: LL cache: 

desc: Timerange: Basic block 0 - 28955
desc: Trigger: Program termination

positions: line
events: Ir
summary: 126623


ob=(1) /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
fl=(1) ???
fn=(0) 0x000000000001ab70
0 2
+5 3

totals: 126623
"""  # noqa: W291 - callgrind ends lines with spaces

KEPT = Counts({"Python": "3.11.7", "valgrind": "3.19.0"}, {"put": 100.0, "get": 1_000.0})


def test_total_of_a_callgrind_file() -> None:
    assert instructions.total(REPORT) == 126_623
    assert instructions.total(REPORT.replace("summary: 126623\n", "")) == 126_623


@pytest.mark.parametrize(
    ("report", "problem"),
    [
        ("", "not a callgrind output file"),
        (REPORT.replace("events: Ir", "events: Ir Dr Dw"), "not a callgrind output file of instruction counts"),
        (REPORT[: REPORT.index("summary")], "without a total"),
    ],
)
def test_file_that_counts_something_else_is_refused(report: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        instructions.total(report)


def test_only_what_has_grown_is_a_regression() -> None:
    assert instructions.grown(KEPT, {"put": 104.0, "get": 900.0, "new": 5.0}) == ["put"]
    assert instructions.grown(KEPT, {"put": 99 + instructions.TOLERANCE, "get": 1_000.0}) == []


def test_difference_is_shown_and_a_change_marked() -> None:
    _heading, put, get, new = instructions.lines(KEPT, {"put": 90.0, "get": 1_010.0, "new": 5.0})
    assert put.split() == ["put", "100", "90", "-10.0", "%", "<"]
    assert get.split() == ["get", "1000", "1010", "+1.0", "%"]
    assert new.split() == ["new", "5"]


def test_kept_counts_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instructions, "KEPT", tmp_path / "kept.json")
    monkeypatch.setattr(instructions, "TABLE", tmp_path / "kept.md")
    assert Counts.kept(tmp_path / "kept.json") == Counts({}, {})
    instructions.keep(KEPT)
    assert Counts.kept(tmp_path / "kept.json") == KEPT
    assert "| get | 1000 |" in (tmp_path / "kept.md").read_text()


def test_table_in_the_repository_is_that_of_the_kept_counts() -> None:
    kept = Counts.kept()
    assert list(kept.instructions) == list(OPERATIONS), "run python benchmarks/instructions.py --update"
    assert instructions.TABLE.read_text() == instructions.markdown(kept)


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_can_be_repeated(name: str) -> None:
    with contextmanager(OPERATIONS[name])() as repeat:
        repeat(3)
        repeat(5)


def test_without_valgrind_nothing_is_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    assert instructions.main([]) == instructions.FAILED
    assert "valgrind is not installed" in capsys.readouterr().err


def test_operation_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert instructions.main(["no such thing"]) == instructions.FAILED
    assert "tick of a Ticker" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
def test_valgrind_counts() -> None:
    made, read = instructions.count(["Task made", "result() of a finished Task"]).values()
    assert 50 < read < made < 100_000


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
def test_operation_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="KeyError: 'no such operation'"):
        instructions.count(["no such operation"])
