"""Which of two objects is less, as far as that can be told without running Python code. Plain C."""
from cpython.object cimport Py_LT, PyObject

cdef enum:
    UNDECIDED = -1      # only Python code can tell, or tell the error

cdef extern from *:
    """
    /* The value of an int of one digit, which is nearly every int: no call, no branch on its sign. */
    static inline int windlass_small_int(PyObject *object, Py_ssize_t *value) {
        PyLongObject *number = (PyLongObject *)object;
        if (!PyLong_CheckExact(object))
            return 0;
    #if PY_VERSION_HEX >= 0x030C0000
        if (!PyUnstable_Long_IsCompact(number))
            return 0;
        *value = PyUnstable_Long_CompactValue(number);
    #else
        if ((size_t)(Py_SIZE(number) + 1) > 2)
            return 0;
        *value = Py_SIZE(number) * (Py_ssize_t)number->ob_digit[0];
    #endif
        return 1;
    }
    """
    bint small_int "windlass_small_int"(PyObject *, Py_ssize_t *value) noexcept nogil

# a < b for two that belong to int, float, str, bytes, or to tuples that differ first in such; else UNDECIDED.
# Allocates no collected object, raises nothing, keeps the GIL.
cdef int compare_compiled(PyObject *a, PyObject *b, int op, int depth) noexcept nogil

cdef inline int compiled_less(PyObject *a, PyObject *b) noexcept nogil:
    cdef Py_ssize_t left, right
    if small_int(a, &left) and small_int(b, &right):
        return left < right
    return compare_compiled(a, b, Py_LT, 0)
