"""Who runs tasks on a thread, and the context they run in.

A task runs in a copy of its submitter's context, so that it sees what the submitter had set and nobody sees what it
sets. Most contexts are empty, and an empty one needs no copy: all submits from such share one constant, and a worker
stays in its own empty context from task to task, as long as it is found empty. (CPython's ``context_ver`` would not do
to tell whether a context is unchanged: setting a variable does not move it.)

Where a pool's initializer has set variables on the worker's thread, its tasks find them, over the submitter's: code
written for pools that carry no context relies on it (``decimal.getcontext().prec = 50`` in an initializer is one).
"""
from cpython.object cimport PyObject

from contextvars import Context


cdef extern from *:
    """
    #include "atomics.h"
    static WINDLASS_THREAD_LOCAL PyObject *windlass_runner = NULL;
    """
    PyObject *windlass_runner

cdef extern from "Python.h":
    ctypedef struct PyThreadState:
        PyObject *context       # NULL: none yet
    PyThreadState *PyThreadState_Get() noexcept
    object PyContext_CopyCurrent()
    int PyContext_Enter(object context) except -1
    int PyContext_Exit(object context) except -1
    Py_ssize_t PyObject_Size(object) noexcept


# Stands for every empty context. Never entered.
cdef object EMPTY = Context()


cdef class Home:
    """Where tasks wait to be run. Not for use from Python."""

    cdef void on_claimed_elsewhere(self, object task) noexcept:
        pass

    cdef void on_ended(self, object task) noexcept:
        pass

    cdef bint on_called(self, object task) noexcept:
        return False

    cdef bint on_block(self, object watcher) noexcept:
        return False

    cdef void on_unblock(self, object watcher) noexcept:
        pass

    cdef bint owns(self, object task) noexcept:
        return False


cdef class Runner:
    """One thread that runs tasks. Not for use from Python."""

    cdef int enter(self, object snapshot) except -1:
        if self.base is not None:
            self.leave()
            snapshot = self._over_base(snapshot)
        elif snapshot is EMPTY:
            if self._is_in_empty():
                return 0
            self.leave()
            snapshot = Context()
        else:
            self.leave()    # a snapshot is the task's own: it is entered as it is
        PyContext_Enter(snapshot)
        self._entered = snapshot
        return 0

    cdef object _over_base(self, object snapshot):
        if snapshot is EMPTY:
            return self.base.copy()
        snapshot.run(_set_variables, self.base)     # a snapshot is the task's own
        return snapshot

    cdef bint _is_in_empty(self) noexcept:
        cdef PyObject *entered = <PyObject *> self._entered
        if self._entered is None or PyThreadState_Get().context != entered:
            return False
        return PyObject_Size(self._entered) == 0

    cdef void rest(self) noexcept:
        # Before a sleep: keep nobody's values alive.
        if not self._is_in_empty():
            self.leave()

    cdef void leave(self) noexcept:
        entered = self._entered
        if entered is None:
            return
        self._entered = None
        try:
            PyContext_Exit(entered)
        except RuntimeError:
            pass    # the task itself entered another context and stayed in it: nothing of ours is left to undo


def _set_variables(context):
    for variable, value in context.items():
        variable.set(value)


cdef Home current_home():
    return None if windlass_runner == NULL else (<Runner> windlass_runner).home


cdef Runner current_runner():
    return None if windlass_runner == NULL else <Runner> windlass_runner


cdef PyObject *swap_runner(PyObject *runner) noexcept:
    global windlass_runner
    cdef PyObject *previous = windlass_runner
    windlass_runner = runner
    return previous


cdef object capture_context():
    cdef PyObject *context = PyThreadState_Get().context
    if context == NULL or PyObject_Size(<object> context) == 0:
        return EMPTY
    return PyContext_CopyCurrent()


cdef object capture_base():
    context = capture_context()
    return None if context is EMPTY else context
