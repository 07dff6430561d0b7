"""A timer that is a file, for event loops: readable from its time on. Linux only.

The selectors of event loops know whole milliseconds at best; this one is as exact as a thread's sleep.
"""
from cpython.exc cimport PyErr_SetFromErrno
from libc.stdint cimport int64_t


cdef extern from *:
    """
    #include <stdint.h>
    #if defined(__linux__)
      #include <sys/timerfd.h>
      #include <time.h>
      #define WINDLASS_HAVE_TIMER_FILE 1
      static int windlass_timer_open(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC); }
      static int windlass_timer_set(int file, int64_t at_ns) {
          struct itimerspec at = {{0, 0}, {(time_t)(at_ns / 1000000000), (long)(at_ns % 1000000000)}};
          return timerfd_settime(file, TFD_TIMER_ABSTIME, &at, NULL);
      }
    #else
      #define WINDLASS_HAVE_TIMER_FILE 0
      static int windlass_timer_open(void) { return -1; }
      static int windlass_timer_set(int file, int64_t at_ns) { (void)file; (void)at_ns; return -1; }
    #endif
    """
    const bint WINDLASS_HAVE_TIMER_FILE
    int windlass_timer_open() noexcept
    int windlass_timer_set(int file, int64_t at_ns) noexcept


def open_timer() -> int | None:
    """Return the descriptor of a new timer, which is the caller's to close; None where there is no such thing.

    Raises:
        OSError: There are too many open files.

    Thread safety:
        Atomic.
    """
    if not WINDLASS_HAVE_TIMER_FILE:
        return None
    cdef int file = windlass_timer_open()
    if file < 0:
        PyErr_SetFromErrno(OSError)
    return file


def set_timer(file: int, at: int) -> None:
    """Let the timer become readable at ``at`` nanoseconds of the monotonic clock; 0 disarms it.

    Either way it is not readable before that, even if it was.

    Raises:
        OSError: ``file`` is not a timer.

    Thread safety:
        Atomic.
    """
    if windlass_timer_set(file, at) < 0:
        PyErr_SetFromErrno(OSError)
