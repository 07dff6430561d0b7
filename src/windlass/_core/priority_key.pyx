"""Priorities as pairs of 64-bit integers that compare like the numbers they stand for.

A double cannot hold every int64 and an int64 no fraction, so neither alone can order ``time.monotonic_ns()`` beside
``0.5`` without ties that are none. The pair is exact for all of both: an int is (itself, 0); a float is its integer
part and, as the second number, the bit pattern of its fraction with the sign in front. The bit patterns of positive
doubles are ordered like the doubles themselves.
"""
from cpython.float cimport PyFloat_Check
from cpython.long cimport PyLong_AsLongLongAndOverflow, PyLong_Check
from libc.math cimport fabs, isfinite, trunc
from libc.stdint cimport INT64_MAX, INT64_MIN, int64_t
from libc.string cimport memcpy

from operator import index

cdef double TWO_63 = 9223372036854775808.0


cdef int key_of(object priority, PriorityKey *key) except -1:
    cdef int overflow = 0
    cdef double number
    if PyLong_Check(priority):
        key.whole = PyLong_AsLongLongAndOverflow(priority, &overflow)
        key.part = 0
        if overflow:
            raise OverflowError("priority must fit 64 bits: from -2**63 to 2**63 - 1")
        return 0
    if PyFloat_Check(priority):
        number = priority
        if not isfinite(number):
            raise ValueError(f"priority must be a finite number, not {number!r}")
        _key_of_double(number, key)
        return 0
    if hasattr(type(priority), "__index__"):
        return key_of(index(priority), key)     # an int, or it raises: no second round
    raise TypeError(f"priority must be an int or a float, not {type(priority).__name__}")


cdef void _key_of_double(double number, PriorityKey *key) noexcept nogil:
    cdef double rest = number
    cdef double magnitude
    cdef int64_t bits
    if number >= TWO_63:
        key.whole = INT64_MAX       # after every int: the ints have part 0
    elif number < -TWO_63:
        key.whole = INT64_MIN
    else:
        key.whole = <int64_t> trunc(number)
        rest = number - trunc(number)   # exact: both have the same exponent or less
    magnitude = fabs(rest)
    memcpy(&bits, &magnitude, sizeof(bits))
    key.part = -bits if rest < 0 else bits


def priority_key(priority: object) -> tuple[int, int]:
    """Return the pair that stands for ``priority``; pairs compare as the numbers do.

    Args:
        priority: An int of 64 bits, a finite float, or an object with ``__index__``.

    Raises:
        TypeError: It is neither.
        ValueError: It is NaN or infinite.
        OverflowError: It is an int beyond 64 bits.

    Thread safety:
        Atomic.
    """
    cdef PriorityKey key
    key_of(priority, &key)
    return key.whole, key.part
