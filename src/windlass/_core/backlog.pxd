"""What waits for a crew, and the ways out of its queue other than being run by a worker."""
from windlass._core.item_store cimport ItemStore
from windlass._core.priority_key cimport PriorityKey
from windlass._core.tally cimport Tally
from windlass._core.task cimport CoreTask


cdef class Backlog(Tally):
    cdef readonly ItemStore store       # set once; its guard guards the figures of the tally too

    cdef dict held_tasks                # id -> task, of those that wait at their limits; store.held is their number

    cdef bint admit(self, CoreTask task) noexcept       # False: the claimed task waits at its limit, claimed no more
    cdef bint release_held(self, CoreTask task) noexcept    # True: it was the last of them
    cdef void on_none_held(self) noexcept
    cdef CoreTask _held_to_discard(self, bint oldest, PriorityKey key)
    cdef int _end_waiting(self, CoreTask task, object error, list ended) except -1
    cdef bint forget_lock_held(self, CoreTask task) noexcept
    cdef int _forgotten(self, CoreTask task) except -1      # after it, without the lock
    cdef CoreTask discard(self, bint oldest, PriorityKey key)
    cdef void account_lock_held(self, CoreTask task) noexcept
