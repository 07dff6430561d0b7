"""``windlass jitter``: it measures, says what the limit is, writes what it was asked to, and refuses what it cannot."""

import contextlib
import dataclasses
import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from windlass import RealtimeGrant, jitter_plot
from windlass._core.histogram import Histogram
from windlass._core.sleep_floor import sleep_floor
from windlass.cli import main
from windlass.jitter import Jitter, JitterOptions, run, verdict
from windlass.jitter_report import bars, live_line, print_jitter, table
from windlass.ticker import Ticker

LIMIT = 120  # seconds; only a hang reaches it
SHORT = ["--interval", "1ms", "--duration", "50ms"]


def times(*microseconds: float) -> Histogram:
    histogram = Histogram()
    histogram.record_all(round(value * 1_000) for value in microseconds)
    return histogram


def found(lateness: Histogram, floor: Histogram | None, gil_wait: Histogram | None = None, gil: str = "auto") -> Jitter:
    return Jitter(
        options=JitterOptions(gil=gil),
        grant=RealtimeGrant("other", 0, (0,), 50_000),
        ticks=lateness.count,
        missed=0,
        cpu=0.01,
        lateness=lateness,
        period_jitter=Histogram(),
        gil_wait=gil_wait or Histogram(),
        floor=floor,
    )


@pytest.mark.slow
@pytest.mark.parametrize("load", ["none", "gil", "cpu"])
def test_command_measures_under_each_load(load: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jitter", *SHORT, "--load", load]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""  # no live line where there is no terminal
    for text in ("interval 0.001 s", f"load {load}", "lateness", "floor (C)"):
        assert text in shown.out


def test_json_holds_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "jitter.json"
    assert main(["jitter", *SHORT, "--spin", "20us", "--gil", "after", "--json", str(target)]) == 0
    document = json.loads(target.read_text())
    assert document["options"]["spin"] == 20e-6
    assert document["options"]["gil"] == "after"
    for name in ("lateness", "period_jitter", "gil_wait"):
        assert sum(count for *_, count in document[name]["buckets"]) == document[name]["count"]
    assert document["lateness"]["count"] == document["ticks"]
    assert document["verdict"] in capsys.readouterr().out


def test_loop_has_what_was_asked_for_and_nobody_else() -> None:
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    done = run(JitterOptions(interval=0.002, duration=0.02, cpus=(0,)), lambda *_: None)
    assert done.grant.refused or done.grant.cpus == (0,)
    assert not hasattr(os, "sched_getaffinity") or os.sched_getaffinity(0) == before
    assert done.ticks == done.lateness.count


def test_what_was_not_granted_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jitter", *SHORT, "--affinity", "4000"]) == 0
    assert "not granted: processors 4000: " in capsys.readouterr().out


def test_plot_is_a_small_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    target = tmp_path / "jitter.png"
    assert main(["jitter", *SHORT, "--plot", str(target)]) == 0
    assert target.read_bytes().startswith(b"\x89PNG")
    assert target.stat().st_size < 60_000
    capsys.readouterr()
    assert main(["jitter", *SHORT, "--plot", str(tmp_path / "jitter.doc")]) == 1
    assert "doc" in capsys.readouterr().err


def test_plot_without_matplotlib_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("windlass.cli.has_matplotlib", lambda: False)
    with pytest.raises(SystemExit, match="2"):
        main(["jitter", "--duration", "1000", "--plot", str(tmp_path / "a.png")])
    assert "pip install 'windlass[plot]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--interval", "0"], "interval must be at least"),
        (["--interval", "nan"], "must be a finite time"),
        (["--interval=-1ms"], "must be a finite time"),
        (["--duration", "soon"], "must be a time such as 0.001, 1ms or 1000us, not 'soon'"),
        (["--policy", "fifo:high"], "must be a class such as fifo or fifo:50, not 'fifo:high'"),
        (["--policy", "fast"], "policy must be one of"),
        (["--policy", "fifo:200"], "priority must be 1 to 99"),
        (["--affinity", "a"], "must be processors such as 1 or 0,2-3, not 'a'"),
        (["--affinity", "2-"], "not '2-'"),
        (["--affinity", "3-2"], "not '3-2'"),
        (["--affinity", "0-99999999999"], "not '0-99999999999'"),
        (["--gil", "never"], "invalid choice"),
        (["--plot", "/nowhere/at/all.png"], "No such file or directory"),
    ],
)
def test_senseless_options_are_refused(options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["jitter", *options])
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("load", ["none", "gil", "cpu"])
def test_ctrl_c_shows_what_there_is(
    load: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def press(_stream: object, _duration: float) -> Callable[[Ticker, float], None]:
        def watch(ticker: Ticker, _had: float) -> None:
            if ticker.ticks > 3:
                raise KeyboardInterrupt

        return watch

    monkeypatch.setattr("windlass.cli.live_line", press)
    monkeypatch.setattr("windlass.cli.is_screen", lambda _stream: True)
    assert main(["jitter", "--interval", "1ms", "--duration", "1000", "--load", load, "--json", "-"]) == 130
    document = json.loads(capsys.readouterr().out)
    assert document["interrupted"] is True
    assert document["ticks"] > 3


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs pty")
def test_ctrl_c_on_a_narrow_terminal() -> None:
    import fcntl
    import pty
    import termios

    terminal, its_side = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    command = [sys.executable, "-m", "windlass", "jitter", "--duration", "60", "--load", "cpu"]
    environment = {**os.environ, "TERM": "xterm"}
    process = subprocess.Popen(
        command, stdin=its_side, stdout=its_side, stderr=its_side, env=environment, start_new_session=True
    )
    os.close(its_side)
    shown = b""
    with contextlib.suppress(OSError):  # the end of what was written
        while more := os.read(terminal, 65536):
            if b" of 60 s" in more and b" of 60 s" not in shown:
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all the processes that it runs
            shown += more
    os.close(terminal)
    assert process.wait(LIMIT) == 130
    live, report = shown.decode().rsplit("\x1b[K", 1)
    assert "Traceback" not in live + report
    assert all(len(line.removeprefix("\r")) < 60 for line in live.split("\x1b[K"))
    *lines, _verdict = report.split("\r\n\r\n")
    assert all(len(line) <= 60 for part in lines for line in part.split("\r\n"))


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("redirection", "status", "complaint"),
    [
        ("> /dev/full", 1, "windlass jitter: No space left on device: standard output\n"),
        (">&-", 0, ""),
        ("2>&-", 0, ""),
    ],
)
def test_output_that_cannot_be_written(redirection: str, status: int, complaint: str) -> None:
    command = f'"{sys.executable}" -m windlass {" ".join(["jitter", *SHORT])} {redirection}'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (done.returncode, done.stderr) == (status, complaint)
    assert ("lateness" in done.stdout) is (redirection == "2>&-")


def test_table_says_what_there_is() -> None:
    lines = table(found(times(0.5, 1_000_000), None))
    assert lines[0].split() == ["us", "min", "p50", "p90", "p99", "p99.9", "max"]
    assert lines[1].split() == ["lateness", "0.5", "0.5", *["1000000"] * 4]
    assert lines[2].split() == ["period", "jitter", *["-"] * 6]
    assert lines[4] == "floor (C)      not available here"
    assert len({len(line) for line in lines[:4]}) == 1


@pytest.mark.parametrize(
    ("lateness", "floor", "gil_wait", "expected"),
    [
        ([0.3, 100], [50, 120], [0.1], "the host is the limit, not windlass"),
        ([5_000, 5_100], [50, 120], [5_000, 5_050], "the GIL is the limit"),
        ([300, 400], [50, 120], [0.1], "the host allows more"),
        ([300, 400], None, [0.1], "not known here"),
        ([], [50], [], "nothing was measured"),
    ],
)
def test_verdict_names_the_limit(
    lateness: list[float], floor: list[float] | None, gil_wait: list[float], expected: str
) -> None:
    measured = found(times(*lateness), None if floor is None else times(*floor), times(*gil_wait))
    assert expected in verdict(measured)


def test_bars_show_every_octave_and_never_nothing_for_something() -> None:
    lines = bars(times(*[0.5] * 1_000, 3, 40), 40)
    assert [line.split()[1] for line in lines] == ["1", "2", "4", "8", "16", "32", "64"]
    assert [line.split()[3] for line in lines] == ["1000", "0", "1", "0", "0", "0", "1"]
    assert lines[0].endswith("#" * 40)
    assert lines[2].endswith(" .")
    assert bars(Histogram(), 40) == ["nothing was recorded"]


def test_report_without_a_floor(capsys: pytest.CaptureFixture[str]) -> None:
    measured = dataclasses.replace(found(times(1), None), grant=RealtimeGrant(None, 0, None, None, ("so be it",)))
    print_jitter(measured, sys.stdout)
    shown = capsys.readouterr().out
    assert "class unknown" in shown
    assert "not granted: so be it" in shown
    assert "not available here" in shown


def test_live_line_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    show = live_line(sys.stdout, 5)
    ticker = Ticker(3600)
    show(ticker, 0)
    next(ticker)
    show(ticker, 1.25)
    shown = capsys.readouterr().out
    assert shown.count("\r") == 2
    assert "\n" not in shown
    assert "1.2 of 5 s, us late: p50 " in shown
    assert "; 1 ticks, 0 missed" in shown


def test_share_of_later_ticks_falls_from_all_to_the_last() -> None:
    late, share = jitter_plot.later_than(times(1, 2, 2, 1_000))
    assert late == sorted(late)
    assert share == [1, 0.75, 0.25]


def test_floor_counts_its_ticks_and_is_never_early() -> None:
    floor = sleep_floor(1_000_000, 20_000_000)
    if floor is None:
        pytest.skip("no clock_nanosleep here")
    assert 1 <= floor.count <= 20
    assert floor.minimum is not None
    assert floor.minimum >= 0
    with pytest.raises(ValueError, match="interval must be 1 ns or more"):
        sleep_floor(0, 1)
