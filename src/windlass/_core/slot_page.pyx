# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""Memory that a worker process shares with its parent: which call it is at.

One page for each worker, so that a worker that runs wild spoils nobody else's. The parent reads it to know the culprit
of a crash and the age of a call without a message, and takes calls back that the worker has not begun: see
``revoke_below``.
"""
from cpython.buffer cimport PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport uint64_t

from windlass._core.chunk_stream cimport call_on_each
from windlass._core.clock cimport now_ns

PAGE_SIZE = 4096


cdef extern from *:
    """
    /* Sequentially consistent: `begin` and `revoke_below` each write one word and then read the other's. */
    #if defined(_MSC_VER)
      #include <intrin.h>
      static __inline uint64_t windlass_page_load(uint64_t *word) {
          return (uint64_t)_InterlockedCompareExchange64((volatile long long *)word, 0, 0);
      }
      static __inline void windlass_page_store(uint64_t *word, uint64_t value) {
          _InterlockedExchange64((volatile long long *)word, (long long)value);
      }
    #else
      static inline uint64_t windlass_page_load(uint64_t *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }
      static inline void windlass_page_store(uint64_t *word, uint64_t value) {
          __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
      }
    #endif
    """
    uint64_t page_load "windlass_page_load"(uint64_t *word) noexcept nogil
    void page_store "windlass_page_store"(uint64_t *word, uint64_t value) noexcept nogil


cdef class SlotPage:
    """A worker's shared page, mapped in both processes. Not for use from Python.

    Args:
        memory: A writable mapping of at least ``PAGE_SIZE`` bytes.
    """

    def __cinit__(self, memory):
        PyObject_GetBuffer(memory, &self.view, PyBUF_WRITABLE)
        if self.view.len < <Py_ssize_t> sizeof(Slot):
            raise ValueError("memory is too small for a slot")
        self.slot = <Slot *> self.view.buf

    def __dealloc__(self):
        PyBuffer_Release(&self.view)

    # ---- the worker's side ----

    def begin(self, uint64_t call) -> bool:
        """Say that ``call`` is being run; False: it has been taken back and must not be."""
        self.slot.item = 0
        self.slot.started_ns = now_ns()
        page_store(&self.slot.begun, call)
        return page_load(&self.slot.revoked) <= call

    def finish(self) -> None:
        """Say that the worker is through with the call it began, and has sent its outcome."""
        page_store(&self.slot.finished, self.slot.begun)

    def run_items(self, fn, list items not None) -> list:
        """As ``run_chunk``, keeping count of the item it is at."""
        return call_on_each(fn, items, &self.slot.item)

    def note_item(self, uint64_t item) -> None:
        """Say which item of a chunk it is at."""
        self.slot.item = item

    def note_memory(self, uint64_t size) -> None:
        """Say how many bytes the worker occupies."""
        self.slot.memory = size

    # ---- the parent's side ----

    def revoke_below(self, uint64_t call) -> None:
        """Forbid the worker to begin any call whose number is less than this.

        Each side writes its word and then reads the other's. So of calls that have lower numbers, those after
        :attr:`begun`, read after this, will not be begun; ``begun`` itself is answered, as run or as refused.
        """
        page_store(&self.slot.revoked, call)

    @property
    def begun(self) -> int:
        """The latest call that the worker began, 0 if none."""
        return page_load(&self.slot.begun)

    @property
    def running(self) -> int:
        """The call that the worker is at, 0 if none."""
        cdef uint64_t finished = page_load(&self.slot.finished)    # first: then a newer `begun` is running indeed
        cdef uint64_t begun = page_load(&self.slot.begun)
        return 0 if begun == finished else begun

    @property
    def started_ns(self) -> int:
        """When it began the latest call."""
        return self.slot.started_ns

    @property
    def item(self) -> int:
        """Which item of a chunk it is at."""
        return self.slot.item

    @property
    def memory(self) -> int:
        """Bytes it occupied when it last looked, 0 if it never did."""
        return self.slot.memory
