# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""A parker whose thread sleeps on descriptors too: on news from its worker process and on a bell. Linux only.

Another thread may read in its stead: it mutes the data meanwhile, so that an answer wakes one thread and not two.
"""
from cpython.exc cimport PyErr_SetFromErrno
from libc.stdint cimport int64_t

from windlass._core cimport atomics
from windlass._core.clock cimport NEVER_NS, now_ns
from windlass._core.parker cimport NOTIFIED, Parker, note_release
from windlass._core.watcher cimport Latch


cdef extern from *:
    """
    #include <stdint.h>
    #if defined(__linux__)
      #include <errno.h>
      #include <poll.h>
      #include <sys/epoll.h>
      #include <sys/eventfd.h>
      #include <unistd.h>
      #define WINDLASS_HAVE_BELLS 1
      static int windlass_bell_poll(void) { return epoll_create1(EPOLL_CLOEXEC); }
      static int windlass_bell_rope(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
      static int windlass_bell_add(int poll, int file, unsigned events, unsigned what, int change) {
          struct epoll_event event;
          event.events = events ? EPOLLIN : 0;
          event.data.u64 = what;
          return epoll_ctl(poll, change ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, file, &event);
      }
      static void windlass_bell_remove(int poll, int file) {
          struct epoll_event event = {0};
          epoll_ctl(poll, EPOLL_CTL_DEL, file, &event);
      }
      /* Milliseconds, rounded up: a wait that ended early would be begun again. */
      static int windlass_bell_ms(int64_t left_ns) {
          if (left_ns < 0) return -1;
          return left_ns > (int64_t)1000000 * 1000000000 ? 1000000000 : (int)((left_ns + 999999) / 1000000);
      }
      static int windlass_bell_wait(int poll, int64_t left_ns) {
          struct epoll_event events[4];
          int n, at, what = 0;
          n = epoll_wait(poll, events, 4, windlass_bell_ms(left_ns));
          if (n < 0) return errno == EINTR ? 0 : -1;
          for (at = 0; at < n; at++) what |= (int)events[at].data.u64;
          return what;
      }
      static void windlass_bell_ring(int rope) {
          uint64_t one = 1;
          ssize_t done = write(rope, &one, sizeof one);
          (void)done;  /* full: then it has been rung often enough */
      }
      static void windlass_bell_still(int rope) {
          uint64_t count;
          ssize_t done = read(rope, &count, sizeof count);
          (void)done;
      }
      static int windlass_bell_data(int data, int end, int ear, int64_t left_ns) {
          struct pollfd files[3] = {{data, POLLIN, 0}, {end, POLLIN, 0}, {ear, POLLIN, 0}};
          int n = poll(files, 3, windlass_bell_ms(left_ns));
          if (n <= 0) return n;
          return files[1].revents || files[2].revents || !(files[0].revents & POLLIN) ? 2 : 1;
      }
      static void windlass_bell_close(int file) { close(file); }
    #else
      #define WINDLASS_HAVE_BELLS 0
      static int windlass_bell_poll(void) { return -1; }
      static int windlass_bell_rope(void) { return -1; }
      static int windlass_bell_add(int poll, int file, unsigned events, unsigned what, int change) {
          (void)poll; (void)file; (void)events; (void)what; (void)change; return -1;
      }
      static void windlass_bell_remove(int poll, int file) { (void)poll; (void)file; }
      static int windlass_bell_wait(int poll, int64_t left_ns) { (void)poll; (void)left_ns; return -1; }
      static void windlass_bell_ring(int rope) { (void)rope; }
      static void windlass_bell_still(int rope) { (void)rope; }
      static int windlass_bell_data(int data, int end, int ear, int64_t left_ns) {
          (void)data; (void)end; (void)ear; (void)left_ns; return 2;
      }
      static void windlass_bell_close(int file) { (void)file; }
    #endif
    """
    const bint WINDLASS_HAVE_BELLS
    int windlass_bell_poll() noexcept nogil
    int windlass_bell_rope() noexcept nogil
    int windlass_bell_add(int poll, int file, unsigned events, unsigned what, int change) noexcept nogil
    void windlass_bell_remove(int poll, int file) noexcept nogil
    int windlass_bell_wait(int poll, int64_t left_ns) noexcept nogil
    void windlass_bell_ring(int rope) noexcept nogil
    void windlass_bell_still(int rope) noexcept nogil
    int windlass_bell_data(int data, int end, int ear, int64_t left_ns) noexcept nogil
    void windlass_bell_close(int file) noexcept nogil

HAVE_BELLS = bool(WINDLASS_HAVE_BELLS)


cdef inline int64_t _left(int64_t deadline) noexcept nogil:
    return -1 if deadline == NEVER_NS else max(0, deadline - now_ns())


cdef int await_data(int data, int end, int ear, int64_t deadline) noexcept nogil:
    return windlass_bell_data(data, end, ear, _left(deadline))


cdef class Bell(Parker):
    """A parker for the thread that attends a worker process. Not for use from Python.

    Raises:
        OSError: There are too many open files.
    """

    def __cinit__(self):
        self._poll = self._rope = self._ear = self._data = self._end = -1
        self._poll = windlass_bell_poll()
        self._rope = windlass_bell_rope()
        self._ear = windlass_bell_rope()
        if (
            self._poll < 0 or self._rope < 0 or self._ear < 0
            or windlass_bell_add(self._poll, self._rope, True, RUNG, False) < 0
        ):
            PyErr_SetFromErrno(OSError)

    def __dealloc__(self):
        self.close()

    cpdef close(self):
        """Give the descriptors back. Whoever rings afterwards does no harm."""
        cdef int poll = self._poll, rope = self._rope, ear = self._ear
        self._poll = self._rope = self._ear = self._data = self._end = -1
        for file in (poll, rope, ear):
            if file >= 0:
                windlass_bell_close(file)

    def watch(self, data: int, end: int) -> None:
        """Listen to a worker: ``data`` is readable when it has sent something, ``end`` when it has ended."""
        if (
            windlass_bell_add(self._poll, data, True, NEWS, False) < 0
            or windlass_bell_add(self._poll, end, True, NEWS, False) < 0
        ):
            PyErr_SetFromErrno(OSError)
        self._data, self._end = data, end

    def unwatch(self) -> None:
        """Undo :meth:`watch`, before the descriptors are closed."""
        for file in (self._data, self._end):
            if file >= 0:
                windlass_bell_remove(self._poll, file)
        self._data = self._end = -1

    cdef void mute(self, bint on) noexcept nogil:
        if self._data >= 0:
            windlass_bell_add(self._poll, self._data, not on, NEWS, True)

    cdef void wake(self) noexcept nogil:
        if atomics.exchange(&self._word, NOTIFIED) != NOTIFIED and self._rope >= 0:
            windlass_bell_ring(self._rope)

    cdef int listen(self, int64_t deadline, Parker kick) except -1:
        cdef int what
        if self.notified():
            deadline = 0
        with nogil:
            note_release()
            if kick is not None:
                kick._wake_after_release()
            what = windlass_bell_wait(self._poll, _left(deadline))
        if what < 0:
            PyErr_SetFromErrno(OSError)
        if what & RUNG or self.notified():
            # In this order: who wakes it in between finds the word set, does not ring, and is heard all the same. Also
            # if only the bell says so: without a GIL, a wake may have been heard before it rang.
            windlass_bell_still(self._rope)
            self.consume()
            what |= RUNG
        return what

    cdef void await_ring(self) noexcept nogil:
        windlass_bell_data(self._rope, self._rope, self._rope, -1)

    cdef void hush(self) noexcept nogil:
        windlass_bell_still(self._ear)


cdef class Ear(Latch):
    """Waits for a task beside the bell of the worker that has it: its wake is a descriptor's."""

    cdef void wake(self) noexcept nogil:
        windlass_bell_ring(self._file)

    cdef void _wake_after_release(self) noexcept nogil:
        windlass_bell_ring(self._file)
