"""A parker: one thread sleeps on it, any other wakes it. README.md, "Parker", has the protocol."""
from libc.stdint cimport int32_t, int64_t

# How many pauses a wait should spin before it asks the kernel: what park_until takes as `spins`. It covers about two
# kernel wake-ups while spinning pays, and is 0 while it does not and where this process may use only one CPU.
cdef int spin_limit() noexcept nogil

# For those who make a wait of their own: the GIL has just been released. Who was woken may ask for it now.
cdef void note_release() noexcept nogil


cdef enum:
    EMPTY = 0
    PARKED = 1      # its thread sleeps in the kernel
    NOTIFIED = 2    # a wake has come and was not consumed


cdef class Parker:
    cdef int32_t _word          # EMPTY, PARKED or NOTIFIED; changed by atomic operations only
    cdef int32_t _gil_epoch     # the epoch at the last wake, of any of several wakers; a hint
    cdef int32_t *gate          # NULL, or a word to set to 0 when the spin is over
    cdef void *_lock            # portable twin of the futex; NULL where the futex serves

    # Sleep until woken (1), until the deadline (0), or until a signal handler raises (-1). Call it attached, on
    # one thread at a time. `kick`, if not None, is woken as soon as the GIL has been released.
    cdef int park_until(self, int64_t deadline, int spins, Parker kick) except -1

    # Wake the sleeper, or the next one to come. Any thread, attached or not; never blocks, never fails.
    cdef void wake(self) noexcept nogil

    # For those who make a wait of their own. Sleep, attached or not, without spinning or looking for signals: until
    # woken (NOTIFIED, not consumed), until the deadline (ETIMEDOUT), or until a signal comes (EINTR).
    cdef int sleep(self, int64_t deadline) noexcept nogil
    cdef bint notified(self) noexcept nogil
    cdef bint is_asleep(self) noexcept nogil    # a hint: by now it may have been woken
    cdef bint consume(self) noexcept nogil      # whether there was a wake; it is gone
    cdef void reset_after_fork(self) noexcept   # the child's: nobody sleeps

    cdef void _wake_after_release(self) noexcept nogil
    cdef void _open_gate(self) noexcept nogil
    cdef bint _spin(self, int spins) noexcept nogil
    cdef void _linger(self) noexcept nogil
