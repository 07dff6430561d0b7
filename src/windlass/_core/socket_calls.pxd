"""What direct calls do to a socket past the Python object (see socket_calls.h)."""


cdef extern from "socket_calls.h" nogil:
    Py_ssize_t peek "windlass_peek"(int file, char *room, Py_ssize_t size) noexcept
    void take "windlass_take"(int file, char *room, Py_ssize_t size) noexcept
    Py_ssize_t put "windlass_put"(int file, const char *data, Py_ssize_t size) noexcept
