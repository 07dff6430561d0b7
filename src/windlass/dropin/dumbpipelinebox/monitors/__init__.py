"""``lib.monitors``."""

from windlass.monitors.workload import WorkloadCounter, WorkloadMaxCounter

__all__ = ["WorkloadCounter", "WorkloadMaxCounter"]
