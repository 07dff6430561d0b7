"""The lock of the core: the GIL where there is one, else a PyMutex (see guard.h for the law of sections under it)."""
from libc.stdint cimport int32_t


cdef extern from "guard.h" nogil:
    ctypedef struct Guard "windlass_guard":
        pass
    void guard_init "windlass_guard_init"(Guard *guard) noexcept
    void lock "windlass_guard_lock"(Guard *guard) noexcept
    void unlock "windlass_guard_unlock"(Guard *guard) noexcept

    # State words that only attached threads change.
    int32_t state_load "windlass_state_load"(int32_t *word) noexcept
    void state_store "windlass_state_store"(int32_t *word, int32_t value) noexcept
    bint state_cas "windlass_state_cas"(int32_t *word, int32_t expected, int32_t desired) noexcept

    const bint FREE_THREADED "WINDLASS_FREE_THREADED"
