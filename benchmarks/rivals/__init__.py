"""The peers that windlass is compared with: one module a library, each with its ``RIVAL``."""

from collections.abc import Sequence

from rivals import (
    apscheduler,
    atasker,
    billiard,
    culsans,
    fastthreadpool,
    futurist,
    horus_robotics,
    joblib,
    loky,
    loop_rate_limiters,
    mpire,
    neotasker,
    originals,
    pebble,
    pyaltt,
    stdlib,
    tbb,
    uvloop,
)
from rivals.rival import Rival, Way

STANDARD_LIBRARY = "stdlib"  # the rival behind every contender that no adapter claims

# In the order of the report.
ALL: tuple[Rival, ...] = (
    stdlib.RIVAL,
    mpire.RIVAL,
    pebble.RIVAL,
    loky.RIVAL,
    joblib.RIVAL,
    billiard.RIVAL,
    atasker.RIVAL,
    neotasker.RIVAL,
    fastthreadpool.RIVAL,
    futurist.RIVAL,
    culsans.RIVAL,
    tbb.RIVAL,
    apscheduler.RIVAL,
    loop_rate_limiters.RIVAL,
    horus_robotics.RIVAL,
    uvloop.RIVAL,
    pyaltt.RIVAL,
    *originals.RIVALS,
)


def ways(kind: str, rivals: Sequence[Rival] | None = None) -> dict[str, Way]:
    """Return by contender how every rival that is here does this kind of work."""
    present = [rival for rival in (ALL if rivals is None else rivals) if not rival.absent()]
    return {way.contender: way for rival in present for way in rival.ways if way.kind == kind}


def contenders(kind: str, rivals: Sequence[Rival] | None = None) -> list[str]:
    """Return the names of all contenders of this kind, here or not: a row for each."""
    return [way.contender for rival in (ALL if rivals is None else rivals) for way in rival.ways if way.kind == kind]


def rival_of(contender: str) -> str:
    """Return the name of the rival that a contender of any measure belongs to."""
    owners = (rival.name for rival in ALL if contender in (rival.name, *(way.contender for way in rival.ways)))
    return next(owners, STANDARD_LIBRARY)
