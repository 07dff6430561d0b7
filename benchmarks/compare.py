"""Measure windlass beside its peers on this machine: `windlass bench`, or `python benchmarks/compare.py`.

Every contender runs in a process of its own, in turn, round by round. Ctrl-C ends the run and shows what there is.
"""

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import guard
import headline
import machine
import page
import progress
import rivals
import table
from contest import Contest
from interleave import SUBJECT, MakeMeasure, Measure, among
from measures import SUBJECTS
from outcome import Outcome, Report
from windlass.result_file import check_target, write_json, write_text

ROUNDS, QUICK_ROUNDS = 7, 5
SECONDS, QUICK_SECONDS = 780, 100  # of a run of everything: a measure takes fewer rounds where it has no time for all
LEAST_SECONDS = 1  # for each measure of a quick run of a few subjects too
INTERRUPTED = 130  # what a shell reports for a program that SIGINT has ended


class Entry(NamedTuple):
    """A measure of the suite and how to make it anew in another process."""

    subject: str
    make: MakeMeasure
    measure: Measure


def parse(arguments: list[str] | None, program: str | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog=program,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "subjects", nargs="*", metavar="SUBJECT", help=f"{', '.join(SUBJECTS)}, or part of a measure's name"
    )
    parser.add_argument("--rivals", metavar="A,B", help="only these rivals (see --list)")
    parser.add_argument(
        "--rounds", type=int, metavar="N", help=f"rounds that count, at most (default: {ROUNDS}, quick {QUICK_ROUNDS})"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, under two minutes: no figure to quote")
    parser.add_argument("--json", metavar="FILE", help="write every figure of every round ('-': standard output)")
    parser.add_argument("--html", metavar="FILE", help="write one page with tables and plots")
    parser.add_argument("--list", action="store_true", help="list subjects, measures and rivals, and measure nothing")
    parser.add_argument("--from", dest="stored", type=Path, metavar="FILE", help="show a run that --json has kept")
    parser.add_argument("--update-readme", action="store_true", help="with --from: write its figures into the READMEs")
    parser.add_argument("--null", action="store_true", help="the peer on both sides: the noise of the method")
    parser.add_argument("--guard", action="store_true", help="fail where a ratio is below its floor in floors.toml")
    options = parser.parse_args(arguments)
    options.rounds = (QUICK_ROUNDS if options.quick else ROUNDS) if options.rounds is None else options.rounds
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    if options.update_readme and options.stored is None:
        parser.error("--update-readme needs --from FILE: only what is kept may be quoted")
    if options.json == options.html == "-":
        parser.error("only one of --json and --html can have the standard output")
    try:
        options.entries = select(options)
    except ValueError as error:
        parser.error(str(error))
    return options


def select(options: argparse.Namespace) -> list[Entry]:
    """Return the measures that the command line asks for, with the contenders that it asks for.

    Raises:
        ValueError: It names a subject or a rival that there is not.
    """
    entries = [Entry(subject, make, make(options.quick)) for subject, group in SUBJECTS.items() for make in group]
    for text in options.subjects:
        if not any(asked(entry, text) for entry in entries):
            raise ValueError(f"no subject or measure has {text!r} in its name; --list shows them")
    if options.subjects:
        entries = [entry for entry in entries if any(asked(entry, text) for text in options.subjects)]
    if options.rivals is not None:
        wanted = chosen_rivals(options.rivals)
        entries = [entry._replace(measure=against(wanted, entry.measure)) for entry in entries]
    if options.rivals is not None or options.null:
        entries = [entry for entry in entries if set(entry.measure.contenders) - {SUBJECT}]
    return entries


def asked(entry: Entry, text: str) -> bool:
    """Return whether a word of the command line means this measure: its whole subject, or part of its own name."""
    return text == entry.subject or (text not in SUBJECTS and text in entry.measure.name)


def against(wanted: set[str], measure: Measure) -> Measure:
    """Leave only the contenders of the rivals that are wanted."""
    return among(measure, [name for name in measure.contenders if rivals.rival_of(name) in wanted])


def chosen_rivals(text: str) -> set[str]:
    """Return the rivals that a comma-separated list names, in any case.

    Raises:
        ValueError: One of them is none.
    """
    known = {name.lower(): name for name in (rivals.STANDARD_LIBRARY, *(rival.name for rival in rivals.ALL))}
    names = [name.strip().lower() for name in text.split(",")]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"no rival is called {unknown[0]!r}; there are: {', '.join(known.values())}")
    return {known[name] for name in names}


def main(arguments: list[str] | None = None, program: str | None = None) -> int:
    """Run the comparison and return the exit status.

    Returns:
        0; 1 if windlass itself went wrong, fell below a floor, or a file could not be written; 2 after wrong usage;
        130 after Ctrl-C.
    """
    options = parse(arguments, program)
    if options.list:
        print_list(options.entries)
        return 0
    try:
        for target in (options.json, options.html):
            check_target(target)
        report = Report.from_data(json.loads(options.stored.read_text())) if options.stored else measure(options)
    except (OSError, ValueError) as error:
        print(f"{program or 'compare.py'}: {error}", file=sys.stderr)
        return 2
    stream = sys.stderr if "-" in (options.json, options.html) else sys.stdout
    status = 0
    try:
        write_json(report.as_data(), options.json)
        write_text(page.render(report), options.html)
    except OSError as error:
        print(f"{program or 'compare.py'}: {error}", file=sys.stderr)
        status = 1
    table.print_report(report, stream, screen=progress.is_screen(stream))
    if options.update_readme:
        headline.update_readmes(report)
    if any(outcome.state(SUBJECT) not in ("", "unavailable") for outcome in report.outcomes):
        status = 1
    if options.guard:
        status = guard.check(report, stream) or status
    return INTERRUPTED if report.interrupted and not options.stored else status


def measure(options: argparse.Namespace) -> Report:
    """Run everything that was asked for, or as much as there was time for until Ctrl-C."""
    report = Report(
        when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        machine=machine.describe(),
        rivals={rival.name: rival.absent() or rival.version() for rival in rivals.ALL},
        rounds=options.rounds,
        quick=options.quick,
        null=options.null,
    )
    begin, before = time.monotonic(), machine.Load.now()
    shown = progress.Progress(sys.stderr, len(options.entries))
    try:
        report.warning = machine.other_work()
        for number, entry in enumerate(options.entries):
            outcome = Outcome.begin(entry.subject, entry.measure)
            report.outcomes.append(outcome)
            shown.begin(entry.subject, entry.measure.name)
            contest = Contest(entry.make, entry.measure, outcome, quick=options.quick, null=options.null)
            contest.run(options.rounds, share_of_time(options, begin, number), shown.show)
            shown.end(outcome)
    except KeyboardInterrupt:
        report.interrupted = True
    finally:
        shown.close()
    report.seconds = time.monotonic() - begin
    report.load = machine.describe_load(before, machine.Load.now())
    return report


def share_of_time(options: argparse.Namespace, begin: float, number: int) -> float:
    """Return until when the measure with this number may begin further rounds: what others left is shared by the rest.

    Asking for a number of rounds of some subjects lifts no limit: a round too many costs more than it tells.
    """
    now = time.monotonic()
    total = QUICK_SECONDS if options.quick else SECONDS
    left = begin + total - now
    return now + max(LEAST_SECONDS if options.quick else 0, left / (len(options.entries) - number))


def print_list(entries: list[Entry]) -> None:
    """Print what can be asked for."""
    for subject in dict.fromkeys(entry.subject for entry in entries):
        print(subject)
        for entry in (entry for entry in entries if entry.subject == subject):
            print(f"    {entry.measure.name}: {', '.join(entry.measure.contenders)}")
    print("\nrivals")
    print(f"    {rivals.STANDARD_LIBRARY}")
    for rival in rivals.ALL:
        print(f"    {rival.name}: {rival.absent() or rival.version()}")
        for way in rival.ways:
            print(f"        {way.kind}: {way.contender}: {way.options}")


if __name__ == "__main__":
    sys.exit(main())
