from typing import Any

from windlass._core.crew import Crew

class WorkerLoop(Crew):
    def serve(self, worker: Any, place: Any) -> None: ...
