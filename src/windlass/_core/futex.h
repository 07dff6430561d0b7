/* Sleep on a 32-bit word until another thread changes it or an absolute CLOCK_MONOTONIC time comes.
   Linux only; elsewhere WINDLASS_HAVE_FUTEX is 0 and the calls are never reached. */
#ifndef WINDLASS_FUTEX_H
#define WINDLASS_FUTEX_H

#include <stdint.h>

#if defined(__linux__)
  #include <errno.h>
  #include <limits.h>
  #include <linux/futex.h>
  #include <sys/syscall.h>
  #include <time.h>
  #include <unistd.h>
  #define WINDLASS_HAVE_FUTEX 1

  /* Returns 0 when woken or when the word no longer holds `expected`, else ETIMEDOUT or EINTR. */
  static inline int windlass_futex_wait(int32_t *word, int32_t expected, int64_t deadline_ns) {
      struct timespec at, *limit = NULL;
      if (deadline_ns != INT64_MAX) {
          at.tv_sec = (time_t)(deadline_ns / 1000000000);
          at.tv_nsec = (long)(deadline_ns % 1000000000);
          limit = &at;
      }
      if (syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, limit, NULL, FUTEX_BITSET_MATCH_ANY) == 0)
          return 0;
      return errno == EAGAIN ? 0 : errno;
  }
  static inline void windlass_futex_wake(int32_t *word) {
      syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
  }
#else
  #include <errno.h>
  #define WINDLASS_HAVE_FUTEX 0
  static inline int windlass_futex_wait(int32_t *word, int32_t expected, int64_t deadline_ns) {
      (void)word; (void)expected; (void)deadline_ns;
      return ETIMEDOUT;
  }
  static inline void windlass_futex_wake(int32_t *word) { (void)word; }
#endif

#endif
