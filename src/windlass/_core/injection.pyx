"""Does a function want the task that runs it? It does if it has a parameter named ``TaskObject``.

The answer is looked up once for each code object. The table is bounded: code made at run time must not pile up.
"""
from cpython.object cimport PyObject

from functools import partial
from types import FunctionType, MethodType


cdef extern from "Python.h":
    bint PyFunction_Check(object) noexcept
    PyObject *PyFunction_GetCode(object) noexcept   # borrowed

cdef enum:
    MAX_ANSWERS = 4_096

PARAMETER = "TaskObject"

cdef dict answers = {}
# The latest code found to want nothing: almost always the one asked about next. `answers` keeps it alive.
cdef PyObject *latest_plain = NULL


cdef bint wants_task(object fn) except -1:
    global latest_plain
    cdef PyObject *code
    if PyFunction_Check(fn):
        code = PyFunction_GetCode(fn)
        if code == latest_plain:
            return False
        answer = answers.get(<object> code)
        if answer is None:
            answer = _has_parameter(<object> code)
            if len(answers) >= MAX_ANSWERS:
                latest_plain = NULL
                answers.clear()
            answers[<object> code] = answer
        if not answer:
            latest_plain = code
        return answer
    if type(fn) is MethodType:
        return wants_task(fn.__func__)
    if isinstance(fn, partial):
        return wants_task(fn.func)
    if isinstance(fn, type):
        return type(fn.__init__) is FunctionType and wants_task(fn.__init__)
    call = getattr(type(fn), "__call__", None)
    return type(call) is FunctionType and wants_task(call)


cdef bint _has_parameter(object code) except -1:
    return PARAMETER in code.co_varnames[code.co_posonlyargcount:code.co_argcount + code.co_kwonlyargcount]
