"""How late this machine wakes a thread at best: a bare loop around clock_nanosleep in C, with nothing of Python in it.

What `windlass jitter` and the benchmarks measure is put beside this: a loop in Python that sleeps can only be better
by being awake before its release.
"""
from libc.stdint cimport int64_t

from windlass._core.clock cimport NS_PER_S, now_ns
from windlass._core.histogram cimport Histogram
from windlass._core.timer_slack cimport lower_slack, restore_slack


cdef extern from *:
    """
    #include <errno.h>
    #include <stdint.h>
    #include <time.h>
    #if defined(__linux__)
      #define WINDLASS_HAVE_SLEEP_FLOOR 1
      static void windlass_sleep_until(int64_t at_ns) {
          struct timespec at = {(time_t)(at_ns / 1000000000), (long)(at_ns % 1000000000)};
          while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {}
      }
    #else
      #define WINDLASS_HAVE_SLEEP_FLOOR 0
      static void windlass_sleep_until(int64_t at_ns) { (void)at_ns; }
    #endif
    """
    const bint WINDLASS_HAVE_SLEEP_FLOOR
    void windlass_sleep_until(int64_t at_ns) noexcept nogil

cdef extern from "Python.h":
    int PyErr_CheckSignals() except -1

cdef enum:
    BATCH = 256         # lateness of so many ticks is noted before the GIL is taken and the histogram filled


def sleep_floor(interval: int, duration: int) -> Histogram | None:
    """Sleep until release after release in C, the timer slack at its minimum; the GIL is free meanwhile.

    Args:
        interval: Nanoseconds between releases, 1 or more.
        duration: How long to go on, in nanoseconds. Looks for Ctrl-C about once a second.

    Returns:
        How late it woke, in nanoseconds; None where there is no clock_nanosleep.

    Raises:
        ValueError: ``interval`` is less than 1.

    Thread safety:
        Safe on distinct objects.
    """
    if interval < 1:
        raise ValueError(f"interval must be 1 ns or more, not {interval!r}")
    if not WINDLASS_HAVE_SLEEP_FLOOR:
        return None
    cdef Histogram found = Histogram()
    cdef int64_t period = interval
    cdef int64_t late[BATCH]
    cdef int64_t release = now_ns()
    cdef int64_t end = release + <int64_t> duration
    cdef int64_t now, slack
    cdef int count, at
    while release < end:
        count = 0
        with nogil:
            slack = lower_slack()
            while count < BATCH and release < end:
                windlass_sleep_until(release)
                now = now_ns()
                late[count] = now - release
                count += 1
                release += period * (1 + (now - release) // period)
                if count * period >= NS_PER_S:
                    break
            restore_slack(slack)
        for at in range(count):
            found.add(late[at])
        PyErr_CheckSignals()
    return found
