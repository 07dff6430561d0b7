"""Limits of functions, lifted from the call to the task that makes it.

A function under a blocking :class:`windlass.decorators.Limiter` waits for its turn on the thread that calls it. Where a
task is to call such a function, the task gets the limit instead: then it can wait without a thread.
"""
from cpython.object cimport PyObject

from windlass._core.task_options cimport TaskOptions

from functools import partial
from types import MethodType

cdef type Method = MethodType
cdef type Partial = partial


cdef extern from "Python.h":
    bint PyFunction_Check(object) noexcept
    PyObject *PyFunction_GetCode(object) noexcept   # borrowed

cdef str ATTRIBUTE = "_windlass_lifted"

# The code that all such functions have in common.
cdef object common_code = None


def lift_calls_of(wrapper, limit, inner) -> None:
    """Have tasks call ``inner`` under ``limit`` where they are to call ``wrapper``, which does just that.

    Args:
        wrapper: A function of the same ``def`` as all others: the latest counts.
        limit: A :class:`windlass.Limit`.
        inner: What it wraps.
    """
    global common_code
    common_code = wrapper.__code__
    wrapper.__dict__[ATTRIBUTE] = (limit, inner)


cdef bint is_liftable(object fn) noexcept:
    if PyFunction_Check(fn):
        return PyFunction_GetCode(fn) == <PyObject *> common_code
    if type(fn) is Method:
        return is_liftable(fn.__func__)
    return type(fn) is Partial and is_liftable(fn.func)


cdef object lift_limit(object fn, TaskOptions options):
    if type(fn) is Method:
        return Method(lift_limit(fn.__func__, options), fn.__self__)
    if type(fn) is Partial:
        return Partial(lift_limit(fn.func, options), *fn.args, **fn.keywords)
    limit, inner = fn.__dict__[ATTRIBUTE]
    options.semaphore = limit
    return inner


cdef object limit_of(object fn):
    if not is_liftable(fn):
        return None
    if type(fn) is Method:
        return limit_of(fn.__func__)
    if type(fn) is Partial:
        return limit_of(fn.func)
    marks = fn.__dict__.get(ATTRIBUTE)      # somebody may have made a function of its code alone
    return None if marks is None else marks[0]
