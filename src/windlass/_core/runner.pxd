"""Who runs tasks on a thread, and the context they run in."""
from cpython.object cimport PyObject
from libc.stdint cimport int64_t

from windlass._core.parker cimport Parker


# Where a task waits to be run: the crew of a pool.
cdef class Home:
    cdef void on_claimed_elsewhere(self, object task) noexcept      # still in the queue, but no longer to be run
    cdef void on_ended(self, object task) noexcept      # after on_claimed_elsewhere, once it ended or was cancelled
    # Its limit, which held and now has claimed it, lets it go on. True: a worker is on its way to it and nothing else.
    cdef bint on_called(self, object task) noexcept
    # A worker is about to wait for tasks, by a watcher. True: all others wait too, so it has to help.
    cdef bint on_block(self, object watcher) noexcept
    cdef void on_unblock(self, object watcher) noexcept     # it goes on, or is about to be woken
    cdef bint owns(self, object task) noexcept              # waits here, or runs on one of these workers


cdef class Runner:
    cdef Home home          # whose tasks this thread may help with; None for a thread that is no worker
    cdef object worker      # the threading.Thread, for task.worker; None for a thread that is no worker
    cdef object current     # the task running now, or None
    cdef list below         # None, or the tasks that wait while this thread helps with another
    cdef int64_t now_ns     # the clock at the latest boundary between two tasks
    cdef bint may_defer     # the loop will wake `kick` as soon as it has released the GIL
    cdef bint remote        # tasks of `home` are not to be run in this process
    cdef Parker kick        # None, or who waits for the task that just ended

    # ---- The context entered on this thread for tasks, see runner.pyx.
    cdef object _entered
    cdef object base        # None, or the context that the pool's initializer left on this thread

    cdef int enter(self, object snapshot) except -1
    cdef object _over_base(self, object snapshot)
    cdef bint _is_in_empty(self) noexcept
    cdef void rest(self) noexcept       # leave, if the context holds anything
    cdef void leave(self) noexcept


# For who has waited long enough, or would have to if it waited for the GIL to be free.
cdef inline void wake_kick(Runner runner) noexcept:
    if runner.kick is not None:
        runner.kick.wake()
        runner.kick = None


cdef Runner current_runner()                # None on a thread that runs no task
cdef Home current_home()                    # None on a thread that is no worker
cdef PyObject *swap_runner(PyObject *runner) noexcept       # borrowed: its thread's loop holds it


cdef object capture_context()               # a snapshot for a task, or the constant for an empty one
cdef object capture_base()                  # the same for Runner.base
