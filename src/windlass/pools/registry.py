"""All pools of the process: found by name, finished at interpreter exit, reset in a forked child."""

import atexit
import os
import threading
import weakref
from typing import Any

from windlass.pools.crew import ThreadCrew

# Id -> pool, of pools that live. Guarded by the GIL or its own lock: each use below is one operation.
_pools: "weakref.WeakValueDictionary[int, Any]" = weakref.WeakValueDictionary()
# Crews outlive their pools while they finish their work. Keyed by id: a WeakSet would hash and compare.
_crews: "weakref.WeakValueDictionary[int, ThreadCrew]" = weakref.WeakValueDictionary()
# True from the moment the interpreter begins to exit.
_exiting = False


def register(pool: Any, crew: ThreadCrew) -> None:
    """Add a pool and its crew."""
    _pools[id(pool)] = pool
    register_crew(crew)


def register_crew(crew: ThreadCrew) -> None:
    """Have a crew finished at exit and reset in forked children."""
    _crews[id(crew)] = crew
    if _exiting:  # nobody would wait for its threads
        crew.close()


def pools(name: str | None = None) -> list[Any]:
    """Return the living pools, or those of one name, oldest first."""
    found = [pool for pool in list(_pools.values()) if name is None or pool.name == name]
    return sorted(found, key=lambda pool: pool.number)


def is_exiting() -> bool:
    """Return whether the interpreter has begun to exit."""
    return _exiting


def finish_all() -> None:
    """Finish the work of every pool; no pool takes any from now on."""
    # Runs before the interpreter joins non-daemon threads, which is why it is not an atexit handler: those run after.
    global _exiting
    _exiting = True
    crews = list(_crews.values())
    for crew in crews:
        if crew.daemon:
            crew.close()
            crew.drain()
        else:
            crew.finish(here=True)  # CPython 3.12 starts no threads at this point any more
    for crew in crews:
        if not crew.daemon:
            crew.join_workers(None)


def _end_daemons() -> None:
    # They would end with the interpreter. But from CPython 3.13.4 on that waits in its last moments for the resource
    # tracker, which lives as long as any worker process has its pipe.
    for crew in list(_crews.values()):
        if crew.daemon:
            crew.end_at_exit()


def _reset_in_child() -> None:
    for crew in list(_crews.values()):
        crew.reset_after_fork()


threading._register_atexit(finish_all)  # type: ignore[attr-defined]
atexit.register(_end_daemons)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_in_child)
