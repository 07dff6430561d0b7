"""Documents of other libraries, copied word for word, and how their examples are run as scripts."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

SEEDS = Path(__file__).parent / "seeds"
LIMIT = 120  # seconds for a script


def code_blocks(name: str, language: str = "python") -> list[str]:
    """Return the examples of a document, each without the indentation it has there."""
    text = (SEEDS / f"{name}.md").read_text(encoding="utf-8")
    blocks = re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(block) for block in blocks]


def run_python(*arguments: str) -> str:
    """Run an interpreter in which a warning is an error; return what it prints if that is all that it says."""
    command = [sys.executable, "-X", "dev", "-W", "error", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
