"""Count the instructions of the hot operations, which a busy machine does not change, and show what has changed.

python benchmarks/instructions.py            count, and show the difference to the table kept in instructions.md
python benchmarks/instructions.py --update   keep what was counted

It needs valgrind (callgrind). Each operation is done a few times and many times; the difference is what one more
costs, in the interpreter, in windlass and in libc together. So counts of different Pythons do not compare.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from children import BENCHMARKS
from children.operation import FEW, MANY, OPERATIONS

TOLERANCE = 3.0  # per cent; a count that differs by less has not changed
LIMIT = 900  # seconds; it takes twenty on an idle machine, fifty times as long as without valgrind
PARTS = 3  # dumps for each operation: what came before it, the few, the many
KEPT = BENCHMARKS / "instructions.json"
TABLE = BENCHMARKS / "instructions.md"
TOTAL = re.compile(r"^(?:summary|totals): (\d+)", re.MULTILINE)

CHANGED, UNCHANGED, FAILED = 1, 0, 2  # exit statuses


@dataclass(frozen=True)
class Counts:
    """What was counted, and with what.

    Attributes:
        made_by: The programs whose versions decide the counts.
        instructions: For one more run of each operation, by its name.
    """

    made_by: Mapping[str, str]
    instructions: Mapping[str, float]

    @classmethod
    def kept(cls, source: Path = KEPT) -> "Counts":
        """Read the counts in the repository; none if there are none yet."""
        return cls(**json.loads(source.read_text())) if source.exists() else cls({}, {})


def total(report: str) -> int:
    """Return how many instructions a callgrind output file counts.

    Raises:
        ValueError: It is none, or it was cut off.
    """
    if "\nevents: Ir\n" not in report:
        raise ValueError("not a callgrind output file of instruction counts")
    found = TOTAL.search(report)
    if found is None:
        raise ValueError("a callgrind output file without a total")
    return int(found[1])


def count(operations: Sequence[str]) -> dict[str, float]:
    """Return the instructions of one more run of each operation.

    Raises:
        RuntimeError: An operation failed; its error output is the text.
        ValueError: Callgrind did not count what it should.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = os.pathsep.join([str(BENCHMARKS), *filter(None, sys.path)])
        done = subprocess.run(
            [
                "valgrind",
                "--tool=callgrind",
                "--dump-before=getppid",
                "--fair-sched=yes",  # threads take turns in order, and the counts vary less
                f"--callgrind-out-file={folder}/part",
                *(sys.executable, "-P", "-m", "children.operation", *operations),
            ],
            env=os.environ | {"PYTHONPATH": path, "PYTHONHASHSEED": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        parts = [Path(folder, f"part.{number}") for number in range(1, PARTS * len(operations) + 1)]
        if not all(part.exists() for part in parts):
            raise ValueError(
                f"callgrind wrote {len(list(Path(folder).iterdir()))} parts for {len(operations)} operations"
            )
        totals = [total(part.read_text()) for part in parts]
    pairs = zip(totals[1::PARTS], totals[2::PARTS], strict=True)
    return {name: round((many - few) / (MANY - FEW), 1) for name, (few, many) in zip(operations, pairs, strict=True)}


def versions() -> dict[str, str]:
    """Return the versions of what the counts depend on."""
    valgrind = subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True)
    return {
        "Python": f"{platform.python_version()} ({platform.python_compiler()})",
        "valgrind": valgrind.stdout.strip().removeprefix("valgrind-"),
        "libc": " ".join(platform.libc_ver()),
        "machine": platform.machine(),
    }


def difference(before: float | None, now: float) -> float | None:
    """Return by how many per cent a count has grown; None where there was none."""
    return 100 * (now / before - 1) if before else None


def lines(kept: Counts, now: Mapping[str, float]) -> Iterable[str]:
    """Lay out counted operations beside what was kept of them."""
    yield f"{'instructions of one':50} {'kept':>9} {'now':>9}"
    for name, counted in now.items():
        before = kept.instructions.get(name)
        change = difference(before, counted)
        shown = "" if change is None else f"{change:+8.1f} %{'  <' if abs(change) > TOLERANCE else ''}"
        yield f"{name:50} {'' if before is None else f'{before:.0f}':>9} {counted:9.0f} {shown}".rstrip()


def grown(kept: Counts, now: Mapping[str, float]) -> list[str]:
    """Return the operations that take more instructions than they did."""
    changes = {name: difference(kept.instructions.get(name), counted) for name, counted in now.items()}
    return [name for name, change in changes.items() if change is not None and change > TOLERANCE]


def markdown(counts: Counts) -> str:
    """Return the table for readers."""
    made_by = ", ".join(f"{name} {version}" for name, version in counts.made_by.items())
    rows = [f"| {name} | {counted:.0f} |" for name, counted in counts.instructions.items()]
    return "\n".join(
        [
            "# Instructions of the hot operations",
            "",
            f"Written by `python benchmarks/instructions.py --update`: {made_by}.",
            "The interpreter's own instructions for the loop and the call are part of each count.",
            "",
            "| one | instructions |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def keep(counts: Counts) -> None:
    """Write the counts for the next comparison, and their table."""
    KEPT.write_text(json.dumps(asdict(counts), indent=2) + "\n")
    TABLE.write_text(markdown(counts))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("operation", nargs="*", metavar="TEXT", help="only operations with TEXT in their names")
    parser.add_argument("--update", action="store_true", help="keep what was counted")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Count, show, and keep if asked to. Return 1 if an operation takes more instructions than it did."""
    options = parse(arguments)
    names = [name for name in OPERATIONS if all(text.lower() in name.lower() for text in options.operation)]
    if not names:
        print(f"no operation matches; there are: {', '.join(OPERATIONS)}", file=sys.stderr)
        return FAILED
    if shutil.which("valgrind") is None:
        print("valgrind is not installed; it does the counting", file=sys.stderr)
        return FAILED
    kept, made_by = Counts.kept(), versions()
    now = count(names)
    for line in lines(kept, now):
        print(line)
    if options.update:
        merged = now if made_by != kept.made_by else {**kept.instructions, **now}
        keep(Counts(made_by, {name: merged[name] for name in OPERATIONS if name in merged}))
        return UNCHANGED
    if kept.made_by and kept.made_by != made_by:
        print(f"Kept counts are of {dict(kept.made_by)}, these of {made_by}: they do not compare.")
        return UNCHANGED
    return CHANGED if grown(kept, now) else UNCHANGED


if __name__ == "__main__":
    sys.exit(main())
