"""How ``windlass demo`` looks: a progress bar and a table on a terminal, plain lines everywhere else.

rich draws the first; without it (it comes with ``windlass[cli]``) the plain lines serve a terminal too.
"""

import contextlib
import importlib.util
import os
import time
from typing import TYPE_CHECKING, TextIO

from windlass.demo import Progress, Summary
from windlass.demo_parse import ParseSummary

if TYPE_CHECKING:
    from rich.progress import TaskID

WITHOUT_RICH = "windlass demo: no progress bar without rich; to install it: pip install 'windlass[cli]'"
LISTED = 20  # errors shown in the table; the JSON document has them all
REDRAW = 0.05  # seconds between two changes of the bar, which redraws itself ten times a second

Row = tuple[str, str]


def has_rich() -> bool:
    """Return whether rich can be imported."""
    return importlib.util.find_spec("rich") is not None


def is_screen(stream: TextIO | None) -> bool:
    """Return whether ``stream`` is a terminal that can redraw a line. It is None where the process has none.

    rich's own test also says yes to FORCE_COLOR, which build servers set, and whose logs are no screens.
    """
    return stream is not None and stream.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown")


def make_progress(stream: TextIO) -> Progress:
    """Return what ``stream`` can show of the progress: a bar or lines."""
    return BarProgress(stream) if has_rich() and is_screen(stream) else LineProgress(stream)


class NoProgress:
    """Shows nothing: the second half is short, and a log has the lines of the first."""

    def start(self, found: int, size_bytes: int, workers: int) -> None:
        """Do nothing."""

    def update(self, tasks: int, size_bytes: int) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""


class LineProgress:
    """One line at the start and one at each tenth of the files: for logs, and for want of rich."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._found = 0

    def start(self, found: int, size_bytes: int, workers: int) -> None:
        """Say how much there is to do."""
        self._found = found
        amounts = (many(found, "file"), megabytes(size_bytes), many(workers, "worker"))
        self._print(f"windlass demo: {', '.join(amounts)}")

    def update(self, tasks: int, size_bytes: int) -> None:
        """Print a line if this task completes a tenth."""
        # Needs no lock: each number of tasks comes once, so just one call sees each tenth completed.
        if tasks * 10 // self._found > (tasks - 1) * 10 // self._found:
            share = tasks * 100 // self._found
            self._print(f"windlass demo: {share:3} %, {many(tasks, 'file')}, {megabytes(size_bytes)}")

    def stop(self) -> None:
        """Do nothing: each line was complete."""

    def _print(self, line: str) -> None:
        # A reader who has gone away (``2>&1 | head``) is no reason to end the job.
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(f"{line}\n")  # in one piece: print() would let others write before the newline
            self._stream.flush()


class BarProgress:
    """A live progress bar drawn by rich. It counts bytes: the largest files come first."""

    def __init__(self, stream: TextIO) -> None:
        from rich import progress
        from rich.console import Console

        self._bar = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.DownloadColumn(),
            progress.TextColumn("{task.fields[tasks]} of {task.fields[found]} files"),
            progress.TransferSpeedColumn(),
            progress.TimeRemainingColumn(),
            console=Console(file=stream),
            transient=True,  # the table says it all again
        )
        self._task: TaskID | None = None
        self._next = 0.0  # time.monotonic() of the next change

    def start(self, found: int, size_bytes: int, workers: int) -> None:
        """Draw the bar."""
        self._task = self._bar.add_task(many(workers, "worker"), total=size_bytes, tasks=0, found=found)
        self._bar.start()

    def update(self, tasks: int, size_bytes: int) -> None:
        """Move the bar, though not for every one of thousands of small files."""
        now = time.monotonic()
        if self._task is not None and now >= self._next:  # two threads may both pass: they only draw twice
            self._next = now + REDRAW
            self._bar.update(self._task, completed=size_bytes, tasks=tasks)

    def stop(self) -> None:
        """Take the bar away and show the cursor again."""
        self._bar.stop()


def many(number: int, noun: str) -> str:
    """Return a number of things for people."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def megabytes(size_bytes: int) -> str:
    """Return a size for people, in units of 1 000 000 bytes."""
    return f"{size_bytes / 1e6:.1f} MB"


def duration(seconds: float | None) -> str:
    """Return a time for people, with three digits or so."""
    if seconds is None:
        return "-"
    for unit, scale in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}" if seconds < 1000 else f"{seconds:.0f} s"
    return f"{seconds / 1e-6:.3g} us"


def rows(summary: Summary) -> list[Row]:
    """Return the table as pairs of label and text; a label is empty where a row continues the one above."""
    done = f"{summary.files}"
    if summary.interrupted:
        done += f" of {summary.found} (interrupted)"
    table = [
        ("files", done),
        ("bytes", f"{summary.bytes:,} ({megabytes(summary.bytes)})"),
        ("lines", f"{summary.lines:,}"),
        ("identifiers", f"{summary.identifiers:,} ({summary.distinct_identifiers:,} distinct)"),
        ("workers", f"{summary.workers}"),
        ("time", duration(summary.seconds)),
        ("tasks per second", f"{summary.tasks_per_second:.0f}"),
    ]
    for label, times in (("queue wait", summary.wait_time), ("run time", summary.run_time)):
        texts = (f"p50 {duration(times.p50)}", f"p99 {duration(times.p99)}", f"max {duration(times.max)}")
        table.append((label, ", ".join(texts)))
    width = max((len(entry.name) for entry in summary.top), default=0)
    top = [f"{entry.name:{width}}  {entry.count:,}" for entry in summary.top]
    table += _continued("top identifiers", top)
    errors = [f"{entry.path}: {entry.error}" for entry in summary.errors]
    if len(errors) > LISTED:
        errors[LISTED:] = [f"and {len(errors) - LISTED} more; --json lists them all"]
    table += _continued("errors", [f"{len(summary.errors)}", *errors])
    table.append(("digest", summary.digest))
    return table


def _continued(label: str, texts: list[str]) -> list[Row]:
    return [("" if number else label, text) for number, text in enumerate(texts)]


def parsing_rows(parsing: ParseSummary) -> list[Row]:
    """Return the second table likewise."""
    done = f"{parsing.files}"
    if parsing.refused:
        done += f", and {parsing.refused} that are no Python of this version"
    if parsing.interrupted:
        done += f", of {parsing.found} (interrupted)"
    rate = parsing.bytes / parsing.seconds if parsing.seconds > 0 else 0.0
    table = [
        ("files", done),
        ("bytes", f"{parsing.bytes:,} ({megabytes(parsing.bytes)}, {megabytes(int(rate))}/s)"),
        ("tokens", f"{parsing.tokens:,}"),
        ("syntax nodes", f"{parsing.nodes:,}"),
        ("processes", f"{parsing.workers}"),
        ("time", duration(parsing.seconds)),
    ]
    if parsing.killed is not None:
        table.append(("killed", f"process {parsing.killed}, in the middle: {many(parsing.lost, 'result')} missing"))
    return table


def print_summary(summary: Summary, stream: TextIO) -> None:
    """Print the final table, drawn by rich if ``stream`` is a terminal."""
    _print_table(f"windlass demo: {summary.directory}", rows(summary), stream)


def print_parsing(parsing: ParseSummary, stream: TextIO) -> None:
    """Print the table of the second half likewise."""
    _print_table("windlass demo: tokenise and parse in processes", parsing_rows(parsing), stream)


def _print_table(title: str, table_rows: list[Row], stream: TextIO) -> None:
    if has_rich() and is_screen(stream):
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(title=Text(title), show_header=False)
        table.add_column(style="bold")
        table.add_column(overflow="fold")  # to lose no part of a long path
        for label, text in table_rows:
            table.add_row(label, Text(text))  # Text: the [brackets] of a path are not rich's mark-up
        Console(file=stream).print(table)
    else:
        print(title, *(f"{label:18}{text}" for label, text in table_rows), sep="\n", file=stream)
