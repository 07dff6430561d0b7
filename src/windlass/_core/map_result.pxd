"""The result of a map: many calls in chunks, one outcome. README.md, "Pool results"."""
from windlass._core.apply_result cimport ApplyResult
from windlass._core.runner cimport Runner
from windlass._core.task cimport CoreTask


# Some of the calls of a map or imap: one task.
cdef class Chunk(CoreTask):
    cdef list items         # the arguments; each gives way to its value; None after the end
    cdef bint star          # each argument is to be unpacked

    cdef void set_up(self, object fn, list items, bint star)
    cdef void tell_owner(self, Runner runner) noexcept      # it has ended


cdef class MapChunk(Chunk):
    cdef MapResult owner    # None once it has been told


cdef class MapResult(ApplyResult):
    # ---- Guarded by `guard`.
    cdef list chunks        # in order; None after the end
    cdef Py_ssize_t left    # chunks that have not ended
    cdef tuple failure      # None, or (exception, traceback) of the chunk that failed first

    cdef readonly Py_ssize_t _chunksize     # items in a chunk
    cdef readonly Py_ssize_t _length        # items in all

    cdef list cut(self, object fn, list items, Py_ssize_t size, bint star)
    cdef void on_chunk_ended(self, MapChunk chunk, Runner runner) noexcept
    cdef void _assemble(self, Runner runner) noexcept
