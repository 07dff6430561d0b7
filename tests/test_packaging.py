"""What a newcomer installs is whole: version, typing files, public names, and a README that holds true."""

import importlib.machinery
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

import windlass
from windlass._version import __version__

INSTALLED = Path(windlass.__file__).parent
README = Path(__file__).parents[1] / "README.md"
FIRST_SCREEN = 40  # lines
COMMANDS = [
    "python3 -m venv .venv && .venv/bin/pip install '.[cli]' && .venv/bin/windlass demo",
    "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest",
]

needs_readme = pytest.mark.skipif(not README.exists(), reason="needs the README of a checkout")


def compiled_modules() -> list[Path]:
    """The modules this interpreter would import: a checkout may hold those of others too."""
    return sorted(INSTALLED.rglob(f"*{importlib.machinery.EXTENSION_SUFFIXES[0]}"))


def test_version_is_the_one_of_the_distribution() -> None:
    assert importlib.metadata.version("windlass") == __version__


def test_py_typed_is_installed() -> None:
    assert (INSTALLED / "py.typed").is_file()


def test_core_is_compiled() -> None:
    assert compiled_modules(), "no compiled module is installed"


def test_every_compiled_module_has_stub_declaration_and_source_beside_it() -> None:
    for module in compiled_modules():
        name = module.name.split(".")[0]
        for suffix in (".pyi", ".pxd", ".pyx"):
            assert module.with_name(name + suffix).is_file(), f"{name}{suffix} is missing"


def test_every_public_name_is_importable() -> None:
    assert len(set(windlass.__all__)) == len(windlass.__all__)
    missing = [name for name in windlass.__all__ if not hasattr(windlass, name)]
    assert missing == []


def test_public_names_are_listed_for_completion() -> None:
    assert set(windlass.__all__) <= set(dir(windlass))


def test_console_script_points_at_the_command_line() -> None:
    (script,) = importlib.metadata.distribution("windlass").entry_points.select(name="windlass")
    assert (script.group, script.value) == ("console_scripts", "windlass.cli:main")


@needs_readme
@pytest.mark.parametrize("command", COMMANDS)
def test_readme_gives_command_alone_on_the_first_screen(command: str) -> None:
    first_screen = "\n".join(README.read_text(encoding="utf-8").splitlines()[:FIRST_SCREEN])
    assert f"```sh\n{command}\n```" in first_screen


@needs_readme
def test_readme_example_runs() -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.M | re.S)
    outcome = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, timeout=60)
    assert (outcome.returncode, outcome.stderr) == (0, "")
