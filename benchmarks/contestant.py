"""A contender in a process of its own, as its parent sees it: asked for a round, watched, ended.

Whatever becomes of the process, the parent gets a ``Reply`` within the time limit.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from typing import Any

from children import BENCHMARKS
from interleave import MakeMeasure

START_LIMIT = 60  # seconds, for the imports of a contender, on a busy machine
GRACE = 5  # seconds, for a process to end by itself
TAIL = 4_000  # characters of its error output that the report keeps

OK, UNAVAILABLE, WRONG, FAILED, CRASHED, HUNG = STATES = ("ok", "unavailable", "wrong", "failed", "crashed", "hung")


@dataclass(frozen=True)
class Reply:
    """How a round ended.

    Attributes:
        state: One of ``STATES``.
        why: What went wrong, in a line; "" if nothing did.
        figures: What was measured.
        samples: As in ``interleave.Round``.
    """

    state: str = OK
    why: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    samples: dict[str, dict[int, int]] = field(default_factory=dict)


class Contestant:
    """A process that runs the rounds of one contender. The caller's thread is the only one to use it."""

    def __init__(self, make: MakeMeasure, contender: str, *, quick: bool) -> None:
        job = {"make": f"{make.__module__}:{make.__qualname__}", "contender": contender, "quick": quick}
        path = os.pathsep.join([str(BENCHMARKS), *filter(None, sys.path)])
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - close() closes it
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "children.contestant", json.dumps(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=os.environ | {"PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is the parent's; and all that it starts can be ended with it
        )
        # A process that the contender started may hold the pipe open: the end of this one is an event of its own.
        self._events: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        for watch in (self._read, self._wait):
            threading.Thread(target=watch, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as answers:
            for line in answers:
                self._events.put(line)

    def _wait(self) -> None:
        self._process.wait()
        self._events.put(None)

    def ready(self) -> Reply:
        """Wait until the process has imported what it needs."""
        return self._answer(START_LIMIT)

    def round(self, limit: float) -> Reply:
        """Run one round and return what it gave.

        Args:
            limit: Seconds after which the contender counts as hung, and is ended.
        """
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended; the answer says how
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()
        return self._answer(limit)

    def _answer(self, limit: float) -> Reply:
        try:
            line = self._events.get(timeout=limit)
        except queue.Empty:
            # Its last words: faulthandler writes where each thread stands.
            self._signal(signal.SIGABRT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
            return Reply(HUNG, f"no result within {limit:g} s")
        if line is None:
            return Reply(CRASHED, _ending(self._process.wait()))
        answer: dict[str, Any] = json.loads(line)
        samples = {
            name: {int(number): count for number, count in counts.items()}
            for name, counts in answer.get("samples", {}).items()
        }
        return Reply(answer.get("state", OK), answer.get("why", ""), answer.get("figures", {}), samples)

    def dismiss(self) -> None:
        """Tell the process that there will be no further round, and do not wait for its end."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def close(self, *, kill: bool) -> str:
        """End the process and whatever it has left behind; return the end of its error output.

        Args:
            kill: Whether not to wait for it to end by itself.
        """
        self.dismiss()
        if not kill:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with self._errors as errors:
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - TAIL))
            return errors.read().decode(errors="replace").strip()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)


def _ending(status: int) -> str:
    if status >= 0:
        return f"its process ended with status {status}"
    try:
        return f"its process was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"its process was ended by signal {-status}"
