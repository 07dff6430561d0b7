"""What code written for ``concurrent.futures.ThreadPoolExecutor`` calls."""
from windlass._core.dispatcher cimport Dispatcher
from windlass._core.task cimport CoreTask


cdef class CoreExecutor(Dispatcher):
    cdef CoreTask submit_call(self, object fn, tuple args, dict kwargs)
