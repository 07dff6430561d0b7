"""The second half of ``windlass demo``: what it counts, and that a kill and Ctrl-C do no harm to it."""

import ast
import io
import os
import signal
import tokenize
from itertools import pairwise
from pathlib import Path

import pytest

from process_calls import Gate, await_end
from test_demo_job import Silent
from windlass import Master, demo_parse


@pytest.fixture
def sources(tmp_path: Path) -> list[tuple[str, int]]:
    files = []
    for number in range(24):
        text = f"def f{number}(x):\n    return x + {number}\n" * (2_000 if number < 8 else 5)
        (tmp_path / f"{number}.py").write_text(text)
        files.append((f"{number}.py", len(text)))
    (tmp_path / "bad.py").write_text("def broken(:\n")
    return [*files, ("bad.py", 13), ("missing.py", 0)]


def test_every_file_counts_although_a_worker_is_killed(
    tmp_path: Path, sources: list[tuple[str, int]], gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gated(demo_parse.Parser):
        """Waits for the gate before each file, so that one is being parsed when the worker is to be killed."""

        def run_task(self, argument: str) -> demo_parse.FileParts:
            gate.pass_through()
            return super().run_task(argument)

    class LettingGo(Silent):
        def update(self, tasks: int, size_bytes: int) -> None:
            super().update(tasks, size_bytes)
            gate.let_go()

    add_worker = Master.add_worker
    monkeypatch.setattr(Master, "add_worker", lambda master, _, **kwargs: add_worker(master, Gated, **kwargs))
    progress = LettingGo()
    gate.let_go()
    summary = demo_parse.parse(str(tmp_path), sources, progress, workers=2)
    texts = [(tmp_path / f"{number}.py").read_bytes() for number in range(24)]
    assert (summary.found, summary.files, summary.refused, summary.lost) == (26, 24, 2, 0)
    assert summary.bytes == sum(map(len, texts))
    assert summary.tokens == sum(len(list(tokenize.tokenize(io.BytesIO(text).readline))) for text in texts)
    assert summary.nodes == sum(len(list(ast.walk(ast.parse(text)))) for text in texts)
    assert summary.killed is not None
    await_end(summary.killed)
    assert not summary.interrupted
    assert max(progress.updates) == (26, sum(size for _, size in sources))
    assert progress.stops == 1


def test_ctrl_c_leaves_a_partial_summary(tmp_path: Path, sources: list[tuple[str, int]]) -> None:
    class Interrupting(Silent):
        def update(self, tasks: int, size_bytes: int) -> None:
            super().update(tasks, size_bytes)
            if tasks == 3:
                os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        progress = Interrupting()
        summary = demo_parse.parse(str(tmp_path), sources, progress, workers=1)
    finally:
        signal.signal(signal.SIGINT, before)
    assert summary.interrupted
    assert (summary.found, summary.files) == (26, 3)
    assert progress.stops == 1


def test_the_sample_is_spread_evenly_and_bounded() -> None:
    found = [(f"{number}.py", 100 + number) for number in range(100)]
    chosen = demo_parse.sample(found, 3_000)
    assert 2_000 < sum(size for _, size in chosen) <= 3_000
    assert [size for _, size in chosen] == sorted((size for _, size in chosen), reverse=True)
    numbers = sorted(size - 100 for _, size in chosen)
    assert {b - a for a, b in pairwise(numbers)} == {5}
    assert demo_parse.sample(found) == sorted(found, key=lambda one: -one[1])
    assert demo_parse.sample(found, 0) == demo_parse.sample([]) == []
