"""How long tickers hold the GIL while nothing runs: all of them together, half of the time at most.

A ticker that must wait for the GIL asks for it earlier, and holds it until its release. To other tickers that is a wait
like any other; if they learnt from it, many loops would teach each other to hold it all the time. So such waits are
left out, and what all may hold is bounded.
"""
from libc.stdint cimport int64_t

cdef enum:
    WINDOW_NS = 100_000_000
    BUDGET_NS = 50_000_000


cdef bint may_hold(Holds *self, int64_t span, int64_t now) noexcept nogil:
    if now - self.window_began >= WINDOW_NS:
        self.window_began = now
        self.window_total = 0
    return self.window_total + span <= BUDGET_NS


cdef void note_hold(Holds *self, int64_t began, int64_t ended) noexcept nogil:
    self.total += ended - began
    self.window_total += ended - began


cdef class IdleHolds:
    """The same for Python, for tests: of no process, in nanoseconds.

    Thread safety:
        Safe on distinct objects.
    """

    cdef Holds _holds

    @property
    def total(self) -> int:
        """How long it was held so far."""
        return self._holds.total

    def may_hold(self, span: int, now: int) -> bool:
        """Return whether one may hold it for ``span`` from ``now`` on."""
        return may_hold(&self._holds, span, now)

    def note(self, began: int, ended: int) -> None:
        """Note that one has held it."""
        note_hold(&self._holds, began, ended)
