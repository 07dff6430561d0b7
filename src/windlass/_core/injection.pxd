"""Does a function want the task that runs it?"""

cdef bint wants_task(object fn) except -1
