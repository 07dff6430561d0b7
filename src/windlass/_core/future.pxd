"""A task with the states of a standard future."""
from windlass._core.task cimport CoreTask


cdef class CoreFuture(CoreTask):
    # Guarded by `guard`. A cancelled future that the executor has not come across yet: the standard library's wait()
    # and as_completed() do not count it as ended before that, and real tests rely on it.
    cdef bint noticed

    cdef bint notice(self) noexcept     # a cancel has been come across: True for the first time only
    cdef void _wake_if_ended(self) noexcept
