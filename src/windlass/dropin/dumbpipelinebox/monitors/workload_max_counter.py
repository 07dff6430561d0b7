"""``lib.monitors.workload_max_counter``."""

from windlass.monitors.workload import WorkloadMaxCounter

__all__ = ["WorkloadMaxCounter"]
