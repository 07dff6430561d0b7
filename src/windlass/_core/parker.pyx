"""A parker: one thread sleeps on it, any other wakes it.

Guarantees: no wake-up is lost (a wake before the sleep ends the sleep at once), none is stale (a consumed wake is
gone; a fresh parker has none), a deadline is absolute and monotonic, and a signal handler that raises in the main
thread ends the wait. README.md, "Parker", has the protocol and its races.
"""
import os
import threading

from libc.errno cimport EINTR, ETIMEDOUT
from libc.stdint cimport int32_t, int64_t

from windlass._core cimport atomics
from windlass._core.clock cimport NEVER_NS, NS_PER_US, deadline_after_ns, deadline_ns, now_ns
from windlass._core.guard cimport FREE_THREADED


cdef extern from "futex.h" nogil:
    const bint WINDLASS_HAVE_FUTEX
    int windlass_futex_wait(int32_t *word, int32_t expected, int64_t deadline_ns) noexcept
    void windlass_futex_wake(int32_t *word) noexcept

cdef extern from "Python.h" nogil:
    ctypedef enum PyLockStatus:
        PY_LOCK_FAILURE
        PY_LOCK_ACQUIRED
        PY_LOCK_INTR
    void *PyThread_allocate_lock() noexcept
    void PyThread_free_lock(void *lock) noexcept
    PyLockStatus PyThread_acquire_lock_timed(void *lock, long long microseconds, int interruptible) noexcept
    void PyThread_release_lock(void *lock) noexcept
    unsigned long PyThread_get_thread_ident() noexcept

cdef extern from "Python.h":
    int PyErr_CheckSignals() except -1


cdef enum:
    # Pauses that a woken thread grants its waker to release the GIL (3-10 us), see _linger.
    LINGER_LIMIT = 200
    LONGEST_LOCK_WAIT_US = 1_000_000_000    # below every platform's limit; a longer wait goes round again

# Counts the releases of the GIL by parkers. A woken thread that saw it move knows that the GIL is probably free.
cdef int32_t gil_epoch = 0

# The thread in which signal handlers run; another one in a forked child.
cdef unsigned long main_thread = 0

# ---- How long to spin. One budget for the process: in a round trip both sides must spin, or neither gains.
# Every spin that ends in vain quarters it, down to none, and one that is rewarded doubles it: on a busy machine, where
# the other side gets its turn by preempting the spinner, spins are rewarded now and then and cost more than they gain.
# When many waits in a row did not spin, it is restored, to see whether the machine has become less busy. The numbers
# are only hints: two threads that change them at once do no harm.
cdef enum:
    SPIN_NS = 100_000       # longer than a kernel wake-up (30-50 us): two sleepers fall back into step
    LEAST_SPINS = 128       # less is not worth the call
    RETRY_AFTER = 256       # waits without a spin
    SECOND_LOOK_NS = 50_000_000

cdef int32_t full_budget = 0
cdef int32_t budget = 0
cdef int32_t waits_without = 0


def _find_main_thread() -> None:
    """Note which thread runs the signal handlers: another one in a forked child."""
    global main_thread
    main_thread = threading.main_thread().ident


def _calibrate() -> None:
    """Find out how many pauses make ``SPIN_NS``: between 3 and 50 ns each on x86, by the model."""
    global full_budget, budget
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cpus == 1:
        return
    cdef int64_t fastest = NEVER_NS
    cdef int64_t begin
    cdef int _turn
    for _ in range(5):      # the fastest of a few: the others were interrupted
        begin = now_ns()
        for _turn in range(100):
            atomics.pause()
        fastest = min(fastest, now_ns() - begin)
    full_budget = budget = <int32_t> (SPIN_NS * 100 // max(fastest, 100))


_find_main_thread()
_calibrate()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_find_main_thread)


cdef int spin_limit() noexcept nogil:
    global waits_without
    cdef int spins = atomics.load(&budget)
    if spins == 0 and full_budget:
        atomics.increment(&waits_without)
        if atomics.load(&waits_without) >= RETRY_AFTER:
            atomics.store(&waits_without, 0)
            atomics.store(&budget, full_budget)
            return full_budget
    return spins


cdef void note_release() noexcept nogil:
    atomics.increment(&gil_epoch)


cdef inline void _note_spin(int spins, bint rewarded) noexcept nogil:
    if not rewarded:
        atomics.store(&budget, 0 if spins // 4 < LEAST_SPINS else spins // 4)
    elif spins < full_budget:
        atomics.store(&budget, min(2 * spins, full_budget))


cdef class Parker:
    """One thread sleeps, another wakes it.

    Args:
        portable: Use CPython's lock primitive although the platform has a futex (the tests run both).

    Thread safety:
        Safe on shared objects for ``unpark``; ``park`` belongs to one thread at a time.
    """

    def __cinit__(self, *, portable: bool = False):
        self._word = EMPTY
        self._lock = NULL
        if portable or not WINDLASS_HAVE_FUTEX:
            self._lock = PyThread_allocate_lock()
            if self._lock == NULL:
                raise MemoryError("no lock for a parker")
            PyThread_acquire_lock_timed(self._lock, 0, 0)   # free = "woken", so it starts out held

    def __dealloc__(self):
        if self._lock != NULL:
            # Freeing a held lock is undefined on some platforms. It is held now unless a wake was never consumed.
            PyThread_acquire_lock_timed(self._lock, 0, 0)
            PyThread_release_lock(self._lock)
            PyThread_free_lock(self._lock)

    def park(self, timeout: float | None = None, *, spins: int = 0) -> bool:
        """Sleep until :meth:`unpark`, at most ``timeout`` seconds.

        Args:
            timeout: Longest sleep in seconds; None for no limit.
            spins: Pause instructions to wait in user space before the kernel is asked.

        Returns:
            Whether it was woken. An earlier wake that nobody consumed counts.

        Raises:
            ValueError: ``timeout`` is negative or NaN.
            TypeError: ``timeout`` is not a number.
        """
        return self.park_until(deadline_ns(timeout, False), spins, None) == 1

    def unpark(self) -> None:
        """Wake the sleeper, or let the next :meth:`park` return at once. Several wakes before one park are one."""
        self.wake()

    cdef int park_until(self, int64_t deadline, int spins, Parker kick) except -1:
        cdef int outcome
        cdef int64_t until = deadline
        cdef bint notified
        # A signal that comes before the main thread is in the kernel interrupts no system call, and its handler would
        # wait for the end of the sleep. So this thread looks for signals after the spin; and once more a little later,
        # since one may come between that look and the system call.
        cdef bint is_main = PyThread_get_thread_ident() == main_thread
        cdef bint look_up = is_main and spins > 0
        if kick is None and self.consume():
            self._open_gate()
            return 1
        if is_main:
            until = min(deadline, deadline_after_ns(SECOND_LOOK_NS))
        while True:
            with nogil:
                atomics.increment(&gil_epoch)
                if kick is not None:
                    kick._wake_after_release()
                notified = self._spin(spins)
                if spins:
                    _note_spin(spins, notified)
                self._open_gate()
                if notified:
                    outcome = NOTIFIED
                elif look_up:
                    outcome = EINTR
                else:
                    outcome = self.sleep(until)
                if outcome == NOTIFIED:
                    self._linger()
            if outcome == NOTIFIED:
                self.consume()
                return 1
            if outcome == ETIMEDOUT and until == deadline:
                return 0
            if outcome == ETIMEDOUT:
                until = deadline
            kick = None
            look_up = False
            spins = 0
            PyErr_CheckSignals()    # a wake that came meanwhile stays in _word for the caller to see

    cdef void wake(self) noexcept nogil:
        atomics.store(&self._gil_epoch, atomics.load(&gil_epoch))
        if atomics.exchange(&self._word, NOTIFIED) == PARKED:
            if self._lock == NULL:
                windlass_futex_wake(&self._word)
            else:
                PyThread_release_lock(self._lock)

    cdef void _wake_after_release(self) noexcept nogil:
        # As wake(), but the GIL is free already: an epoch in the past ends the sleeper's lingering before it begins.
        atomics.store(&self._gil_epoch, atomics.load(&gil_epoch) - 1)
        if atomics.exchange(&self._word, NOTIFIED) == PARKED:
            if self._lock == NULL:
                windlass_futex_wake(&self._word)
            else:
                PyThread_release_lock(self._lock)

    cdef void _open_gate(self) noexcept nogil:
        if self.gate != NULL:
            atomics.store(self.gate, 0)
            self.gate = NULL

    cdef bint consume(self) noexcept nogil:
        # An exchange rather than a store: what its owner looks at next must not be read before the wake is consumed.
        return atomics.load(&self._word) == NOTIFIED and atomics.exchange(&self._word, EMPTY) == NOTIFIED

    cdef bint _spin(self, int spins) noexcept nogil:
        cdef int _turn
        for _turn in range(spins):
            if self.notified():
                return True
            atomics.pause()
        return self.notified()

    cdef bint notified(self) noexcept nogil:
        return atomics.load(&self._word) == NOTIFIED

    cdef bint is_asleep(self) noexcept nogil:
        return atomics.load(&self._word) == PARKED

    cdef void reset_after_fork(self) noexcept:
        atomics.store(&self._word, EMPTY)
        if self._lock != NULL:
            PyThread_acquire_lock_timed(self._lock, 0, 0)

    cdef int sleep(self, int64_t deadline) noexcept nogil:
        # In every case _word is left as EMPTY or NOTIFIED.
        cdef int why
        cdef int64_t left_us
        cdef PyLockStatus status
        if not atomics.cas(&self._word, EMPTY, PARKED):
            return NOTIFIED
        while True:
            if self._lock == NULL:
                why = windlass_futex_wait(&self._word, PARKED, deadline)
                if atomics.load(&self._word) == NOTIFIED:
                    return NOTIFIED
                if why == 0:
                    continue    # spurious
            else:
                left_us = LONGEST_LOCK_WAIT_US
                if deadline != NEVER_NS:
                    left_us = (deadline - now_ns() + NS_PER_US - 1) // NS_PER_US
                    left_us = max(0, min(left_us, LONGEST_LOCK_WAIT_US))
                status = PyThread_acquire_lock_timed(self._lock, left_us, 1)
                if status == PY_LOCK_ACQUIRED:
                    return NOTIFIED
                why = EINTR if status == PY_LOCK_INTR else ETIMEDOUT
                if why == ETIMEDOUT and (deadline == NEVER_NS or now_ns() < deadline):
                    continue
            # Giving up: if the word is no longer PARKED, a waker has claimed this sleep and the wake is taken.
            if atomics.cas(&self._word, PARKED, EMPTY):
                return why
            if self._lock != NULL:
                # That waker releases the lock next, or has: take it, so that it is held when the next sleep begins.
                PyThread_acquire_lock_timed(self._lock, -1, 0)
            return NOTIFIED

    cdef void _linger(self) noexcept nogil:
        # Whoever woke this thread held the GIL, and most often is about to wait for it in turn. Asking for a held
        # GIL means a kernel sleep and a kernel wake-up; pausing until the waker parks means neither. Bounded, since
        # the waker may as well go on computing: then the ordinary request for the GIL takes its course.
        cdef int _turn
        if FREE_THREADED:
            return
        for _turn in range(LINGER_LIMIT):
            if atomics.load(&gil_epoch) != atomics.load(&self._gil_epoch):
                return
            atomics.pause()
