"""Limits of functions, lifted from the call to the task that makes it.

A function under a blocking :class:`windlass.decorators.Limiter` waits for its turn on the thread that calls it. Where a
task is to call such a function, the task gets the limit instead: then it can wait without a thread.
"""
from cpython.object cimport PyObject

from windlass._core.task_options cimport TaskOptions

from types import MethodType


cdef extern from "Python.h":
    bint PyFunction_Check(object) noexcept
    PyObject *PyFunction_GetCode(object) noexcept   # borrowed

cdef str ATTRIBUTE = "_windlass_lifted"

# The code that all such functions have in common. Held for ever, so that no other code can get its address.
cdef object common_code = None


def lift_calls_of(wrapper, limit, inner) -> None:
    """Have tasks call ``inner`` under ``limit`` where they are to call ``wrapper``, which does just that.

    Raises:
        ValueError: ``wrapper`` does not come from the same ``def`` as the ones before it.
    """
    global common_code
    code = wrapper.__code__
    if common_code is None:
        common_code = code
    if code is not common_code:
        raise ValueError("wrapper must come from the same def as the others")
    wrapper.__dict__[ATTRIBUTE] = (limit, inner)


cdef bint is_liftable(object fn) noexcept:
    if type(fn) is MethodType:
        fn = fn.__func__
    return PyFunction_Check(fn) and PyFunction_GetCode(fn) == <PyObject *> common_code


cdef object lift_limit(object fn, TaskOptions options):
    if type(fn) is MethodType:
        limit, inner = fn.__func__.__dict__[ATTRIBUTE]
        inner = MethodType(inner, fn.__self__)
    else:
        limit, inner = fn.__dict__[ATTRIBUTE]
    options.semaphore = limit
    return inner
