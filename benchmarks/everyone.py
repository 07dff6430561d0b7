"""Who takes part in the measures of a bench file: one parameter set for each contender, here or not."""

from typing import TYPE_CHECKING

import pytest

import rivals
from interleave import SUBJECT, MakeMeasure, Measure

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

ARGUMENTS = ("make_measure", "contender")


def everyone(*makes: MakeMeasure) -> "list[ParameterSet]":
    """Return windlass and every peer of these measures, for ``parametrize(ARGUMENTS, ...)``."""
    sets = []
    for make in makes:
        measure = make(True)
        sets += [pytest.param(make, name, id=f"{measure.name}: {name}") for name in names(measure)]
    return sets


def names(measure: Measure) -> list[str]:
    """Return all contenders that a measure runs or would like to run, windlass first."""
    peers = [row.peer for row in measure.rows if row.peer is not None]
    return list(dict.fromkeys([SUBJECT, *measure.contenders, *peers]))


def why_absent(contender: str) -> str:
    """Say why a contender does not take part."""
    owner = rivals.rival_of(contender)
    return next((rival.absent() for rival in rivals.ALL if rival.name == owner), "") or "it does none of this work here"
