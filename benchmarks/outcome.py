"""What a run has found out: every figure of every round, and the plain data that a JSON file holds."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from contestant import OK, Reply
from interleave import SUBJECT, Curve, Measure, Row, Shape
from intervals import Spread, claim

FORMAT = 1  # of the JSON file


@dataclass
class Standing:
    """How one contender fared in one measure.

    Attributes:
        rounds: The figures of each round that counts.
        samples: By shape: how many samples each bucket of a histogram holds, over all rounds.
        state: One of ``contestant.STATES``; anything but ok ended its part in the measure.
        why: What went wrong, in a line.
        errors: The end of what it wrote to its error output.
    """

    rounds: list[Mapping[str, float]] = field(default_factory=list)
    samples: dict[str, dict[int, int]] = field(default_factory=dict)
    state: str = OK
    why: str = ""
    errors: str = ""

    def add(self, reply: Reply) -> None:
        """Take in one round."""
        self.rounds.append(reply.figures)
        for name, counts in reply.samples.items():
            held = self.samples.setdefault(name, {})
            for number, count in counts.items():
                held[number] = held.get(number, 0) + count

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Standing":
        """Return what ``asdict`` and JSON have made of a standing."""
        samples = {
            name: {int(number): count for number, count in counts.items()} for name, counts in data["samples"].items()
        }
        return cls(data["rounds"], samples, data["state"], data["why"], data["errors"])


@dataclass
class Outcome:
    """Everything that was found out about one measure."""

    subject: str
    measure: str
    rows: Sequence[Row]
    curves: Sequence[Curve] = ()
    shapes: Sequence[Shape] = ()
    standings: dict[str, Standing] = field(default_factory=dict)
    load: str = ""

    @classmethod
    def begin(cls, subject: str, measure: Measure) -> "Outcome":
        """Return the outcome of a measure of which nothing is known yet."""
        standings = {name: Standing() for name in measure.contenders}
        return cls(subject, measure.name, measure.rows, measure.curves, measure.shapes, standings)

    def values(self, contender: str, figure: str) -> list[float]:
        """Return one figure of one contender, round by round; nothing of a contender that went wrong."""
        standing = self.standings.get(contender)
        if standing is None or standing.state != OK:
            return []
        return [figures[figure] for figures in standing.rounds if figure in figures]

    def ratios(self, row: Row) -> list[float]:
        """Return peer / windlass, round by round; above 1 windlass is the better one."""
        if row.peer is None:
            return []
        mine, theirs = self.values(SUBJECT, row.figure), self.values(row.peer, row.figure)
        return [_ratio(peer, own) for own, peer in zip(mine, theirs, strict=False)]  # the last round may be half done

    def claim(self, row: Row) -> str:
        """Say what the ratios prove, "" where there are none."""
        ratios = self.ratios(row)
        return claim(ratios) if ratios else ""

    def reached(self, row: Row) -> str:
        """Say whether the goal is reached: yes, no, or "within spread": only the upper quartile does."""
        mine = self.values(SUBJECT, row.figure)
        if row.most is not None:
            return ("yes" if Spread.of(mine).median <= row.most else "no") if mine else ""
        if row.least_ratio is None or not self.ratios(row):
            return ""
        spread = Spread.of(self.ratios(row))
        if spread.median >= row.least_ratio:
            return "yes"
        return "within spread" if spread.high >= row.least_ratio else "no"

    def state(self, contender: str) -> str:
        """Say in a few words why there is no figure of this contender, "" where nothing went wrong."""
        standing = self.standings.get(contender)
        if standing is None:
            return "not here"
        return "" if standing.state == OK else standing.state

    def as_data(self) -> dict[str, Any]:
        """Return everything, ready for JSON; the figures first derived from it stand with it for other readers."""
        data = asdict(self)
        for row, line in zip(self.rows, data["rows"], strict=True):
            ratios = [ratio for ratio in self.ratios(row) if math.isfinite(ratio)]
            line["found"] = {
                "ratio": Spread.of(ratios).median if ratios else None,
                "claim": self.claim(row),
                "reached": self.reached(row),
            }
        return data

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Outcome":
        """Return what ``as_data`` and JSON have made of an outcome."""
        rows = [Row(**{name: value for name, value in row.items() if name != "found"}) for row in data["rows"]]
        curves = [
            Curve(**curve | {"points": {float(x): figure for x, figure in curve["points"].items()}})
            for curve in data["curves"]
        ]
        shapes = [Shape(**shape) for shape in data["shapes"]]
        standings = {name: Standing.from_data(standing) for name, standing in data["standings"].items()}
        return cls(data["subject"], data["measure"], rows, curves, shapes, standings, data["load"])


@dataclass
class Report:
    """A whole run.

    Attributes:
        when: Its beginning, in UTC.
        machine: Versions, processor, system.
        rivals: Each rival's version, or why it did not take part.
        rounds: How many each measure could take at most.
        quick: Small sizes: no figure to quote.
        null: The peer on both sides: the noise of the method.
        load: How busy the machine was.
        warning: What speaks against the figures; "" if nothing does.
        interrupted: Ctrl-C ended it: later measures are missing, and the last one may have fewer rounds.
        seconds: How long it took.
        outcomes: What was found out.
    """

    when: str
    machine: dict[str, str]
    rivals: dict[str, str]
    rounds: int
    quick: bool = False
    null: bool = False
    load: str = ""
    warning: str = ""
    interrupted: bool = False
    seconds: float = 0.0
    outcomes: list[Outcome] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        mine = {name: value for name, value in vars(self).items() if name != "outcomes"}
        return {"format": FORMAT, **mine, "outcomes": [outcome.as_data() for outcome in self.outcomes]}

    @classmethod
    def from_data(cls, data: Any) -> "Report":
        """Return what ``as_data`` and JSON have made of a report.

        Raises:
            ValueError: It is no report, or one that another version has written.
        """
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError(f"not a report of format {FORMAT} by `windlass bench --json`")
        try:
            outcomes = [Outcome.from_data(outcome) for outcome in data["outcomes"]]
            return cls(**{name: value for name, value in data.items() if name != "format"} | {"outcomes": outcomes})
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"a report of format {FORMAT} with something missing: {error}") from error

    @classmethod
    def read(cls, path: Path) -> "Report":
        """Return the report in a file.

        Raises:
            OSError: The file cannot be read.
            ValueError: It holds no report; the message names it.
        """
        try:
            return cls.from_data(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ValueError(f"{path}: no report that `windlass bench --json` has kept: {error}") from error

    def notes(self) -> list[str]:
        """Return what must stand with the figures, a line each."""
        lines = [f"{name}: {value}" for name, value in self.machine.items()]
        lines.append(f"{self.when}, {self.seconds:.0f} s, {self.rounds} rounds at most, {self.load}")
        lines += ["quick: small sizes and few rounds, no figure to quote"] if self.quick else []
        lines += ["null run: the peer stands in windlass's place, every ratio should be 1"] if self.null else []
        lines += ["interrupted: not everything was measured"] if self.interrupted else []
        lines += [self.warning] if self.warning else []
        return lines


def _ratio(peer: float, own: float) -> float:
    if own:
        return peer / own
    return math.inf if peer else 1.0
