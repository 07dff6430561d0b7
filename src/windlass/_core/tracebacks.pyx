"""Tracebacks of exceptions that are kept and raised again."""
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF


cdef extern from "Python.h":
    PyObject *PyException_GetTraceback(object error) noexcept     # a new reference, or NULL
    void PyErr_Restore(PyObject *kind, PyObject *value, PyObject *traceback) noexcept     # takes the references


cdef object traceback_of(object error):
    # Not the attribute, which a subclass may have replaced by code that raises.
    cdef PyObject *traceback = PyException_GetTraceback(error)
    if traceback == NULL:
        return None
    result = <object> traceback
    Py_DECREF(result)
    return result


cdef int reraise(object error, object traceback) except -1:
    # With the traceback of the first time: what earlier calls of result() added to it is forgotten.
    kind = type(error)
    Py_INCREF(kind)
    Py_INCREF(error)
    Py_INCREF(traceback)
    PyErr_Restore(<PyObject *> kind, <PyObject *> error, <PyObject *> traceback)
    return -1
