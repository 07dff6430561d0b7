"""Who watches the tasks of a master or a pool; README.md of windlass/master has when each is told."""

from typing import TYPE_CHECKING

from windlass.public_names import exports_of

if TYPE_CHECKING:
    from windlass.monitors.progress import ProgressMonitor as ProgressMonitor
    from windlass.monitors.task_monitor import TaskMonitor as TaskMonitor
    from windlass.monitors.workload import WorkloadCounter as WorkloadCounter
    from windlass.monitors.workload import WorkloadMaxCounter as WorkloadMaxCounter
else:
    __getattr__, __dir__ = exports_of(__name__)
