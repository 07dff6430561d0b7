"""``lib.monitors.workload_counter``."""

from windlass.monitors.workload import WorkloadCounter

__all__ = ["WorkloadCounter"]
