"""All dock masters of the process: their shifts ended at interpreter exit, reset in a forked child."""

import os
import threading
import weakref
from typing import Protocol

from windlass.pools import registry as _pools_registry  # noqa: F401  # for its hook, see below


class Master(Protocol):
    """What this module asks of a dock master."""

    def leave_at_exit(self) -> None: ...  # noqa: D102
    def tell_what_is_held(self) -> None: ...  # noqa: D102
    def reset_after_fork(self) -> None: ...  # noqa: D102


# By id: a WeakSet would hash and compare. Each use below is one operation.
_masters: "weakref.WeakValueDictionary[int, Master]" = weakref.WeakValueDictionary()


def register(master: Master) -> None:
    """Add a dock master."""
    _masters[id(master)] = master


def _leave() -> None:
    masters = list(_masters.values())
    for master in masters:
        master.leave_at_exit()
    for master in masters:  # a job of one may have posted to another
        master.tell_what_is_held()


def _reset_in_child() -> None:
    for master in list(_masters.values()):
        master.reset_after_fork()


# The hooks run before non-daemon threads are joined, the latest first: so this one before that of the pools, which the
# import above has added.
threading._register_atexit(_leave)  # type: ignore[attr-defined]
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_in_child)
