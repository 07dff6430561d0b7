"""What few tasks have: everything beside the call, its priority and its outcome."""
from windlass._core.parker cimport Parker
from windlass._core.priority_key cimport PriorityKey
from windlass._core.waitlist cimport WaitNode

cdef enum:
    # Where a task stands with its limit; README.md, "Limit".
    OUTSIDE = 0     # has no slot; if it waits, then in the run queue
    HELD = 1        # waits at the limit, outside the run queue
    CALLED = 2      # in the run queue again, since a slot is free
    INSIDE = 3      # has a slot


# What lets only so many tasks run at a time: see limit.
cdef class Gate:
    cdef bint try_enter(self, TaskOptions options) noexcept     # a slot, if one is free
    cdef int enter(self, TaskOptions options) except -1         # a slot; the thread waits for it
    cdef void leave(self, TaskOptions options) noexcept         # the task has ended: give up what it has
    cdef void drop(self, TaskOptions options) noexcept          # a held task was claimed by somebody

    # For a thread that has not claimed the task yet: a slot of its own, now (True) or when it is woken.
    cdef bint take_or_wait(self, WaitNode *node, Parker parker) noexcept
    cdef bint is_waiting(self, WaitNode *node) noexcept
    cdef bint withdraw(self, WaitNode *node) noexcept           # False: it has been given a slot
    cdef void give_back(self) noexcept
    cdef void hand_over(self, TaskOptions options) noexcept     # the slot is the task's, which the caller has claimed


cdef class TaskOptions:
    cdef public object callback_func    # called with the value of a success, before the task has ended
    cdef object _semaphore              # held while the call and its callback run
    cdef public bint store_return       # whether the value is kept
    cdef public object name
    cdef public object uuid             # made when first asked for
    cdef public object task_timeout     # seconds after which the worker process is killed
    cdef public object on_start         # called with the task when a worker begins it, or gets it to send it away
    cdef public object deadline         # monotonic seconds: not started by then, it fails with WaitTimeout

    # ---- For limits.
    cdef Gate gate              # `_semaphore` if it is a limit of windlass, else None
    cdef PriorityKey key        # the task's; set before it is offered
    cdef int standing           # OUTSIDE...; guarded by the limit, but for who has claimed the task
    cdef int forks              # when it got its standing: it is void in a forked child

    cdef object run(self, object fn, object args, object kwargs, object task)
    cdef object kept_of(self, object value, object task)    # what the task keeps of the value; calls the callback
    cdef void leave(self) noexcept
