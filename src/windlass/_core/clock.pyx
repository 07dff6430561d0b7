"""Monotonic time in nanoseconds, and what a user's timeout means in them.

Every wait of the core has an absolute deadline on one clock, taken once when the wait begins, so that neither spurious
wake-ups nor interrupting signals can lengthen it. ``NEVER_NS`` stands for no limit.
"""
from libc.math cimport ceil, isfinite, isnan, rint
from libc.stdint cimport int64_t


cdef extern from *:
    """
    #include <stdint.h>
    #if defined(_WIN32)
      #include <windows.h>
      static int64_t windlass_now_ns(void) {
          /* Whole seconds and the rest apart: the product of counter and 1e9 would overflow after hours. */
          LARGE_INTEGER count, frequency;
          QueryPerformanceFrequency(&frequency);
          QueryPerformanceCounter(&count);
          return count.QuadPart / frequency.QuadPart * 1000000000
               + count.QuadPart % frequency.QuadPart * 1000000000 / frequency.QuadPart;
      }
    #else
      #include <time.h>
      static inline int64_t windlass_now_ns(void) {
          struct timespec at;
          clock_gettime(CLOCK_MONOTONIC, &at);
          return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
      }
    #endif
    """
    int64_t windlass_now_ns() noexcept nogil


cdef int64_t now_ns() noexcept nogil:
    return windlass_now_ns()


cdef int64_t deadline_after_ns(int64_t delay_ns) noexcept nogil:
    cdef int64_t now = windlass_now_ns()
    return NEVER_NS if delay_ns >= NEVER_NS - now else now + delay_ns


cdef int64_t delay_ns(object timeout, bint negative_ok) except -1:
    if timeout is None:
        return NEVER_NS
    cdef double seconds
    try:
        seconds = timeout
    except OverflowError:   # an int beyond every float
        seconds = float("inf") if timeout > 0 else -float("inf")
    except TypeError:
        raise TypeError(
            f"timeout must be a number of seconds or None, not {type(timeout).__name__}"
        ) from None
    if isnan(seconds):
        raise ValueError("timeout must be a number of seconds or None, not NaN")
    if seconds <= 0:
        if seconds < 0 and not negative_ok:
            raise ValueError(f"timeout must be a non-negative number of seconds or None, not {timeout!r}")
        return 0
    # Rounded up: a wait may end late but never early, and 1e-12 s is not a busy loop.
    seconds = ceil(seconds * 1e9)
    return NEVER_NS if seconds >= 9.2e18 else <int64_t> seconds


cdef int64_t deadline_ns(object timeout, bint negative_ok) except -1:
    cdef int64_t delay = delay_ns(timeout, negative_ok)
    return NEVER_NS if delay == NEVER_NS else deadline_after_ns(delay)


cdef int64_t span_ns(object seconds, str name) except -1:
    cdef double number
    try:
        number = seconds
    except OverflowError:   # an int beyond every float
        number = 1e300 if seconds > 0 else -1
    except TypeError:
        raise TypeError(f"{name} must be a number of seconds, not {type(seconds).__name__}") from None
    if not isfinite(number) or number < 0:
        raise ValueError(f"{name} must be a finite number of seconds, 0 or more, not {seconds!r}")
    number = rint(number * 1e9)
    return NEVER_NS if number >= 9.2e18 else <int64_t> number


def monotonic_ns() -> int:
    """Return the core's clock, in nanoseconds from an arbitrary start.

    Thread safety:
        Atomic.
    """
    return now_ns()


def timeout_to_ns(timeout: object, *, negative_ok: bool = False) -> int | None:
    """Convert a user's timeout to nanoseconds, as every waiting call of windlass does.

    Args:
        timeout: Seconds as any real number, or None for no limit. Fractions of a nanosecond are rounded up.
        negative_ok: Whether a negative timeout means "at once" (futures) or is an error (queues).

    Returns:
        Nanoseconds, or None for no limit (also for infinity and for what 64 bits cannot hold).

    Raises:
        TypeError: ``timeout`` is not a number.
        ValueError: ``timeout`` is NaN, or negative without ``negative_ok``.

    Thread safety:
        Atomic.
    """
    cdef int64_t delay = delay_ns(timeout, negative_ok)
    return None if delay == NEVER_NS else delay


def timeout_to_seconds(timeout: object, *, negative_ok: bool = False) -> float | None:
    """Convert a user's timeout to what the standard library's waits take; arguments and errors as `timeout_to_ns`.

    Returns:
        Seconds as a float, or None for no limit (also for infinity and for what those waits would refuse as too long).

    Thread safety:
        Atomic.
    """
    cdef int64_t delay = delay_ns(timeout, negative_ok)
    return None if delay == NEVER_NS else delay / 1e9


def deadline_after(delay: int) -> int | None:
    """Return the deadline ``delay`` nanoseconds from now, or None where 64 bits cannot hold it.

    Thread safety:
        Atomic.
    """
    cdef int64_t deadline = deadline_after_ns(delay)
    return None if deadline == NEVER_NS else deadline
