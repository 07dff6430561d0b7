"""The compiled submit path below every pool."""
from libc.stdint cimport int64_t

from windlass._core.priority_key cimport PriorityKey
from windlass._core.task cimport CoreTask
from windlass._core.crew cimport Crew

cdef enum:
    # Tasks pushed in one critical section: workers start on the first while the last are still to come.
    DEFAULT_CHUNK = 1_024

    # What happens to a submit when the queue is full.
    BLOCK = 0
    REJECT = 1
    CALLER_RUNS = 2
    DISCARD_OLDEST = 3
    DISCARD_LOWEST = 4


cdef class Dispatcher:
    cdef object __weakref__
    cdef Crew crew
    cdef type task_type
    cdef int policy

    cdef list collect_tasks(self)       # those that wait or run now
    cdef int check_engaged(self) except -1
    cdef CoreTask make_task(self, object fn, object args, object kwargs, object priority)   # or the one that fn is
    cdef CoreTask new_task(self, object fn, object args, object kwargs, object priority)
    cdef int dispatch(self, CoreTask task, PriorityKey key, int64_t delay, bint autospawn) except -1
    cdef int dispatch_many(self, list tasks, PriorityKey key, Py_ssize_t chunk) except -1
    cdef CoreTask _adopt(self, CoreTask task, object args, object kwargs)
    cdef int _dispatch_refused(
        self, int answer, CoreTask task, PriorityKey key, int64_t delay, bint autospawn
    ) except -1
    cdef int _make_room(self, CoreTask task, PriorityKey key, int64_t deadline) except -1
    cdef int _wait_for_turn(self, int64_t deadline) except -1
    cdef int _use_place(self, CoreTask task, bint autospawn) except -1
    cdef int _grow(self, CoreTask task) except -1
