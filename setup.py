"""Build the compiled core. Everything else about the package is in pyproject.toml.

Build switches (environment variables, all off unless said otherwise):

WINDLASS_TRACE=1            line tracing, so that coverage.py sees the lines of .pyx files
WINDLASS_ANNOTATE=1         write Cython's annotated HTML beside each .pyx
WINDLASS_SANITIZE=thread    or address, undefined: compile and link with that sanitizer
WINDLASS_FREE_THREADING=1   keep the GIL off where a free-threaded interpreter imports the core (0: do not)
"""

import multiprocessing
import os
import sys
from pathlib import Path

import Cython
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

# A promise, not a wish: "1" only while the stress tests are green on a free-threaded interpreter.
FREE_THREADING_DEFAULT = "0"

TRACE = os.environ.get("WINDLASS_TRACE") == "1"
ANNOTATE = os.environ.get("WINDLASS_ANNOTATE") == "1"
SANITIZE = os.environ.get("WINDLASS_SANITIZE", "")
FREE_THREADING = os.environ.get("WINDLASS_FREE_THREADING", FREE_THREADING_DEFAULT) == "1"

# Obeyed by setuptools; read here only to notice a change.
FLAGS = [os.environ.get(name, "") for name in ("CC", "CFLAGS", "CPPFLAGS", "LDFLAGS")]

CORE = Path("src/windlass/_core")
BENCHMARKS = Path("benchmarks")
SUITE = "windlass_bench"  # where `windlass bench` finds them once they are installed
SUITE_FILES = ("*.py", "*/*.py", "*.css", "*.toml", "*.json", "*.md", "*/*.md")
JOBS = min(os.cpu_count() or 1, 8)  # about one per module at most
DIRECTIVES = {
    "language_level": 3,
    "binding": True,  # real signatures, for inspect, pickle and mypy.stubtest
    "annotation_typing": False,  # for people only: "float" would refuse a timeout of 10**400
    "embedsignature": False,  # binding already tells them; twice would spoil help()
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,  # divide as C does: no check for zero, no raise under a lock
    "freethreading_compatible": FREE_THREADING,
    "linetrace": TRACE,
    "profile": TRACE,
}


class BuildCore(build_ext):
    """Translate and compile the core, anew whenever a switch has changed."""

    def build_extensions(self) -> None:
        """Run Cython here, not at import: an installer imports this file three times and builds once."""
        # A switch, a compiler flag or another Python changes the output but no timestamp. The note is
        # removed first and written last, so that nobody trusts what a failed or interrupted build left.
        note = Path("build/core-built-with")
        circumstances = repr((sys.version, Cython.__version__, DIRECTIVES, ANNOTATE, SANITIZE, FLAGS))
        self.force = self.force or not note.exists() or note.read_text() != circumstances
        note.unlink(missing_ok=True)

        # Helper processes only where they are forked: other start methods would import this file once more.
        forks = multiprocessing.get_start_method() == "fork"
        translated = cythonize(
            list(self.extensions),
            nthreads=JOBS if forks else 0,
            force=self.force,
            annotate=ANNOTATE,
            compiler_directives=DIRECTIVES,
        )
        for extension, result in zip(self.extensions, translated, strict=True):
            extension.sources = result.sources
        super().build_extensions()

        note.parent.mkdir(exist_ok=True)
        note.write_text(circumstances)


class BuildPython(build_py):
    """Bring the benchmarks along in a wheel. An editable install finds them in the checkout."""

    def run(self) -> None:
        """Copy the packages, then the suite: a folder of programs, and so no package of its own."""
        super().run()
        if self.editable_mode:
            return
        for source in sorted(path for pattern in SUITE_FILES for path in BENCHMARKS.glob(pattern)):
            target = Path(self.build_lib, SUITE, source.relative_to(BENCHMARKS))
            self.mkpath(str(target.parent))
            self.copy_file(str(source), str(target))


# What Cython does not put into the C code by itself, for `windlass doctor` to tell.
macros = [("WINDLASS_FREE_THREADING", str(int(FREE_THREADING)))]
sanitizer = []
if TRACE:
    # 3.13's sys.monitoring events do not reach coverage.py's Cython plugin: trace in the older way.
    macros += [("CYTHON_TRACE_NOGIL", "1"), ("CYTHON_USE_SYS_MONITORING", "0")]
if SANITIZE:
    macros += [("WINDLASS_SANITIZE", f'"{SANITIZE}"')]
    sanitizer = [f"-fsanitize={SANITIZE}", "-g", "-O1", "-fno-omit-frame-pointer"]

setup(
    cmdclass={"build_ext": BuildCore, "build_py": BuildPython},
    options={"build_ext": {"parallel": JOBS}},
    ext_modules=[
        Extension(
            f"windlass._core.{source.stem}",
            [source.as_posix()],
            depends=[path.as_posix() for path in sorted([*CORE.glob("*.pxd"), *CORE.glob("*.h")])],
            define_macros=macros,
            extra_compile_args=sanitizer,
            extra_link_args=sanitizer,
        )
        for source in sorted(CORE.glob("*.pyx"))
    ],
)
