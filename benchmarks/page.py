"""One page of HTML with everything that a run has found out: no scripts, nothing to load, light and dark.

It is well-formed XML too, so that any parser can check it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

import plot
import table
from interleave import BUCKETS_PER_DOUBLING, SUBJECT, Curve, Row, Shape, bucket_start
from intervals import Spread
from outcome import Outcome, Report
from plot import Series, short

STYLE = Path(__file__).with_name("page.css")
PER_SECOND = {"ns": 1e9, "us": 1e6, "ms": 1e3, "s": 1.0}
METHOD = """\
Every contender runs in a process of its own, in turn, round by round; the order is reversed each round, and a ratio is
only taken between figures of one round. Ratios are peer / windlass, above 1 windlass is the better one; in brackets the
interval of the sign test for their median, 95 % where there are six rounds or more. A win is only claimed if the whole
interval is above 1. Figures are medians of the rounds, with their quartiles in brackets."""


def render(report: Report) -> str:
    """Return the page."""
    subjects = list(dict.fromkeys(outcome.subject for outcome in report.outcomes))
    links = "".join(f'<li><a href="#{escape(subject)}">{escape(subject)}</a></li>' for subject in subjects)
    sections = [_section(subject, [o for o in report.outcomes if o.subject == subject]) for subject in subjects]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8"/>',
            '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
            f"<title>windlass beside its peers, {escape(report.when)}</title>",
            f"<style>\n{STYLE.read_text(encoding='utf-8')}</style></head><body>",
            "<h1>windlass beside its peers</h1>",
            f"<p>{_summary(report)}</p>",
            _paragraphs(report.notes(), 'class="quiet"'),
            f"<nav><ul>{links}</ul></nav>",
            *sections,
            _ending(report),
            "</body></html>\n",
        ]
    )


def _summary(report: Report) -> str:
    claims = Counter(of.claim for outcome in report.outcomes for of in table.lines(outcome) if of.claim)
    words = [
        f'<b class="{escape(claim.split()[0])}">{count} {escape(claim)}</b>' for claim, count in claims.most_common()
    ]
    return f"Of {claims.total()} figures of windlass beside one of a peer: {', '.join(words) or 'nothing yet'}."


def _paragraphs(lines: Iterable[str], attributes: str) -> str:
    return f"<p {attributes}>{'<br/>'.join(map(escape, lines))}</p>"


def _section(subject: str, outcomes: Sequence[Outcome]) -> str:
    parts = [f'<section id="{escape(subject)}"><h2>{escape(subject)}</h2>']
    for outcome in outcomes:
        plots = [*_bars(outcome), *_curves(outcome), *_shapes(outcome)]
        parts.append(f"<h3>{escape(outcome.measure)}</h3>")
        parts += [f'<div class="plots">{"".join(plots)}</div>'] if plots else []
        parts += [_table(outcome), f'<p class="quiet">{escape(_rounds(outcome))}</p>']
    return "\n".join([*parts, "</section>"])


def _rounds(outcome: Outcome) -> str:
    rounds = max((len(standing.rounds) for standing in outcome.standings.values()), default=0)
    return f"{rounds} rounds; {outcome.load}"


def _plot(title: str, drawn: str) -> str:
    return f'<div class="plot"><h4>{escape(title)}</h4>{drawn}</div>'


def _looks(outcome: Outcome) -> dict[str, int]:
    """Number the contenders of a measure: windlass is 0, and keeps its colour all over the page."""
    peers = [name for name in outcome.standings if name != SUBJECT]
    return {SUBJECT: 0} | {name: number for number, name in enumerate(peers, 1)}


def _bars(outcome: Outcome) -> Iterator[str]:
    """Draw the bars of each figure that is compared: throughput where it is a time for each of something."""
    figures: dict[str, list[Row]] = {}
    for row in outcome.rows:
        if row.peer is not None and outcome.ratios(row):
            figures.setdefault(row.figure, []).append(row)
    for figure, rows in figures.items():
        unit, _, thing = rows[0].unit.partition("/")
        per_second = PER_SECOND.get(unit) if thing else None
        values = {}
        for name in [SUBJECT, *(row.peer for row in rows if row.peer)]:
            median = Spread.of(outcome.values(name, figure)).median
            values[name] = per_second / median if per_second and median else median
        what = f"{thing}s a second, more is better" if per_second else f"{rows[0].unit}, less is better"
        yield _plot(f"{rows[0].label}: {what}", _bar_list(values, _looks(outcome)))


def _bar_list(values: dict[str, float], looks: dict[str, int]) -> str:
    most = max(values.values()) or 1.0
    bars = (
        f'<div><div class="names"><span>{escape(name)}</span><b>{short(value)}</b></div>'
        f'<div class="bar {plot.look(looks[name])}" style="width:{100 * value / most:.2f}%"></div></div>'
        for name, value in values.items()
    )
    return f'<div class="bars">{"".join(bars)}</div>'


def _curves(outcome: Outcome) -> Iterator[str]:
    for curve in outcome.curves:
        series = [Series(name, look, _points(outcome, name, curve)) for name, look in _looks(outcome).items()]
        if drawn := plot.lines(series, curve.x, curve.unit):
            yield _plot(curve.title, drawn)


def _points(outcome: Outcome, contender: str, curve: Curve) -> list[tuple[float, float]]:
    values = ((x, outcome.values(contender, figure)) for x, figure in sorted(curve.points.items()))
    return [(x, Spread.of(found).median) for x, found in values if found]


def _shapes(outcome: Outcome) -> Iterator[str]:
    width = 2 ** (1 / BUCKETS_PER_DOUBLING)
    for shape in outcome.shapes:
        series = [Series(name, look, _counts(outcome, name, shape)) for name, look in _looks(outcome).items()]
        if drawn := plot.histograms(series, shape.unit, width):
            yield _plot(shape.title, drawn)


def _counts(outcome: Outcome, contender: str, shape: Shape) -> list[tuple[float, float]]:
    standing = outcome.standings.get(contender)
    counts: Mapping[int, int] = standing.samples.get(shape.name, {}) if standing is not None else {}
    return [(bucket_start(number), counts[number]) for number in sorted(counts)]


def _table(outcome: Outcome) -> str:
    rows = [
        f"<tr><td>{escape(of.label)}</td>"
        f'<td class="figure">{escape(of.mine)}</td>'
        f'<td>{escape(of.peer)}</td><td class="figure">{escape(of.theirs)}</td>'
        f'<td class="figure">{escape(of.ratio)}</td>'
        f'<td class="{escape(of.claim.partition(" ")[0])}">{escape(of.claim)}</td>'
        f"<td>{escape(of.goal)}{': ' if of.goal else ''}{escape(of.reached)}</td></tr>"
        for of in table.lines(outcome)
    ]
    heads = "".join(f"<th>{head}</th>" for head in ("measure", "windlass", "peer", "", "ratio", "", "goal"))
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _ending(report: Report) -> str:
    """Say who went wrong, who took part, and how it was measured."""
    parts = ['<section id="method"><h2>Method</h2>', f"<p>{escape(METHOD)}</p>"]
    if wrong := list(table.troubles(report)):
        parts.append(_paragraphs(wrong, 'class="warning"'))
    absent = [f"{name}: {word}" for name, word in report.rivals.items()]
    return "\n".join([*parts, _paragraphs(absent, 'class="quiet"') if absent else "", "</section>"])
