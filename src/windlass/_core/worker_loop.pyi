from typing import Any

from typing_extensions import disjoint_base

from windlass._core.crew import Crew

@disjoint_base
class WorkerLoop(Crew):
    def serve(self, worker: Any, place: Any) -> None: ...
