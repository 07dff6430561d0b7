"""Queued tasks that somebody has claimed elsewhere: entries that no worker will run.

Such an entry stays in its place, since taking it out of the middle is O(n). It is not counted as waiting, and when such
entries are the majority one pass throws them out: amortised O(1) for each, as half of what is scanned is dead.
"""
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF

from windlass._core cimport guard
from windlass._core.item_store cimport ItemStore
from windlass._core.levels cimport levels_sweep
from windlass._core.observed cimport PENDING
from windlass._core.task cimport CoreTask


cdef enum:
    SWEEP_AT = 64       # dead entries before a sweep is worth its pass


cdef bint _is_dead(PyObject *item) noexcept nogil:
    return guard.state_load(&(<CoreTask> item).phase) != PENDING


cdef bint add_dead_lock_held(ItemStore store) noexcept nogil:
    store.dead += 1
    return store.dead > SWEEP_AT and store.dead > <Py_ssize_t> store.levels.count // 2


cdef void sweep_dead(ItemStore store) noexcept:
    cdef PyObject **out
    cdef size_t swept = 0, at
    guard.lock(&store.guard)
    out = <PyObject **> PyMem_Malloc((store.levels.count + 1) * sizeof(PyObject *))
    if out != NULL:
        swept = levels_sweep(&store.levels, _is_dead, out)
        store.dead -= <Py_ssize_t> swept
    guard.unlock(&store.guard)
    for at in range(swept):
        (<CoreTask> out[at]).on_dropped()
        Py_DECREF(<object> out[at])
    PyMem_Free(out)
