"""``lib.task_monitor``."""

from windlass.monitors.task_monitor import TaskMonitor as AbstractTaskMonitor
from windlass.monitors.workload import WorkloadCounter as TaskCounter
from windlass.monitors.workload import WorkloadMaxCounter as MaxTaskCounter

__all__ = ["AbstractTaskMonitor", "MaxTaskCounter", "TaskCounter"]
