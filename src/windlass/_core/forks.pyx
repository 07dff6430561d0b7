"""How often this process has been forked, counted in the child: what belonged to the parent's threads is then void."""
import os

cdef int count = 0


def _count_fork() -> None:
    global count
    count += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count_fork)


cdef int forks() noexcept nogil:
    return count
