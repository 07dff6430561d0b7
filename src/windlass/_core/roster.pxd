"""Who of a crew works, who sleeps, and who waits for the others' tasks. README.md, "Crew"."""
from libc.stdint cimport int64_t

from windlass._core.backlog cimport Backlog
from windlass._core.parker cimport Parker
from windlass._core.runner cimport Runner
from windlass._core.task cimport CoreTask
from windlass._core.watcher cimport Watcher


# One worker thread's place in the crew.
cdef class Seat(Runner):
    cdef Parker parker
    cdef int64_t released_ns    # when this thread last let others have the GIL
    cdef bint can_be_given      # looks for `given` when it wakes
    # ---- Guarded by the store's guard.
    cdef Seat next_idle         # below it on the stack of idle seats; None at the bottom
    cdef bint idle              # on that stack
    cdef CoreTask given         # None, or what it is woken for: claimed, and in no queue
    cdef bint searching         # counted in Roster.searching
    cdef bint gone              # no longer counted in Roster.n_workers: about to sign off
    cdef bint orphan            # its crew went on without it: a fork happened inside its task
    cdef bint direct            # while idle, it may be handed a task by the thread that submits it; see direct_seat
    cdef unsigned long driver   # which thread does something in its stead; 0: none
    cdef CoreTask carried       # None, or what that thread is to send and has not noted as away yet

    cdef int carry(self, CoreTask task) except -1   # by that thread; the seat is driven


cdef class Roster(Backlog):
    cdef readonly list seats            # of all workers that serve now; changed by attached threads, a list is enough

    # ---- Guarded by store.guard, as the figures of the tally are.
    cdef Seat idle                      # top of the stack of idle seats: the latest to fall idle is the first to wake
    cdef readonly Py_ssize_t searching  # workers woken or starting that have not looked into the queue yet
    cdef readonly Py_ssize_t n_workers  # serving or starting
    cdef readonly Py_ssize_t n_idle
    cdef Py_ssize_t blocked             # workers that wait, inside their tasks, for other tasks of this pool
    cdef list helpers                   # watchers of such workers that may have a task to help with
    cdef public Py_ssize_t max_workers
    cdef public Py_ssize_t min_workers
    cdef public Py_ssize_t retiring     # workers asked to leave
    cdef public Py_ssize_t eager_workers    # set once: with so many, one is started only while none searches

    cpdef bint is_inside(self) noexcept         # is the calling thread one of the workers?
    cdef bint reserve_lock_held(self) noexcept nogil    # a place for a new worker; then start it or unreserve()
    cdef Watcher one_less_lock_held(self)       # a worker leaves; then wake the one returned, if any: it is to help
    cdef void call_lock_held(self, Watcher helper) noexcept
    cdef void stand_idle_lock_held(self, Seat seat) noexcept
    cdef void leave_stack_lock_held(self, Seat seat) noexcept
    cdef Parker wake_one_lock_held(self)
    cdef void wake_all(self) noexcept
