"""Which of two objects is less, as far as that can be told without running Python code. Plain C."""
from cpython.object cimport PyObject

cdef enum:
    UNDECIDED = -1      # only Python code can tell, or tell the error

# a < b for two that belong to int, float, str, bytes, or to tuples that differ first in such; else UNDECIDED.
# Allocates no collected object, raises nothing, keeps the GIL.
cdef int compiled_less(PyObject *a, PyObject *b) noexcept nogil
