"""The submit path of a pool of multiprocessing's kind: results instead of tasks."""
from windlass._core.apply_result cimport CallbackLane
from windlass._core.dispatcher cimport Dispatcher


cdef class ResultDispatcher(Dispatcher):
    cdef readonly CallbackLane lane
