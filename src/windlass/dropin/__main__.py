"""Run an unchanged program on windlass: ``python -m windlass.dropin script.py [args]`` or ``... -m module [args]``."""

import argparse
import os
import runpy
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path

from windlass.dropin import replacements


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, replace the standard classes, run the program."""
    parser = argparse.ArgumentParser(
        prog="python -m windlass.dropin",
        description="Run a program with the pools and queues of the standard library replaced by windlass's.",
        allow_abbrev=False,
    )
    parser.add_argument("-m", dest="module", action="store_true", help="the program is a module, as for python -m")
    parser.add_argument("program", help="a script, or with -m the name of a module")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="are for the program")
    options = parser.parse_args(arguments)
    replacements.install()
    sys.argv = [options.program, *options.arguments]
    if options.module:
        if not sys.flags.safe_path:
            sys.path[0] = os.getcwd()
        runpy.run_module(options.program, run_name="__main__", alter_sys=True)
        return
    script = Path(options.program)
    if not script.is_file():
        parser.error(f"program must be a script that exists, not {options.program!r}")
    _run_script(script)


def _run_script(script: Path) -> None:
    # Not runpy.run_path: that empties the script's namespace when its last line is done, and its threads may live on.
    if not sys.flags.safe_path:
        sys.path[0] = str(script.resolve().parent)
    loader = SourceFileLoader("__main__", str(script))
    module = module_from_spec(ModuleSpec("__main__", loader, origin=str(script)))
    module.__dict__.update(__file__=str(script), __spec__=None, __builtins__=__builtins__)
    sys.modules["__main__"] = module
    exec(compile(script.read_bytes(), str(script), "exec"), module.__dict__)


if __name__ == "__main__":
    main()
