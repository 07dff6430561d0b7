"""The public names, from the package and from the folders that they live in."""

import subprocess
import sys
from importlib import import_module

import pytest

import windlass
from windlass.public_names import HOME_OF

FOLDERS = ["decorators", "jobs", "master", "monitors", "pools", "workers"]


@pytest.mark.parametrize("name", HOME_OF)
def test_name_is_where_the_table_says(name: str) -> None:
    assert getattr(windlass, name) is getattr(import_module(HOME_OF[name]), name)


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder_has_its_public_names(folder: str) -> None:
    package = import_module(f"windlass.{folder}")
    for name in (name for name, home in HOME_OF.items() if home.startswith(f"windlass.{folder}.")):
        assert getattr(package, name) is getattr(windlass, name)
        assert name in dir(package)


def test_all_folders_are_tried() -> None:
    found = {home.split(".")[1] for home in HOME_OF.values() if home.count(".") > 1}
    assert found == {*FOLDERS, "_core", "processes"}


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match=r"^module 'windlass\.workers' has no attribute 'nothing'$"):
        import_module("windlass.workers").nothing  # noqa: B018 - asked for its error
    with pytest.raises(AttributeError, match=r"^module 'windlass' has no attribute 'nothing'$"):
        windlass.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_asking_for_one_name_imports_no_more_than_it_needs() -> None:
    script = "import sys\nfrom windlass.decorators import Limiter\nprint('windlass.pools.process_pool' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "False\n"
