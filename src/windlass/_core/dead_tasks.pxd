"""Queued tasks that somebody has claimed elsewhere: entries that no worker will run."""
from windlass._core.item_store cimport ItemStore

cdef bint add_dead_lock_held(ItemStore store) noexcept nogil    # count one; True: then, without the lock, sweep
cdef void sweep_dead(ItemStore store) noexcept
