"""What the executors of threads and of processes have in common."""

import threading
from typing import Any

from windlass._core.executor import CoreExecutor
from windlass.dropin.futures._base import BrokenExecutor, Future
from windlass.pools import registry
from windlass.pools.crew import ThreadCrew


class CrewExecutor(CoreExecutor):
    """An executor whose calls are made by a crew."""

    def _begin(self, crew: ThreadCrew, future_type: type[Future[Any]]) -> None:
        self._engage(crew, future_type, "block")
        registry.register_crew(crew)
        self._shutdown_lock = threading.Lock()  # for code that takes that of the standard class

    def _refusal(self) -> Exception:
        broken: BrokenExecutor | None = self._crew.broken
        if broken is not None:
            refusal = type(broken)(*broken.args)  # of its own: raised ones collect tracebacks
            refusal.__cause__ = broken.__cause__
            return refusal
        when = "interpreter shutdown" if registry.is_exiting() else "shutdown"
        return RuntimeError(f"cannot schedule new futures after {when}")

    def __del__(self) -> None:
        crew = self._crew
        if crew is not None and not crew.closing:
            crew.finish()

    @property
    def _broken(self) -> str | bool:
        return str(self._crew.broken) if self._crew.broken is not None else False
