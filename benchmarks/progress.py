"""What is seen of a run while it lasts: a line that changes on a screen, a line for each measure in a log."""

import contextlib
import os
import time
from typing import TextIO

from outcome import Outcome


def is_screen(stream: TextIO) -> bool:
    """Return whether ``stream`` is a terminal that can redraw a line."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown")


class Progress:
    """Tells which measure, round and contender is running."""

    def __init__(self, stream: TextIO, measures: int) -> None:
        self._stream = stream
        self._screen = is_screen(stream)
        self._measures = measures
        self._number = 0
        self._began = 0.0
        self._name = ""

    def begin(self, subject: str, measure: str) -> None:
        """Name the measure that comes next."""
        self._number += 1
        self._began = time.monotonic()
        self._name = f"[{self._number}/{self._measures}] {subject}: {measure}"
        self.show(None, "starting")

    def show(self, number: int | None, contender: str) -> None:
        """Name the round and the contender that come next. No time is being taken yet."""
        if self._screen:
            which = "" if number is None else f", round {number}" if number else ", warm-up"
            self._write(f"\r{self._name}{which}, {contender}\x1b[K")

    def end(self, outcome: Outcome) -> None:
        """Say that the measure is done."""
        if not self._screen:
            rounds = max((len(standing.rounds) for standing in outcome.standings.values()), default=0)
            self._write(f"{self._name}, {rounds} rounds, {time.monotonic() - self._began:.1f} s\n")

    def close(self) -> None:
        """Wipe the line."""
        if self._screen:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # a screen that has gone is no reason to end
            self._stream.write(text)
            self._stream.flush()
