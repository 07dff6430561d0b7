"""Threads that wait for something of one object, first come first served.

A waker unlinks a node and takes a reference to its parker under the owner's lock, then wakes it without the lock. So a
waiter that gives up (time is over, a signal handler raised) finds out under the same lock whether a wake is on its way:
``linked`` is then False, and the waiter must pass the wake on if what it was for is still there.
"""
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF

from windlass._core.forks cimport forks
from windlass._core.parker cimport Parker


cdef inline void _forget_parent_lock_held(WaitList *self) noexcept nogil:
    # After a fork the nodes lie on the stacks of threads that do not exist.
    if self.forks != forks():
        self.first = self.last = NULL
        self.forks = forks()


cdef void waitlist_add_lock_held(WaitList *self, WaitNode *node, Parker parker) noexcept:
    _forget_parent_lock_held(self)
    node.parker = <PyObject *> parker
    node.next = NULL
    node.previous = self.last
    node.linked = True
    node.forks = self.forks
    if self.last == NULL:
        self.first = node
    else:
        self.last.next = node
    self.last = node


cdef void waitlist_remove_lock_held(WaitList *self, WaitNode *node) noexcept nogil:
    if not node.linked:
        return
    node.linked = False
    if node.forks != forks():   # its neighbours lay on stacks that this process does not have
        return
    if node.previous == NULL:
        self.first = node.next
    else:
        node.previous.next = node.next
    if node.next == NULL:
        self.last = node.previous
    else:
        node.next.previous = node.previous


cdef extern from "Python.h" nogil:
    # Attached threads only; declared nogil because it runs no Python code.
    void incref "Py_INCREF"(PyObject *) noexcept


cdef PyObject *waitlist_pop_lock_held(WaitList *self) noexcept nogil:
    cdef WaitNode *node
    cdef PyObject *parker
    if self.first == NULL:
        return NULL
    _forget_parent_lock_held(self)
    node = self.first
    if node == NULL:
        return NULL
    parker = node.parker
    incref(parker)
    waitlist_remove_lock_held(self, node)
    return parker


cdef void wake_and_release(PyObject *parker) noexcept:
    if parker != NULL:
        (<Parker> parker).wake()
        Py_DECREF(<Parker> parker)
