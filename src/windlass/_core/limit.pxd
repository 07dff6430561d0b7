"""So many calls at a time: threads wait for a slot, tasks are held without a thread. README.md, "Limit"."""
from libc.stdint cimport int64_t

from windlass._core.item_store cimport ItemStore
from windlass._core.parker cimport Parker
from windlass._core.task cimport CoreTask
from windlass._core.task_options cimport Gate, TaskOptions
from windlass._core.waitlist cimport WaitList, WaitNode


cdef class Limit(Gate):
    cdef object __weakref__
    cdef ItemStore line         # the held tasks; its guard guards all below
    cdef readonly Py_ssize_t slots
    cdef Py_ssize_t inside      # slots that are taken; <= slots
    cdef Py_ssize_t called      # tasks in their run queues again that have neither started nor ended
    cdef WaitList waiters       # threads and turns; somebody waits only while inside == slots
    cdef bint tasks_turn        # the latest slot went to one of those, so the next is for a task that can start
    cdef int forks              # when the counts above were true: a child has none of the parent's calls

    cdef bint hold(self, CoreTask task, TaskOptions options) noexcept   # False: it has a slot, or must wait on a thread
    cdef bint wait_for_slot(self, TaskOptions options, int64_t deadline) except -1
    cdef bint take_lock_held(self, TaskOptions options) noexcept nogil
    cdef void stand_aside_lock_held(self, TaskOptions options) noexcept nogil
    cdef void begin_again(self) noexcept
    cdef void pass_on(self) noexcept
    cdef void give_to_called(self, TaskOptions options) noexcept


# A place among the waiters for somebody who cannot sleep.
cdef class Turn(Parker):
    cdef Limit limit
    cdef object notify
    cdef bint refused           # its notification has raised: the slot went to the next one
    cdef WaitNode node
