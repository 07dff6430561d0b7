"""What users of windlass's own pools call."""
from windlass._core.dispatcher cimport Dispatcher


cdef class PoolDispatcher(Dispatcher):
    pass
