"""One call and what became of it, for whoever asks."""
from libc.stdint cimport int64_t

from windlass._core.observed cimport Observed
from windlass._core.task_options cimport Gate

cdef enum:
    # Flags.
    FAILED = 1              # the outcome is (exception, its traceback)
    INJECT_ALWAYS = 2       # pass the task as TaskObject
    INJECT_NEVER = 4        # neither flag: look at the function's parameters
    OWN_CONTEXT = 8         # `context` is to be entered itself, not a copy of it
    LENT = 16               # `place` may let the thread that waits for it fetch its outcome: see direct_seat


cdef class CallRecord(Observed):
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

    cdef Gate next_gate(self)   # the limit that it has to pass before it can run; None if there is none
