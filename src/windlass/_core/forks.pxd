"""How often this process has been forked."""

cdef int forks() noexcept nogil
