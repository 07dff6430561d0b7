"""The grid of releases: which one is next, and what becomes of those that have passed.

Guarantees: with every policy but DELAY each release is run once, missed once, or yet to come; a tick starts at its
release or later; every operation is O(1), whatever the gap.
"""
from libc.stdint cimport int64_t

from windlass._core.clock cimport NEVER_NS

POLICIES = ("skip", "drop", "burst", "delay")   # their numbers are the places


cdef int64_t later(int64_t at, int64_t delay) noexcept nogil:
    return NEVER_NS if delay >= NEVER_NS - at else at + delay


cdef inline int64_t _passed(Grid *self, int64_t now) noexcept nogil:
    """How many releases after `next`, which has passed, have passed too."""
    return (now - self.next) // self.period


cdef inline int64_t _first_after(Grid *self, int64_t at, int64_t now) noexcept nogil:
    """The first point after `now` of the grid through `at`, which is no later than `now`."""
    return later(now - (now - at) % self.period, self.period)


cdef void grid_begin(Grid *self, int64_t start, bint at_once) noexcept nogil:
    self.base = start
    self.next = start if at_once else later(start, self.period)
    self.missed = 0
    self.burst = 0
    self.arrived = False


cdef void grid_arrive(Grid *self, int64_t now) noexcept nogil:
    if self.arrived:
        return
    self.arrived = True
    self.late = now > self.next
    if self.late and self.policy == DROP:
        _give_up(self, now)


cdef void _give_up(Grid *self, int64_t now) noexcept nogil:
    # The next release that can still be met. One that falls on `now` can: it is not late.
    cdef int64_t due = _first_after(self, self.next, now - 1)
    self.missed += (due - self.next) // self.period if due != NEVER_NS else _passed(self, now) + 1
    self.next = due
    self.late = False


cdef bint grid_start(Grid *self, int64_t now, Release *release) noexcept nogil:
    cdef int64_t passed = _passed(self, now)
    if self.policy == DROP and passed:      # overslept
        _give_up(self, now)
        if self.next > now:
            return False
        passed = 0
    release.at = self.next
    release.lateness = now - self.next
    release.missed = self.missed
    release.anchored = self.policy == DELAY and (self.late or passed > 0)
    self.base = now if release.anchored else self.next
    self.missed = 0
    self.arrived = False
    if release.anchored:
        self.next = later(now, self.period)
    elif self.policy == BURST and passed and (self.max_burst == 0 or self.burst + 1 < self.max_burst):
        self.burst += 1
        self.next += self.period
    else:
        self.burst = 0
        self.missed = passed
        self.next = _first_after(self, self.next, now)
    return True


cdef void grid_change(Grid *self, int64_t period, int64_t now) noexcept nogil:
    self.period = period
    self.late = False       # if the loop waits already, it does so for the new release
    if self.next == self.base:      # the first tick of a grid that begins with one
        return
    self.next = later(self.base, period)
    if self.next <= now:
        self.next = _first_after(self, self.base, now)


cdef void grid_resume(Grid *self, int64_t now) noexcept nogil:
    self.late = False
    if self.next < now:
        self.next = _first_after(self, self.next, now - 1)


cdef class ReleaseGrid:
    """The same arithmetic for Python, for tests and simulations: whoever calls says what time it is.

    Args:
        period: Nanoseconds between releases, 1 to 2**62.
        policy: One of ``POLICIES``.
        max_burst: Most late ticks in a row of "burst"; 0 for no limit.

    Thread safety:
        Safe on distinct objects.
    """

    cdef Grid _grid

    def __init__(self, period: int, policy: str = "skip", max_burst: int = 0) -> None:
        self._grid.period = period
        self._grid.policy = POLICIES.index(policy)
        self._grid.max_burst = max_burst

    def begin(self, start: int, at_once: bool = True) -> None:
        """Begin at ``start``, with a release there or one period later."""
        grid_begin(&self._grid, start, at_once)

    def arrive(self, now: int) -> None:
        """Tell that the loop has come to wait; only the first call before a tick counts."""
        grid_arrive(&self._grid, now)

    def start(self, now: int) -> tuple[int, int, int] | None:
        """Start the tick that is due.

        Returns:
            Its release, its lateness and the releases missed since the tick before; None if it may not run.

        Raises:
            ValueError: Nothing is due.
        """
        cdef Release release
        if now < self._grid.next:
            raise ValueError("nothing is due")
        if not grid_start(&self._grid, now, &release):
            return None
        return release.at, release.lateness, release.missed

    def change(self, period: int, now: int) -> None:
        """Go on with another period from the last release on."""
        grid_change(&self._grid, period, now)

    def resume(self, now: int) -> None:
        """Leave out what has passed: it counts as neither run nor missed."""
        grid_resume(&self._grid, now)

    @property
    def next(self) -> int:
        """The release waited for; 2**63 - 1 if none can come."""
        return self._grid.next

    @property
    def missed(self) -> int:
        """Releases given up since the last tick."""
        return self._grid.missed
