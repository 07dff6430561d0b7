"""The time slice of a loop's thread: who gets a processor first when several want it."""
from libc.stdint cimport int64_t


ctypedef struct ShortSlice:
    unsigned long thread    # whose slice has been shortened; 0: nobody's
    int64_t before

cdef void shorten_slice(ShortSlice *self) noexcept nogil        # the calling thread's, unless it has been already
cdef void give_slice_back(ShortSlice *self) noexcept nogil      # if it is the calling thread's
