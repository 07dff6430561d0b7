"""Which of two objects is less, as far as that can be told without running Python code.

Only the exact built-in types take part: a subclass may define its own ``__lt__``. For them the answer is the one that
``<`` gives, and it is found while the calling thread stays alone: a heap may be searched by it under a guard.
"""
from cpython.object cimport Py_EQ, Py_GT, Py_LT, PyObject

cdef extern from "Python.h" nogil:
    # Declared nogil because for exact built-in types none of them runs Python code; attached threads only.
    ctypedef PyObject *(*Comparison)(PyObject *, PyObject *, int) noexcept
    ctypedef struct Type "PyTypeObject":
        Comparison tp_richcompare
    Type *type_of "Py_TYPE"(PyObject *) noexcept
    Type INT "PyLong_Type"
    Type BOOL "PyBool_Type"
    Type FLOAT "PyFloat_Type"
    Type STR "PyUnicode_Type"
    Type BYTES "PyBytes_Type"
    Type TUPLE "PyTuple_Type"
    PyObject *TRUE "Py_True"
    double as_double "PyFloat_AS_DOUBLE"(PyObject *) noexcept
    Py_ssize_t tuple_size "PyTuple_GET_SIZE"(PyObject *) noexcept
    PyObject *tuple_item "PyTuple_GET_ITEM"(PyObject *, Py_ssize_t) noexcept
    void decref "Py_DECREF"(PyObject *) noexcept
    void clear_error "PyErr_Clear"() noexcept

cdef enum:
    DEEPEST_TUPLE = 16      # deeper ones are left to CPython, which guards its stack


cdef int compare_compiled(PyObject *a, PyObject *b, int op, int depth) noexcept nogil:
    cdef Type *of_a = type_of(a)
    cdef Type *of_b = type_of(b)
    cdef Py_ssize_t left, right
    if of_a == of_b:
        if of_a == &INT:
            if small_int(a, &left) and small_int(b, &right):
                return left < right if op == Py_LT else left == right
            return _by_type(&INT, a, b, op)
        if of_a == &FLOAT:
            return as_double(a) < as_double(b) if op == Py_LT else as_double(a) == as_double(b)
        if of_a == &TUPLE:
            return _compare_tuples(a, b, op, depth)
        if of_a == &STR or of_a == &BYTES or of_a == &BOOL:
            return _by_type(of_a, a, b, op)
    elif _is_number(of_a) and _is_number(of_b):
        if of_a == &FLOAT:
            return _by_type(&FLOAT, a, b, op)
        if of_b == &FLOAT:
            return _by_type(&FLOAT, b, a, Py_GT if op == Py_LT else Py_EQ)
        return _by_type(&INT, a, b, op)
    return UNDECIDED


cdef inline bint _is_number(const Type *of) noexcept nogil:
    return of == &INT or of == &FLOAT or of == &BOOL


cdef int _by_type(const Type *of, PyObject *a, PyObject *b, int op) noexcept nogil:
    cdef PyObject *answer = of.tp_richcompare(a, b, op)
    cdef bint yes
    if answer == NULL:
        clear_error()       # no memory for a huge int beside a float: the search that asks Python meets it again
        return UNDECIDED
    yes = answer == TRUE
    decref(answer)          # True or False: frees nothing
    return yes


cdef int _compare_tuples(PyObject *a, PyObject *b, int op, int depth) noexcept nogil:
    cdef Py_ssize_t at
    cdef PyObject *left
    cdef PyObject *right
    cdef int equal
    if depth == DEEPEST_TUPLE:
        return UNDECIDED
    for at in range(min(tuple_size(a), tuple_size(b))):
        left, right = tuple_item(a, at), tuple_item(b, at)
        if left == right:
            continue        # identical counts as equal, as in every comparison of tuples
        equal = compare_compiled(left, right, Py_EQ, depth + 1)
        if equal == UNDECIDED:
            return UNDECIDED
        if not equal:
            return compare_compiled(left, right, Py_LT, depth + 1) if op == Py_LT else 0
    if op == Py_LT:
        return tuple_size(a) < tuple_size(b)
    return tuple_size(a) == tuple_size(b)
