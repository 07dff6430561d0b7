"""Limits of functions, lifted from the call to the task that makes it."""
from windlass._core.task_options cimport TaskOptions

cdef bint is_liftable(object fn) noexcept       # what a blocking Limiter has made; a method or partial of such
cdef object lift_limit(object fn, TaskOptions options)  # the limit becomes the options'; returns the function below
cdef object limit_of(object fn)                 # what lift_limit() would find; None if there is nothing to lift
