"""``windlass demo``: its exit statuses, its JSON, and how it looks."""

import dataclasses
import io
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from windlass import cli, demo, demo_parse, demo_report
from windlass._version import __version__

LIMIT = 120  # seconds; far beyond what anything here takes, so that only a hang reaches it
# A free-threaded interpreter warns when a module turns its GIL on: children keep it off if we did.
GIL = [] if getattr(sys, "_is_gil_enabled", lambda: True)() else ["-X", "gil=0"]
INTERPRETER = [sys.executable, "-X", "dev", "-W", "error", *GIL]
COMMAND = [*INTERPRETER, "-m", "windlass"]
WITH_MAIN = "import sys; from windlass.cli import main; sys.exit(main(sys.argv[1:]))"
# A shell's background job starts with SIGINT ignored, and so do its children, which may be this test run.
INTERRUPTIBLE = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {WITH_MAIN}"
WITHOUT_RICH = f"import sys; sys.modules['rich'] = None; {WITH_MAIN}"

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX links and FIFOs")


def windlass(*arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        env={**os.environ, **environment},
    )


def test_demo_prints_plain_lines_without_a_terminal(tree: Path) -> None:
    done = windlass("demo", tree, "--workers", "2", "--top", "1")
    assert done.returncode == 0
    progress = [line for line in done.stderr.splitlines() if line != demo_report.WITHOUT_RICH]
    assert progress[0] == "windlass demo: 3 files, 0.0 MB, 2 workers"
    assert sorted(progress[1:]) == [
        "windlass demo:  33 %, 1 file, 0.0 MB",
        "windlass demo:  66 %, 2 files, 0.0 MB",
        "windlass demo: 100 %, 3 files, 0.0 MB",
    ]
    table = done.stdout.splitlines()
    assert table[0] == f"windlass demo: {tree}"
    assert "files             3" in table
    assert "top identifiers   x  4" in table
    assert "errors            0" in table
    for label in ("bytes", "lines", "tasks per second", "queue wait", "run time", "digest"):
        assert any(line.startswith(label) for line in table)
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.slow
def test_demo_reads_the_standard_library(tmp_path: Path) -> None:
    done = windlass("demo", "--json", tmp_path / "out.json")
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "out.json").read_text())
    assert document["files"] > 100
    assert document["found"] == document["tasks"]
    assert document["top"][0]["name"] == "self"
    assert not any("site-packages" in entry["path"] for entry in document["errors"])


@pytest.mark.parametrize("what", ["missing", "file"])
def test_demo_refuses_what_is_no_directory(tmp_path: Path, what: str) -> None:
    (tmp_path / "file").touch()
    done = windlass("demo", tmp_path / what)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert str(tmp_path / what) in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "--workers", "0"],
        ["demo", "--workers", "two"],
        ["demo", "--top", "-1"],
        [],
        ["dem"],
        ["demo", "--js", "x"],
    ],
)
def test_usage_errors_end_with_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"windlass {__version__}\n"


def test_demo_of_an_empty_directory(tmp_path: Path) -> None:
    done = windlass("demo", tmp_path)
    assert done.returncode == 0
    assert "queue wait        p50 -, p99 -, max -" in done.stdout.splitlines()


def test_demo_writes_the_summary_as_json(tree: Path, tmp_path: Path) -> None:
    (tree / "bad.py").write_bytes(b"\xff")
    target = tmp_path / "out.json"
    target.write_text("old")
    assert windlass("demo", tree, "--json", target).returncode == 0
    document = json.loads(target.read_text())
    assert list(document) == [*(field.name for field in dataclasses.fields(demo.Summary)), "parsing"]
    assert list(document["parsing"]) == [field.name for field in dataclasses.fields(demo_parse.ParseSummary)]
    assert (document["parsing"]["files"], document["parsing"]["refused"]) == (3, 1)
    assert document["top"][0] == {"name": "x", "count": 4}
    assert [entry["path"] for entry in document["errors"]] == ["bad.py"]
    assert set(document["wait_time"]) == {"p50", "p99", "max"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json", "tree"]


def test_demo_shows_the_second_half_and_leaves_it_out_on_request(tree: Path) -> None:
    lines = windlass("demo", tree).stdout.splitlines()
    at = lines.index("windlass demo: tokenise and parse in processes")
    assert lines[at + 1] == "files             3"
    assert [line[:18].strip() for line in lines[at + 2 :]][:3] == ["bytes", "tokens", "syntax nodes"]
    without = windlass("demo", tree, "--parse", "0", "--json", "-")
    assert json.loads(without.stdout)["parsing"] is None
    assert "in processes" not in without.stderr


def test_demo_writes_json_to_standard_output(tree: Path) -> None:
    done = windlass("demo", tree, "--json", "-")
    assert done.returncode == 0
    assert json.loads(done.stdout)["files"] == 3
    assert "files             3" in done.stderr.splitlines()


@pytest.mark.parametrize("target", ["nowhere/out.json", ".", "folder/"])
def test_demo_refuses_a_json_file_that_cannot_be(tree: Path, target: str) -> None:
    done = windlass("demo", tree, "--json", tree / target if target != "folder/" else f"{tree}/folder/")
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_write_json_leaves_the_old_file_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "out.json"
    target.write_text("old")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        cli.write_json({}, str(target))
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]
    assert target.read_text() == "old"


@needs_links
def test_write_json_replaces_the_file_behind_a_link_and_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_text("old")
    target.chmod(0o600)
    (tmp_path / "link").symlink_to("out.json")
    cli.write_json({"a": 1}, str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert json.loads(target.read_text()) == {"a": 1}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    cli.write_json({}, os.devnull)
    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)


@needs_links
def test_demo_shows_odd_names_escaped(tmp_path: Path) -> None:
    os.symlink("nowhere", os.fsencode(tmp_path) + b"/[red]\x1b[31m\n\xff.py")
    (tmp_path / "good.py").write_text("変数 = 1\n")
    done = windlass("demo", tmp_path, "--json", tmp_path / "out.json", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    shown = "[red]\\x1b[31m\\n\\udcff.py"
    assert f"{'':18}{shown}: FileNotFoundError: No such file or directory" in done.stdout.splitlines()
    assert "top identifiers   \\u5909\\u6570  1" in done.stdout.splitlines()
    document = json.loads((tmp_path / "out.json").read_text())
    assert document["errors"][0]["path"] == shown
    assert document["top"][0]["name"] == "変数"


def test_demo_lists_so_many_errors_and_counts_the_rest(tree: Path) -> None:
    for number in range(demo_report.LISTED + 5):
        (tree / f"bad{number}.py").write_bytes(b"\xff")
    labels = demo_report.rows(demo.run(str(tree), demo_report.LineProgress(io.StringIO()), workers=2))
    at = labels.index(("errors", str(demo_report.LISTED + 5)))
    assert len(labels) == at + 1 + demo_report.LISTED + 1 + 1
    assert labels[-2] == ("", "and 5 more; --json lists them all")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (0.0, "0 us"), (1.5e-6, "1.5 us"), (0.0123, "12.3 ms"), (1.0, "1 s"), (12345.6, "12346 s")],
)
def test_duration(seconds: float | None, text: str) -> None:
    assert demo_report.duration(seconds) == text


def test_demo_works_without_rich(tree: Path) -> None:
    done = subprocess.run(
        [*INTERPRETER, "-c", WITHOUT_RICH, "demo", str(tree)],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == demo_report.WITHOUT_RICH
    assert "files             3" in done.stdout.splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_demo_draws_bar_and_table_on_a_terminal(tree: Path) -> None:
    pytest.importorskip("rich")
    (tree / "[red].py").write_bytes(b"\xff")  # rich's mark-up, were it not escaped
    controller, terminal = os.openpty()
    with subprocess.Popen(
        [*COMMAND, "demo", str(tree)],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    ) as process:
        os.close(terminal)
        output = b""
        try:
            while chunk := os.read(controller, 1 << 16):
                output += chunk
        except OSError:  # EIO: the terminal's other end is closed
            pass
        assert process.wait(LIMIT) == 0
    os.close(controller)
    text = output.decode()
    assert "\x1b[?25l" in text  # the cursor, hidden and
    assert "\x1b[?25h" in text  # shown again
    assert "of 4 files" in text
    assert "│" in text
    assert "[red].py: SyntaxError" in text
    assert "Traceback" not in text


@needs_links
def test_demo_ends_quietly_when_its_reader_has_gone(tree: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, "demo", str(tree)],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@needs_links
@pytest.mark.slow
def test_ctrl_c_leaves_a_partial_table_and_json_and_status_130(tmp_path: Path) -> None:
    # Many times the work before the signal is left after it; hard links, so that it takes no room.
    root = tmp_path / "tree"
    root.mkdir()
    (root / "0.py").write_text("spam = ham + eggs\n" * 50_000)
    for number in range(1, 200):
        os.link(root / "0.py", root / f"{number}.py")
    target = tmp_path / "out.json"
    with subprocess.Popen(
        [*INTERPRETER, "-c", INTERRUPTIBLE, "demo", str(root), "--json", str(target), "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        lines = (line for line in process.stderr if demo_report.WITHOUT_RICH not in line)
        assert next(lines) == "windlass demo: 200 files, 180.0 MB, 2 workers\n"
        assert next(lines) == "windlass demo:  10 %, 20 files, 18.0 MB\n"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    document = json.loads(target.read_text())
    assert document["interrupted"] is True
    assert document["found"] == 200
    assert 20 <= document["files"] == document["tasks"] < 200
    assert document["unfinished"] == 200 - document["files"]
    assert document["bytes"] == document["files"] * 900_000
    assert document["errors"] == []
    assert f"files             {document['files']} of 200 (interrupted)" in output.splitlines()
