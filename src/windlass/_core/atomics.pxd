"""Atomic operations on 32-bit words (see atomics.h)."""
from libc.stdint cimport int32_t


cdef extern from "atomics.h" nogil:
    int32_t load "windlass_load"(const int32_t *word) noexcept                 # acquire
    void store "windlass_store"(int32_t *word, int32_t value) noexcept         # release
    int32_t exchange "windlass_exchange"(int32_t *word, int32_t value) noexcept    # sequentially consistent
    bint cas "windlass_cas"(int32_t *word, int32_t expected, int32_t desired) noexcept
    void increment "windlass_increment"(int32_t *word) noexcept                # release
    void pause "windlass_pause"() noexcept                                     # tell the core that this is a spin
