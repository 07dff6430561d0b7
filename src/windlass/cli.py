"""The command line: parse, hand over to the command, report in words or as JSON.

A command is one ``Command`` in ``COMMANDS``: its options and a function from parsed options to exit status.
``bench`` is the exception: it hands its arguments over as they are.
Exit status: 0 done; 1 the result could not be written; 2 wrong usage; 130 ended by Ctrl-C.
"""

import argparse
import dataclasses
import io
import os
import sys
import sysconfig
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TextIO

from windlass._core.ticker import GIL_MODES
from windlass._version import __version__
from windlass.bench import SUMMARY as BENCH_SUMMARY
from windlass.bench import run_suite
from windlass.demo import printable, run
from windlass.demo_parse import SAMPLE_BYTES, parse, sample
from windlass.demo_report import (
    WITHOUT_RICH,
    NoProgress,
    has_rich,
    is_screen,
    make_progress,
    print_parsing,
    print_summary,
)
from windlass.demo_source import scan
from windlass.doctor import examine, print_findings
from windlass.jitter import LOADS, JitterOptions
from windlass.jitter import document as jitter_document
from windlass.jitter import run as run_jitter
from windlass.jitter_plot import WITHOUT_MATPLOTLIB, has_matplotlib, save_plot
from windlass.jitter_report import end_live_line, live_line, print_jitter
from windlass.realtime import MOST_CPUS, POLICIES
from windlass.result_file import check_target, write_json

IN_A_SECOND = {"us": 1e6, "ms": 1e3, "s": 1.0, "": 1.0}
INTERRUPTED = 130  # what a shell reports for a program that SIGINT has ended
INSTALLED = ("site-packages", "dist-packages")  # inside the standard library's folder, but no part of it


@dataclasses.dataclass(frozen=True)
class Result:
    """What a command has found out: the JSON document, and how to show it in words."""

    document: dict[str, Any]
    show: Callable[[TextIO], None]
    status: int = 0


@dataclasses.dataclass(frozen=True)
class Command:
    """One sub-command. ``run`` ends the process with status 2 where its options make no sense."""

    name: str
    summary: str
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Result]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Args:
        arguments: The arguments without the program's name; None for those of the process.

    Raises:
        SystemExit: Status 2 after wrong usage, 0 after ``--help`` and ``--version``.
    """
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks is shown escaped; it must not end a finished job.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments[:1] == ["bench"]:  # the suite knows its own options
            return run_suite(arguments[1:])
        options = _parser().parse_args(arguments)
        return _run(options.command, options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader (``| head``) has gone
        _close_output()
        return 1


def _run(command: Command, options: argparse.Namespace) -> int:
    try:
        check_target(options.json)
    except OSError as error:
        _refuse(command.name, error)
    result = command.run(options)
    status = result.status
    try:
        write_json(result.document, options.json)
    except BrokenPipeError:
        raise
    except OSError as error:
        _complain(command.name, error)
        status = status or 1
    try:
        result.show(sys.stderr if options.json == "-" else sys.stdout)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        error.filename = "standard output"
        _complain(command.name, error)
        _close_output()
        status = status or 1
    return status


def _close_output() -> None:
    # The interpreter flushes once more as it ends: let that go nowhere.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(command: str, error: OSError) -> None:
    print(f"windlass {command}: {error.strerror}: {printable(str(error.filename))}", file=sys.stderr)


def _refuse(command: str, error: OSError) -> NoReturn:
    _complain(command, error)
    sys.exit(2)


def _stop(command: str, message: str) -> NoReturn:
    print(f"windlass {command}: {message}", file=sys.stderr)
    sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="windlass", description="Pools, tasks and realtime loops on a compiled core.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"windlass {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.summary, description=command.summary, allow_abbrev=False)
        sub.add_argument("--json", metavar="FILE", help="write the result as JSON too ('-': standard output)")
        sub.set_defaults(command=command)
        command.add_options(sub)
    commands.add_parser("bench", help=BENCH_SUMMARY, add_help=False)  # only to be listed: main() has taken it
    return parser


def _at_least(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        number = int(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"must be {least} or more, not {number}")
        return number

    return whole_number


def _demo_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="DIR", nargs="?", help="what to read (default: the standard library)")
    parser.add_argument("--workers", metavar="N", type=_at_least(1), help="worker threads and processes, at most")
    parser.add_argument(
        "--parse",
        metavar="MB",
        type=_at_least(0),
        default=SAMPLE_BYTES // 1_000_000,
        help="how much to tokenise and parse in worker processes (default: %(default)s; 0: nothing)",
    )
    parser.add_argument(
        "--top", metavar="N", type=_at_least(0), default=10, help="identifiers to show (default: %(default)s)"
    )


def _demo(options: argparse.Namespace) -> Result:
    root: str = sysconfig.get_path("stdlib") if options.directory is None else options.directory
    skip = INSTALLED if options.directory is None else ()
    try:
        os.scandir(root).close()
    except OSError as error:
        _refuse("demo", error)
    if not has_rich():
        print(WITHOUT_RICH, file=sys.stderr)
    screens = [stream for stream in (sys.stderr, sys.stdout) if is_screen(stream)]
    progress = make_progress(screens[0] if screens else sys.stderr)
    summary = run(root, progress, workers=options.workers, top=options.top, skip=skip)
    files = sample(list(scan(root, lambda path, error: None, skip)), options.parse * 1_000_000)
    parsing = None
    if files and not summary.interrupted:
        progress = make_progress(screens[0]) if screens else NoProgress()
        parsing = parse(root, files, progress, workers=options.workers)

    def show(stream: TextIO) -> None:
        print_summary(summary, stream)
        if parsing is not None:
            print_parsing(parsing, stream)

    return Result(
        document={**dataclasses.asdict(summary), "parsing": parsing and dataclasses.asdict(parsing)},
        show=show,
        status=INTERRUPTED if summary.interrupted or (parsing is not None and parsing.interrupted) else 0,
    )


def _seconds(text: str) -> float:
    unit = next(unit for unit in IN_A_SECOND if text.endswith(unit))
    try:
        number = float(text.removesuffix(unit)) / IN_A_SECOND[unit]
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a time such as 0.001, 1ms or 1000us, not {text!r}") from None
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a finite time, 0 or more, not {text}")
    return number


def _processors(text: str) -> tuple[int, ...]:
    numbers: set[int] = set()
    try:
        for part in text.split(","):
            first, dash, last = part.partition("-")
            low, high = int(first), int(last if dash else first)
            if not 0 <= low <= high < MOST_CPUS:
                raise ValueError
            numbers.update(range(low, high + 1))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be processors such as 1 or 0,2-3, not {text!r}") from None
    return tuple(sorted(numbers))


def _scheduling(text: str) -> tuple[str, int | None]:
    name, colon, priority = text.partition(":")
    try:
        return name, int(priority) if colon else None
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a class such as fifo or fifo:50, not {text!r}") from None


def _jitter_options(parser: argparse.ArgumentParser) -> None:
    usual = JitterOptions()
    parser.add_argument(
        "--interval", metavar="TIME", type=_seconds, default=usual.interval, help="0.001, 1ms or 1000us (the default)"
    )
    parser.add_argument(
        "--duration", metavar="TIME", type=_seconds, default=usual.duration, help="how long to measure (default: 10s)"
    )
    parser.add_argument(
        "--spin", metavar="TIME", type=_seconds, default=usual.spin, help="awake before a release (default: 100us)"
    )
    parser.add_argument("--gil", choices=GIL_MODES, default=usual.gil, help="when to ask for the GIL (default: auto)")
    parser.add_argument("--load", choices=LOADS, default=usual.load, help="what keeps the machine busy (default: none)")
    parser.add_argument(
        "--policy",
        metavar="CLASS[:PRIORITY]",
        type=_scheduling,
        default=(usual.policy, usual.priority),
        help=f"scheduling class of the loop's thread: {', '.join(POLICIES)}; fifo:80, for example",
    )
    parser.add_argument(
        "--affinity", metavar="CPUS", type=_processors, help="processors for the loop's thread: 1 or 0,2-3"
    )
    parser.add_argument("--plot", metavar="FILE", help="draw the lateness into FILE.png (needs windlass[plot])")


def _jitter(options: argparse.Namespace) -> Result:
    policy, priority = options.policy
    wanted = JitterOptions(
        interval=options.interval,
        duration=options.duration,
        spin=options.spin,
        gil=options.gil,
        load=options.load,
        policy=policy,
        priority=priority,
        cpus=options.affinity,
    )
    if options.plot is not None:
        try:
            check_target(options.plot)
        except OSError as error:
            _refuse("jitter", error)
        if not has_matplotlib():
            _stop("jitter", WITHOUT_MATPLOTLIB)
    screen = is_screen(sys.stderr)
    watch = live_line(sys.stderr, wanted.duration) if screen else lambda _ticker, _had: None
    try:
        found = run_jitter(wanted, watch)
    except (ValueError, TypeError) as error:
        _stop("jitter", str(error))
    finally:
        if screen:
            end_live_line(sys.stderr)
    status = INTERRUPTED if found.interrupted else 0
    if options.plot is not None:
        try:
            save_plot(found, options.plot)
        except (OSError, ValueError) as error:
            print(f"windlass jitter: {printable(str(error))}", file=sys.stderr)
            status = status or 1
    return Result(
        document=jitter_document(found),
        show=lambda stream: print_jitter(found, stream),
        status=status,
    )


def _no_options(_: argparse.ArgumentParser) -> None:
    """Add nothing to ``--json``, which every command has."""


def _doctor(_: argparse.Namespace) -> Result:
    findings = examine()
    return Result(document=findings, show=lambda stream: print_findings(findings, stream))


COMMANDS = (
    Command("demo", "Read, hash and count every Python file below a directory, and parse some.", _demo_options, _demo),
    Command("jitter", "Measure how punctual a loop is on this machine.", _jitter_options, _jitter),
    Command("doctor", "Show what matters to windlass on this machine.", _no_options, _doctor),
)
