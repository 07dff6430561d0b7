"""What docs/master.md shows runs, and the example does what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / "docs" / "master.md").exists(), reason="needs a checkout"),
]


def run(script: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", str(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_first_block_of_the_page(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "master.md").read_text(encoding="utf-8")
    (tmp_path / "page.py").write_text(re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[0])
    assert sorted(run(tmp_path / "page.py").splitlines()) == ["1 eins", "2 eins", "3 'two'"]


def test_the_example() -> None:
    lines = run(ROOT / "examples" / "model_server.py").splitlines()
    assert lines[0] == "urgent: 2"
    assert lines[1:10] == ["2 2", "3 3", "4 1", "5 2", "6 5", "7 5", "8 4", "9 4", "10 KeyError('?')"]
    assert lines[-1] in ("workers that died: 0", "workers that died: 1")  # 0: nobody has missed it yet
