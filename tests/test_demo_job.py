"""The job of ``windlass demo``: totals, order, errors, Ctrl-C; without the command line around it."""

import dataclasses
import hashlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from windlass import demo, demo_source

LIMIT = 120  # seconds; far beyond what anything here takes, so that only a hang reaches it

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX links and FIFOs")


class Silent:
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.started: tuple[int, int, int] | None = None
        self.updates: list[tuple[int, int]] = []
        self.stops = 0

    def start(self, found: int, size_bytes: int, workers: int) -> None:
        self.started = (found, size_bytes, workers)

    def update(self, tasks: int, size_bytes: int) -> None:
        self.updates.append((tasks, size_bytes))

    def stop(self) -> None:
        self.stops += 1


def errors_of(summary: demo.Summary) -> dict[str, str]:
    return {entry.path: entry.error for entry in summary.errors}


def test_run_sums_up(tree: Path) -> None:
    progress = Silent()
    summary = demo.run(str(tree), progress, workers=2, top=2)
    sources = [(tree / name).read_bytes() for name in ("a.py", "pkg/b.py", "pkg/sub/c.py")]
    size = sum(map(len, sources))
    assert (summary.found, summary.tasks, summary.files, summary.unfinished) == (3, 3, 3, 0)
    assert (summary.bytes, summary.lines, summary.interrupted, summary.errors) == (size, 5, False, ())
    assert (summary.identifiers, summary.distinct_identifiers) == (9, 4)
    assert summary.top == (demo.NameCount("x", 4), demo.NameCount("os", 2))
    assert progress.started == (3, size, 2)
    assert max(progress.updates) == (3, size)
    assert [tasks for tasks, _ in sorted(progress.updates)] == [1, 2, 3]
    assert progress.stops == 1
    for times in (summary.wait_time, summary.run_time):
        assert times.p50 is not None
        assert times.p99 is not None
        assert times.max is not None
        assert 0 <= times.p50 <= times.p99 <= times.max


def test_run_takes_the_largest_file_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = []
    read_file = demo_source.read_file

    def remember(path: str, should_stop: demo_source.Stop) -> demo_source.FileReport:
        order.append(Path(path).name)
        return read_file(path, should_stop)

    monkeypatch.setattr(demo, "read_file", remember)
    sizes = {f"{name}.py": size for name, size in zip("abcdefgh", (3, 1, 7, 0, 5, 7, 2, 4), strict=True)}
    for name, size in sizes.items():
        (tmp_path / name).write_text("x" * size)
    demo.run(str(tmp_path), Silent(), workers=1)
    assert order == sorted(sizes, key=lambda name: -sizes[name])  # equal sizes first in, first out


def test_run_gives_one_digest_for_equal_trees(tree: Path) -> None:
    first = demo.run(str(tree), Silent(), workers=1)
    again = demo.run(str(tree), Silent(), workers=3)
    assert first.digest == again.digest
    (tree / "a.py").rename(tree / "z.py")
    assert demo.run(str(tree), Silent(), workers=1).digest != first.digest


def test_run_of_an_empty_directory(tmp_path: Path) -> None:
    progress = Silent()
    summary = demo.run(str(tmp_path), progress)
    assert (summary.found, summary.files, summary.workers, summary.top) == (0, 0, 0, ())
    assert summary.wait_time == summary.run_time == demo.Spread(None, None, None)
    assert summary.digest == hashlib.sha256().hexdigest()
    assert progress.stops == 1


@needs_links
def test_run_lists_what_it_cannot_read(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "dangling.py").symlink_to("nowhere")
    (tree / "loop.py").symlink_to("loop.py")
    os.mkfifo(tree / "fifo.py")
    (tree / "binary.py").write_bytes(b"\xff\xfe\x00")
    (tree / "coding.py").write_text("# coding: klingon\n")
    (tree / "secret.py").touch()
    (tree / "vanishing.py").touch()
    # Neither chmod, which does not stop root, nor a race with the scan would be the same on every run.
    open_file, status_of = os.open, os.stat

    def refuse(path: str, flags: int) -> int:
        if path.endswith("secret.py"):
            raise PermissionError(13, "Permission denied", path)
        return open_file(path, flags)

    def vanish(path: str) -> os.stat_result:
        if path.endswith("vanishing.py"):
            os.unlink(path)
        return status_of(path)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "stat", vanish)
    summary = demo.run(str(tree), Silent(), workers=2)
    monkeypatch.undo()
    errors = errors_of(summary)
    assert list(errors) == sorted(errors)
    assert errors.pop("dangling.py") == "FileNotFoundError: No such file or directory"
    assert errors.pop("loop.py").startswith("OSError: ")
    assert errors.pop("fifo.py") == "OSError: not a regular file"
    assert errors.pop("binary.py").startswith("SyntaxError: ")
    assert errors.pop("coding.py") == "SyntaxError: unknown encoding: klingon"
    assert errors.pop("secret.py") == "PermissionError: Permission denied"
    assert errors.pop("vanishing.py") == "FileNotFoundError: No such file or directory"
    assert errors == {}
    assert (summary.found, summary.tasks, summary.files, summary.unfinished) == (10, 10, 3, 0)


def test_run_interrupted_before_any_task(tree: Path) -> None:
    class Interrupted(Silent):
        def start(self, found: int, size_bytes: int, workers: int) -> None:
            raise KeyboardInterrupt

    progress = Interrupted()
    summary = demo.run(str(tree), progress, workers=2)
    assert summary.interrupted
    assert (summary.found, summary.tasks, summary.unfinished, summary.files) == (3, 0, 3, 0)
    assert progress.stops == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs os.kill with SIGINT")
def test_run_interrupted_counts_what_was_finished(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_file = demo_source.read_file
    clock = threading.Event()
    # The handler a terminal's program has; a shell's background job has none.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupt(path: str, should_stop: demo_source.Stop) -> demo_source.FileReport:
        if path.endswith("b.py"):  # the largest, so the first
            return read_file(path, should_stop)
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(LIMIT * 100):
            if should_stop():
                raise demo_source.Stopped
            clock.wait(0.01)
        pytest.fail("Ctrl-C did not reach the task")

    monkeypatch.setattr(demo, "read_file", interrupt)
    try:
        summary = demo.run(str(tree), Silent(), workers=1)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert summary.interrupted
    assert (summary.found, summary.tasks, summary.unfinished, summary.errors) == (3, 1, 2, ())
    assert (summary.files, summary.bytes) == (1, (tree / "pkg" / "b.py").stat().st_size)


@pytest.mark.parametrize(
    ("times", "expected"),
    [([], (None, None, None)), ([2.0], (2, 2, 2)), ([3, 1, 2], (2, 3, 3)), (range(1, 201), (100, 198, 200))],
)
def test_spread_is_nearest_rank(times: list[float], expected: tuple[float | None, ...]) -> None:
    assert dataclasses.astuple(demo.spread(times)) == expected


def test_run_lists_a_directory_that_cannot_be_listed(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refuse(path: str) -> Iterator["os.DirEntry[str]"]:
        if path.endswith("sub"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    summary = demo.run(str(tree), Silent(), workers=2)
    assert summary.found == summary.files == 2
    assert errors_of(summary) == {"pkg/sub": "PermissionError: Permission denied"}
