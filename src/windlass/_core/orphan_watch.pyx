# cython: binding=False, embedsignature=True, embedsignature.format=clinic
"""The end of a worker process whose parent has gone.

End-of-file on the channel tells an idle worker. A busy one is told by a thread that knows nothing of Python, so that a
task which keeps the GIL for hours cannot keep the process alive. The kernel's own way, PR_SET_PDEATHSIG, follows the
*thread* that started the process and does not work through a fork server.
"""

cdef extern from *:
    """
    #if defined(_WIN32)
      static int windlass_die_with(int descriptor) { (void)descriptor; return -1; }
    #else
      #include <errno.h>
      #include <poll.h>
      #include <pthread.h>
      #include <signal.h>
      #include <stdint.h>
      #include <unistd.h>

      static void *windlass_watch_parent(void *descriptor) {
          struct pollfd parent = {(int)(intptr_t)descriptor, POLLIN, 0};
          while (poll(&parent, 1, -1) < 0 && errno == EINTR) {
          }
          if (parent.revents & POLLIN) _exit(1);
          return NULL;  /* a task has closed the descriptor */
      }

      static int windlass_die_with(int descriptor) {
          pthread_t thread;
          sigset_t all, before;
          int outcome;
          sigfillset(&all);  /* signals are for the threads that can handle them */
          pthread_sigmask(SIG_SETMASK, &all, &before);
          outcome = pthread_create(&thread, NULL, windlass_watch_parent, (void *)(intptr_t)descriptor);
          pthread_sigmask(SIG_SETMASK, &before, NULL);
          if (outcome == 0) pthread_detach(thread);
          return outcome;
      }
    #endif
    """
    int windlass_die_with(int descriptor) noexcept nogil


def die_with(int parent) -> None:
    """End this process at once when another one ends.

    Args:
        parent: A descriptor that can be read when that process has ended; it must stay open.
    """
    if windlass_die_with(parent) != 0:
        raise OSError("no thread could be started to watch the parent process")
