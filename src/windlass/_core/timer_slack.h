/* By how much the kernel may be late in waking the calling thread: 50 us by default, per thread, no privilege needed.
   Linux only; elsewhere there is nothing to lower. */
#ifndef WINDLASS_TIMER_SLACK_H
#define WINDLASS_TIMER_SLACK_H

#include <stdint.h>

#if defined(__linux__)
  #include <sys/prctl.h>
  #include <sys/syscall.h>
  #include <unistd.h>
  /* By number: the wrapper of the C library returns an int, which a long slack does not fit. */
  static inline int64_t windlass_timer_slack(void) { return (int64_t)syscall(SYS_prctl, PR_GET_TIMERSLACK, 0, 0, 0, 0); }
  static inline int windlass_set_timer_slack(int64_t slack_ns) {
      return (int)syscall(SYS_prctl, PR_SET_TIMERSLACK, (unsigned long)slack_ns, 0, 0, 0);
  }
#else
  static inline int64_t windlass_timer_slack(void) { return -1; }
  static inline int windlass_set_timer_slack(int64_t slack_ns) { (void)slack_ns; return -1; }
#endif

#endif
