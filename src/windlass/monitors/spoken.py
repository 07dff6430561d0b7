"""What ``verbose=True`` prints."""

from windlass.monitors.task_monitor import TaskMonitor


class SpokenMonitor(TaskMonitor):
    """Prints what happens."""

    def on_worker_added(self, worker_idx: int, **kwargs: object) -> None:
        """Say so."""
        print(f"[Master]: + worker {worker_idx} {kwargs!r}")

    def on_worker_ready(self, worker_idx: int, pid: int) -> None:
        """Say so."""
        print(f"[Master]: worker {worker_idx} is ready: process {pid}")

    def on_worker_died(self, worker_idx: int, error: BaseException) -> None:
        """Say so."""
        print(f"[Master]: worker {worker_idx} is lost: {error}")

    def on_worker_removed(self, worker_idx: int, error: BaseException | None) -> None:
        """Say so."""
        print(f"[Master]: - worker {worker_idx}" + ("" if error is None else f": {error}"))

    def on_task_added(self, task_id: int, task: object) -> None:
        """Say so."""
        print(f"[Master]: + task {task_id}")

    def on_task_attached_to_worker(self, worker_idx: int, task_id: int) -> None:
        """Say so."""
        print(f"[Master]: task {task_id} --> {worker_idx}")

    def on_task_retried(self, worker_idx: int, task_id: int) -> None:
        """Say so."""
        print(f"[Master]: task {task_id} is tried again")

    def on_result_retrieved_from_worker(self, worker_idx: int, task_id: int) -> None:
        """Say so."""
        print(f"[Master]: - task {task_id}")
