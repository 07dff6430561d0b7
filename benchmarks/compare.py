"""Measure windlass beside its peers on this machine: `windlass bench`, or `python benchmarks/compare.py`.

Every contender runs in a process of its own, in turn, round by round. Ctrl-C ends the run and shows what there is;
so does SIGTERM, for runs in the background.
"""

import argparse
import json
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import guard
import headline
import machine
import page
import progress
import rivals
import table
from contest import Contest
from contestant import CRASHED, FAILED, HUNG, WRONG
from interleave import SUBJECT
from outcome import Outcome, Report
from selection import Entry, print_list, select
from subjects import SUBJECTS
from windlass.result_file import check_target, write_text

ROUNDS, QUICK_ROUNDS = 7, 5
LEAST = 5  # rounds of a full run, although a measure's share of the time is over: fewer would prove nothing
SECONDS, QUICK_SECONDS = 1000, 60  # for a run; its measures take fewer rounds if that is not enough for all
PATIENCE = 2  # times these, after which a measure of a full run has one round only
BAD = (WRONG, FAILED, CRASHED, HUNG)  # states of windlass that make a run fail; a peer in one does not
INTERRUPTED = 130  # what a shell reports for a program that SIGINT has ended


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
        options.entries = select(options.subjects, options.rivals, quick=options.quick, null=options.null)
    except ValueError as error:
        parser.error(str(error))
    return options


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
        report = Report.read(options.stored) if options.stored else measure(options)
    except (OSError, ValueError) as error:
        print(f"{program or 'compare.py'}: {error}", file=sys.stderr)
        return 2
    falls = lasting_falls(report, options) if options.guard else []
    stream = sys.stderr if "-" in (options.json, options.html) else sys.stdout
    status = 1 if falls or any(outcome.state(SUBJECT) in BAD for outcome in report.outcomes) else 0
    try:
        write_text(json.dumps(report.as_data(), allow_nan=False) + "\n", options.json)
        write_text(page.render(report) if options.html else "", options.html)
        if options.update_readme:
            headline.update_readmes(report)
    except (OSError, ValueError) as error:
        print(f"{program or 'compare.py'}: {error}", file=sys.stderr)
        status = 1
    table.print_report(report, stream, screen=progress.is_screen(stream))
    for fall in falls:
        print(f"below its floor: {fall.floor}: {fall.why}", file=stream)
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
    terminated = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        report.warning = machine.other_work()
        run_all(options.entries, options, report)
    except KeyboardInterrupt:
        report.interrupted = True
    finally:
        signal.signal(signal.SIGTERM, terminated)
    report.seconds = time.monotonic() - begin
    report.load = machine.describe_load(before, machine.Load.now())
    return report


def run_all(entries: list[Entry], options: argparse.Namespace, report: Report) -> None:
    """Run measures, in turn, and add their outcomes to the report: what there is of them, if Ctrl-C ends this."""
    shown = progress.Progress(sys.stderr, len(entries))
    begin = time.monotonic()
    over = begin + (QUICK_SECONDS if options.quick else SECONDS)
    try:
        for number, entry in enumerate(entries):
            outcome = Outcome.begin(entry.subject, entry.measure)
            report.outcomes.append(outcome)
            shown.begin(entry.subject, entry.measure.name)
            contest = Contest(entry.make, entry.measure, outcome, quick=options.quick, null=options.null)
            late = time.monotonic() > begin + PATIENCE * SECONDS
            least = 1 if options.quick or late else min(LEAST, options.rounds)
            contest.run(options.rounds, share_of_time(over, len(entries) - number), shown.show, least=least)
            shown.end(outcome)
    finally:
        shown.close()


def lasting_falls(report: Report, options: argparse.Namespace) -> list[guard.Fall]:
    """Return the floors that do not hold, and did not when their measures were run again: noise is no regression."""
    floors = guard.read_floors()
    falls = list(guard.fallen_below(report, floors))
    fallen = {fall.floor.measure for fall in falls}
    if not falls or options.stored or report.interrupted:
        return falls
    again = replace(report, outcomes=[])
    try:
        run_all([entry for entry in options.entries if entry.measure.name in fallen], options, again)
    except KeyboardInterrupt:
        return falls
    lasting = {fall.floor for fall in guard.fallen_below(again, floors)}
    return [fall for fall in falls if fall.floor in lasting]


def share_of_time(over: float, measures: int) -> float:
    """Return until when the next of so many measures may begin further rounds: what is left is shared by all."""
    now = time.monotonic()
    return now + max(0.0, over - now) / measures


if __name__ == "__main__":
    sys.exit(main())
