"""What waits for a crew, and the ways out of its queue other than being run by a worker."""
from windlass._core.item_store cimport ItemStore
from windlass._core.priority_key cimport PriorityKey
from windlass._core.tally cimport Tally
from windlass._core.task cimport CoreTask


cdef class Backlog(Tally):
    cdef readonly ItemStore store       # set once; its guard guards the figures of the tally too

    cdef bint forget_lock_held(self, CoreTask task) noexcept
    cdef CoreTask discard(self, bint oldest, PriorityKey key)
    cdef void account_lock_held(self, CoreTask task) noexcept
    cdef void sweep(self) noexcept
