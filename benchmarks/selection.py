"""Which measures and contenders a run has: all there are, or what the command line names."""

from collections.abc import Sequence
from typing import NamedTuple

import rivals
from interleave import SUBJECT, MakeMeasure, Measure, among
from subjects import SUBJECTS


class Entry(NamedTuple):
    """A measure of the suite and how to make it anew in another process."""

    subject: str
    make: MakeMeasure
    measure: Measure


def select(subjects: Sequence[str], rivals_text: str | None, *, quick: bool, null: bool) -> list[Entry]:
    """Return the measures that are asked for, with the contenders that are asked for.

    Args:
        subjects: Words, each a whole subject or part of a measure's name; none for everything.
        rivals_text: The rivals, separated by commas; None for all.
        quick: Whether small sizes will do.
        null: Leave out what has no peer to put in windlass's place.

    Raises:
        ValueError: It names a subject or a rival that there is not, or rivals of which none can take part.
    """
    entries = [Entry(subject, make, make(quick)) for subject, group in SUBJECTS.items() for make in group]
    for text in subjects:
        if not any(asked(entry, text) for entry in entries):
            raise ValueError(f"no subject or measure has {text!r} in its name; --list shows them")
    if subjects:
        entries = [entry for entry in entries if any(asked(entry, text) for text in subjects)]
    if rivals_text is not None:
        wanted = chosen_rivals(rivals_text)
        entries = [entry._replace(measure=against(wanted, entry.measure)) for entry in entries]
    if rivals_text is not None or null:
        entries = [entry for entry in entries if set(entry.measure.contenders) - {SUBJECT}]
    if not entries:
        raise ValueError(why_nothing(rivals_text))
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
    known = {name.lower(): name for name in (rival.name for rival in rivals.ALL)}
    names = [name.strip().lower() for name in text.split(",")]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"no rival is called {unknown[0]!r}; there are: {', '.join(known.values())}")
    return {known[name] for name in names}


def why_nothing(rivals_text: str | None) -> str:
    """Say why no measure is left."""
    wanted = chosen_rivals(rivals_text) if rivals_text is not None else set()
    reasons = [f"{rival.name}: {rival.absent()}" for rival in rivals.ALL if rival.name in wanted and rival.absent()]
    return f"nothing to measure: {'; '.join(reasons) or 'no such measure has a peer among these'}"


def print_list(entries: list[Entry]) -> None:
    """Print what can be asked for."""
    for subject in dict.fromkeys(entry.subject for entry in entries):
        print(subject)
        for entry in (entry for entry in entries if entry.subject == subject):
            print(f"    {entry.measure.name}: {', '.join(entry.measure.contenders)}")
    print("\nrivals")
    for rival in rivals.ALL:
        print(f"    {rival.name}: {rival.absent() or rival.version()}")
        for way in rival.ways:
            print(f"        {way.kind}: {way.contender}: {way.options}")
