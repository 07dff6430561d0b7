"""Threads that wait for something of one object, first come first served. The object's lock guards the list."""
from cpython.object cimport PyObject

from windlass._core.parker cimport Parker


# Lives on the waiting thread's stack; whoever unlinks it (under the lock) never touches it again.
ctypedef struct WaitNode:
    PyObject *parker        # borrowed: the waiting call holds it
    WaitNode *previous
    WaitNode *next
    bint linked             # False once a waker has taken it: a wake is on its way
    int forks               # the process's fork count when it was added, since its list may be of a later time


ctypedef struct WaitList:
    WaitNode *first
    WaitNode *last
    int forks               # the process's fork count when the nodes were added: a child has none of the threads

cdef void waitlist_add_lock_held(WaitList *self, WaitNode *node, Parker parker) noexcept
cdef void waitlist_remove_lock_held(WaitList *self, WaitNode *node) noexcept nogil
cdef PyObject *waitlist_pop_lock_held(WaitList *self) noexcept nogil    # a new reference to its parker; NULL if none
cdef void wake_and_release(PyObject *parker) noexcept                   # without the lock; NULL is fine
