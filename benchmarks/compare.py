"""Measure every row of the table of figures: windlass beside its peers, in one run.

python benchmarks/compare.py                    the table, on the terminal
python benchmarks/compare.py --quick            small sizes, 2 rounds: does everything still run?
python benchmarks/compare.py --update-readme    write the table into benchmarks/README.md
"""

import argparse
import json
import sys
from pathlib import Path

import interleave
import machine
import table
from measures import ALL

ROUNDS, QUICK_ROUNDS = 7, 2
README = Path(__file__).with_name("README.md")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--rounds", type=int, metavar="N", help=f"rounds that count (default {ROUNDS})")
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds: no figure to quote")
    parser.add_argument("--only", action="append", metavar="TEXT", help="only subjects with TEXT; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure of every round to FILE")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown at the end")
    parser.add_argument("--update-readme", action="store_true", help="put the Markdown table into README.md")
    parser.add_argument("--null", action="store_true", help="the peer on both sides: the method's noise")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    if options.update_readme and (options.quick or options.only or options.null):
        parser.error("--update-readme needs a full run: without --quick, --only and --null")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison and return the exit status."""
    options = parse(arguments)
    measures = [make(options.quick) for make in ALL]
    subjects = [measure.name for measure in measures]
    measures = [m for m in measures if not options.only or any(text in m.name for text in options.only)]
    if not measures:
        print(f"no subject matches; there are: {', '.join(subjects)}", file=sys.stderr)
        return 2
    if options.null:
        measures = [interleave.against_itself(measure) for measure in measures]

    about = machine.describe()
    warning = machine.other_work()
    start = machine.Load.now()
    for name, value in about.items():
        print(f"{name}: {value}")
    if warning:
        print(f"warning: {warning}", file=sys.stderr)
    outcomes, lines = [], []
    for measure in measures:
        before = machine.Load.now()
        outcome = interleave.run(measure, options.rounds)
        counted = len(outcome.rounds[interleave.SUBJECT])
        load = machine.describe_load(before, machine.Load.now())
        print(f"\n[{measure.name}: {counted} rounds, {load}]")
        new = [table.cells(outcome, row) for row in measure.rows]
        for line in table.text_lines(new):
            print(line, flush=True)
        outcomes.append(outcome)
        lines += new
    load = machine.describe_load(start, machine.Load.now())
    print(f"\n{load}")

    notes = [f"{name}: {value}" for name, value in about.items()]
    notes.append(f"{options.rounds} rounds at most, {load}")
    notes += [warning] if warning else []
    figures = table.markdown(lines, notes)
    if options.markdown:
        print(f"\n{figures}")
    if options.update_readme:
        table.update_readme(README, figures)
    if options.json:
        data = {
            "machine": about,
            "load": load,
            "warning": warning,
            "measures": [table.as_data(outcome) for outcome in outcomes],
        }
        options.json.write_text(json.dumps(data, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
