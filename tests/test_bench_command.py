"""``windlass bench`` as it is typed: what it refuses, what it leaves behind, and Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

import pytest

from windlass import bench, cli

LIMIT = 120  # seconds; only a hang reaches it
COMMAND = [sys.executable, "-m", "windlass", "bench"]


def windlass_bench(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=LIMIT)


def test_list_names_subjects_measures_and_rivals() -> None:
    done = windlass_bench("--list")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for subject in ("queue", "task", "threads", "dropins", "decorators", "limiter", "loops", "processes", "growth"):
        assert subject in lines
    assert any(line.startswith("    submit-collect: windlass, ThreadPoolExecutor") for line in lines)
    for rival in ("stdlib", "mpire", "pebble", "loky", "billiard", "culsans", "APScheduler"):
        assert any(line.startswith(f"    {rival}: ") for line in lines), rival
    for original in ("PyMultiTasking", "DockMaster", "DumbPipelineBox", "pypfp"):
        assert any(line.startswith(f"    {original}: cannot be installed: ") for line in lines), original


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "no subject or measure has 'nonsense' in its name"),
        (["--rivals", "stdlib,nobody"], "no rival is called 'nobody'; there are: stdlib, "),
        (["--rivals", "PyMultiTasking"], "nothing to measure: PyMultiTasking: cannot be installed: not on PyPI"),
        (["limiter", "--rivals", "uvloop"], "nothing to measure: "),
        (["--rounds", "0"], "--rounds must be at least 1"),
        (["--rounds", "x"], "invalid int value"),
        (["--update-readme"], "--update-readme needs --from FILE"),
        (["--json", "-", "--html", "-"], "only one of --json and --html"),
        (["--json", "nowhere/x.json"], "No such file or directory"),
        (["--html", "nowhere/x.html"], "No such file or directory"),
        (["--from", "nowhere.json"], "No such file or directory"),
    ],
)
def test_wrong_usage_is_refused_before_the_work(
    arguments: Sequence[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = cli.main(["bench", *arguments])
    except SystemExit as end:
        status = end.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("text", ["{}", "[", "[]", '{"format": 1}', '{"format": 1, "outcomes": [1]}', "\x00"])
def test_file_that_is_no_report_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text(text)
    assert cli.main(["bench", "--from", str(tmp_path / "x.json")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{tmp_path / 'x.json'}: no report that `windlass bench --json` has kept: " in line


@pytest.mark.slow
def test_run_leaves_table_json_and_page_and_can_be_shown_again(tmp_path: Path) -> None:
    kept, page = tmp_path / "run.json", tmp_path / "run.html"
    done = windlass_bench("limiter", "--rivals", "STDLIB", "--quick", "--rounds", "2", "--json", kept, "--html", page)
    assert done.returncode == 0, done.stderr
    assert "[1/1] limiter: limiter, 2 rounds" in done.stderr
    assert "call under a Limiter" in done.stdout
    report = json.loads(kept.read_text())
    (outcome,) = report["outcomes"]
    assert (report["rounds"], report["quick"], report["interrupted"]) == (2, True, False)
    assert {name: len(standing["rounds"]) for name, standing in outcome["standings"].items()} == {
        "windlass": 2,
        "threading.Semaphore": 2,
    }
    assert {"Python", "CPU", "windlass", "system"} <= set(report["machine"])
    ElementTree.fromstring(page.read_text().partition("\n")[2])

    again = windlass_bench("--from", kept, "--html", "-")
    assert again.returncode == 0
    assert again.stdout == page.read_text()
    assert again.stderr == done.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_the_partial_table_and_files(number: signal.Signals, tmp_path: Path) -> None:
    kept, page = tmp_path / "run.json", tmp_path / "run.html"
    # The first measure is done within moments; those after it take many seconds.
    arguments = ["limiter", "loops", "--quick", "--rounds", "1", "--json", str(kept), "--html", str(page)]
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert "limiter, 1 rounds" in running.stderr.readline()
        running.send_signal(number)
        output, errors = running.communicate(timeout=LIMIT)
    assert running.returncode == 130, errors
    assert "Traceback" not in errors
    report = json.loads(kept.read_text())
    assert report["interrupted"]
    assert report["outcomes"][0]["subject"] == "limiter"
    assert len(report["outcomes"]) <= 2, "nothing begins after Ctrl-C"
    assert len(report["outcomes"][0]["standings"]["windlass"]["rounds"]) == 1
    assert "call under a Limiter" in output
    assert "interrupted: not everything was measured" in output
    assert "interrupted: not everything was measured" in page.read_text()


def test_null_run_needs_no_windlass_and_says_what_it_is(tmp_path: Path) -> None:
    kept = tmp_path / "run.json"
    done = windlass_bench("limiter", "--null", "--quick", "--rounds", "1", "--json", kept)
    assert done.returncode == 0, done.stderr
    assert json.loads(kept.read_text())["null"]
    assert "null run" in done.stdout


def test_without_the_suite_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "PLACES", (tmp_path,))
    assert cli.main(["bench", "--quick"]) == 2
    errors = capsys.readouterr().err
    assert "pip install '.[bench]'" in errors
    assert str(tmp_path) in errors


def test_suite_is_where_the_door_looks_for_it() -> None:
    suite = bench.find_suite()
    assert suite is not None
    for part in ("compare.py", "floors.toml", "page.css", "subjects.py", "children/contestant.py"):
        assert (suite / part).is_file(), part
    assert not os.path.exists(suite / "__init__.py"), "a folder of programs, not a package"


def test_help_of_the_command_line_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert bench.SUMMARY in capsys.readouterr().out
