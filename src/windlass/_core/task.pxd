"""A task's compiled half: the call, its state, its outcome, and who waits for it. README.md, "Task"."""
from libc.stdint cimport int32_t, int64_t

from windlass._core.call_record cimport FAILED, INJECT_ALWAYS, INJECT_NEVER, LENT, OWN_CONTEXT, CallRecord
from windlass._core.runner cimport Runner
from windlass._core.task_options cimport Gate


cdef class CoreTask(CallRecord):
    cdef void run_claimed(self, Runner runner) noexcept     # the call, its outcome, the news of its end
    cdef bint wait_until(self, int64_t deadline) except -1  # whether it ended
    # Run it here if this thread is a worker of its pool; wait so long for a slot of its limit.
    cdef bint try_help(self, int64_t deadline) except -1
    cdef bint helps_until(self, int64_t deadline) noexcept  # whether one who would wait so long is to help

    cdef bint claim_by_hand(self) noexcept      # claim() for a caller who will end it with _settle()
    cdef void lift(self) noexcept               # take over the limit of the function, if it has one
    cdef void forget(self) noexcept             # in a forked child: ended as cancelled, telling nobody
    cdef void on_dropped(self) noexcept         # the queue has let go of it without running it: it had been claimed

    cdef bint claim_with_slot(self, Gate gate, int64_t deadline) except -1
    cdef object _call(self, Runner runner)
    cdef void _end(self, int32_t phase, Runner runner) noexcept
    cdef int _raise_failure(self) except -1
    cdef int _wait_for_end(self, object timeout) except -1
