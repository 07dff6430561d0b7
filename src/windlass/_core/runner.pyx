"""Who runs tasks on a thread, and the context they run in.

A task runs in a copy of its submitter's context, so that it sees what the submitter had set and nobody sees what it
sets. Copies are saved where nothing can tell the difference. CPython counts every change of a thread's context in
``context_ver``: while (thread id, version) stand still, all submits share one snapshot; and a worker that ran a task
without a change stays in its copy for the next task of the same snapshot.
"""
from cpython.object cimport PyObject
from libc.stdint cimport uint64_t

from windlass._core.guard cimport FREE_THREADED


cdef extern from *:
    """
    #include "atomics.h"
    static WINDLASS_THREAD_LOCAL PyObject *windlass_runner = NULL;
    """
    PyObject *windlass_runner

cdef extern from "Python.h":
    ctypedef struct PyThreadState:
        uint64_t id
        uint64_t context_ver
    PyThreadState *PyThreadState_Get() noexcept
    object PyContext_CopyCurrent()
    object PyContext_Copy(object context)
    int PyContext_Enter(object context) except -1
    int PyContext_Exit(object context) except -1


cdef class Home:
    """Where tasks wait to be run. Not for use from Python."""

    cdef void on_claimed_elsewhere(self, object task) noexcept:
        pass

    cdef void on_ended(self, object task) noexcept:
        pass


cdef class Runner:
    """One thread that runs tasks. Not for use from Python."""

    cdef int enter(self, object snapshot) except -1:
        cdef PyThreadState *thread = PyThreadState_Get()
        if snapshot is self._snapshot and thread.context_ver == self._version and self._entered is not None:
            return 0
        self.leave()
        entered = PyContext_Copy(snapshot)
        PyContext_Enter(entered)
        self._entered = entered
        self._snapshot = snapshot
        self._version = thread.context_ver
        return 0

    cdef void leave(self) noexcept:
        entered = self._entered
        if entered is None:
            return
        self._entered = None
        self._snapshot = None
        try:
            PyContext_Exit(entered)
        except RuntimeError:
            pass    # the task itself entered another context and stayed in it: nothing of ours is left to undo


cdef Runner current_runner():
    return None if windlass_runner == NULL else <Runner> windlass_runner


cdef PyObject *swap_runner(PyObject *runner) noexcept:
    global windlass_runner
    cdef PyObject *previous = windlass_runner
    windlass_runner = runner
    return previous


cdef object capture_context(object cached, ContextCache *cache):
    cdef PyThreadState *thread = PyThreadState_Get()
    if not FREE_THREADED and thread.context_ver == cache.version and thread.id == cache.thread_id and cached is not None:
        return cached
    snapshot = PyContext_CopyCurrent()
    cache.thread_id = thread.id
    cache.version = thread.context_ver
    return snapshot
