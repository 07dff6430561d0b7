"""ProgressMonitor: a bar drawn by tqdm, on a terminal or in a notebook."""

from importlib import import_module
from typing import Any

from windlass.monitors.task_monitor import TaskMonitor


class ProgressMonitor(TaskMonitor):
    """Draws how many tasks have ended of those added so far.

    Args:
        total: How many there will be, if that is known.
        bar: Keyword arguments for ``tqdm.auto.tqdm``: ``desc``, ``unit``, ``file``, ...

    Raises:
        ImportError: tqdm is not installed; it comes with ``windlass[progress]``.
    """

    def __init__(self, total: int | None = None, **bar: Any) -> None:
        try:
            self._tqdm = import_module("tqdm.auto").tqdm
        except ImportError as error:
            raise ImportError("a progress bar needs tqdm: pip install 'windlass[progress]'") from error
        self._total = total
        self._settings = {"unit": "task", **bar}
        self._bar: Any = None
        self._added = self._ended = 0

    def on_task_added(self, task_id: int, task: object) -> None:
        """Make the bar longer, unless its length was given."""
        self._added += 1
        if self._bar is not None and self._total is None:
            self._bar.total = self._added  # drawn with the next step

    def on_task_ended(
        self, task_id: int, worker_idx: int | None, started: float, ended: float, error: BaseException | None
    ) -> None:
        """Move the bar."""
        if self._bar is None:
            self._bar = self._tqdm(total=self._total or self._added, initial=self._ended, **self._settings)
        self._ended += 1
        self._bar.update()

    def close(self) -> None:
        """Leave the bar as it is; a new one goes on from there."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.close()
