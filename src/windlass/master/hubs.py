"""The hubs of all masters of the process: ended at its exit, and without workers in a forked child."""

import atexit
import os
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from windlass.master.hub import Hub

# Seconds at exit for the threads of killed workers to end. The processes end in any case.
LAST_WAIT = 2.0

_hubs: "weakref.WeakSet[Hub]" = weakref.WeakSet()


def register(hub: "Hub") -> None:
    """Add a hub."""
    _hubs.add(hub)


def end_all() -> None:
    """End all workers, whatever they are at."""
    # An atexit handler, which runs after the last thread that is no daemon: that may have been iterating.
    hubs = list(_hubs)
    for hub in hubs:
        for station in hub.close("the interpreter is exiting"):
            station.kill()
    for hub in hubs:
        hub.wait_for_departure(list(hub.stations.values()), LAST_WAIT)


def _reset_in_child() -> None:
    for hub in list(_hubs):
        hub.reset_after_fork()


atexit.register(end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_in_child)
