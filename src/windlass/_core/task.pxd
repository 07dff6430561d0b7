"""A task's compiled half: the call, its state, its outcome, and who waits for it. README.md, "Task"."""
from libc.stdint cimport int32_t, int64_t

from windlass._core.observed cimport Observed
from windlass._core.runner cimport Runner

cdef enum:
    # Flags.
    FAILED = 1              # the outcome is (exception, its traceback)
    INJECT_ALWAYS = 2       # pass the task as TaskObject
    INJECT_NEVER = 4        # neither flag: look at the function's parameters
    OWN_CONTEXT = 8         # `context` is to be entered itself, not a copy of it
    LENT = 16               # `place` may let the thread that waits for it fetch its outcome: see direct_seat


cdef class CoreTask(Observed):
    cdef unsigned char flags    # written before the task is shared, then only by its owner

    # ---- The call; given up as soon as it ends.
    cdef object _fn
    cdef object _args           # tuple
    cdef object _kwargs         # dict, or None
    cdef object context         # a snapshot, or None: run without entering any

    cdef object outcome         # the value, or (exception, traceback) if FAILED; set before FINISHED, then fixed
    cdef object place           # its home while it waits in a queue, then the worker, or None
    cdef object _priority
    cdef object extras          # None, or the TaskOptions that few tasks have
    cdef int64_t mark_ns        # waiting: when submitted; running: when started; ended: run time, or -1
    cdef int64_t wait_ns        # from submit to start; -1: not known

    cdef void run_claimed(self, Runner runner) noexcept     # the call, its outcome, the news of its end
    cdef bint wait_until(self, int64_t deadline) except -1  # whether it ended
    cdef bint try_help(self) except -1                      # run it here if this thread is a worker of its pool
    cdef bint helps_until(self, int64_t deadline) noexcept  # whether one who would wait so long is to help

    cdef bint claim_by_hand(self) noexcept      # claim() for a caller who will end it with _settle()
    cdef void lift(self) noexcept               # take over the limit of the function, if it has one
    cdef void forget(self) noexcept             # in a forked child: ended as cancelled, telling nobody
    cdef void on_dropped(self) noexcept         # the queue has let go of it without running it: it had been claimed

    cdef object _call(self, Runner runner)
    cdef void _end(self, int32_t phase, Runner runner) noexcept
    cdef int _raise_failure(self) except -1
    cdef int _wait_for_end(self, object timeout) except -1
