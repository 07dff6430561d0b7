"""What the standard class is made of, as attributes of a plain queue."""
cimport cython

from windlass._core.plain_queue cimport PlainQueue


@cython.final
cdef class Part:
    """A descriptor: what the standard class is made of. Whoever gets or sets it takes the queue over to its mutex."""
    cdef object name

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, PlainQueue queue, owner):
        if queue is None:
            return self
        parts = queue.parts if queue.parts is not None else queue.go_over()
        try:
            return parts[self.name]
        except KeyError:    # _init of a subclass asks before there is a mutex
            raise AttributeError(f"{owner.__name__!r} object has no attribute {self.name!r} yet") from None

    def __set__(self, PlainQueue queue, value):
        queue._parts()[self.name] = value
