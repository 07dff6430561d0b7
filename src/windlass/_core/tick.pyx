# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""One firing of an interval, as the loop is told of it."""
cimport cython


@cython.final
cdef class Tick:
    """One firing of an interval. It never changes: a ticker uses it again only when nobody else holds it.

    Attributes:
        number: How many ticks ran before it: 0, 1, ...
        release_ns: When it was to start, on the clock of ``time.monotonic_ns()``.
        lateness_ns: How much later it did start; never negative.
        missed: How many releases since the tick before were not run.
        gil_wait_ns: How long its thread waited for the GIL.

    Thread safety:
        Safe on shared objects.
    """

    @property
    def started_ns(self) -> int:
        """When it started, on the clock of ``time.monotonic_ns()``."""
        return self.release_ns + self.lateness_ns

    @property
    def release(self) -> float:
        """When it was to start, in seconds of ``time.monotonic()``."""
        return self.release_ns / 1e9

    @property
    def lateness(self) -> float:
        """How many seconds later it did start."""
        return self.lateness_ns / 1e9

    @property
    def gil_wait(self) -> float:
        """How many seconds its thread waited for the GIL."""
        return self.gil_wait_ns / 1e9

    def __repr__(self) -> str:
        return f"<Tick {self.number}, {self.lateness_ns} ns late, {self.missed} missed>"
