"""Tracebacks of exceptions that are kept and raised again."""

cdef object traceback_of(object error)      # or None
cdef int reraise(object error, object traceback) except -1
