/* The time slice of a thread of the ordinary scheduling classes: Linux 6.12 and later, no privilege needed. */
#ifndef WINDLASS_TIME_SLICE_H
#define WINDLASS_TIME_SLICE_H

#include <stdint.h>

typedef struct {        /* struct sched_attr as of its first version; not every C library has it */
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
} windlass_slice;

#if defined(__linux__)
  #include <sys/syscall.h>
  #include <unistd.h>
  /* Returns the slice in nanoseconds; 0 where there is none: an older kernel, or another scheduling class. */
  static inline int64_t windlass_get_slice(windlass_slice *slice) {
      if (syscall(SYS_sched_getattr, 0, slice, (unsigned int)sizeof(*slice), 0) != 0)
          return 0;
      return slice->policy == 0 || slice->policy == 3 ? (int64_t)slice->runtime : 0;    /* SCHED_OTHER, SCHED_BATCH */
  }
  static inline int windlass_set_slice(windlass_slice *slice, int64_t slice_ns) {
      slice->runtime = (uint64_t)slice_ns;
      return syscall(SYS_sched_setattr, 0, slice, 0) == 0;
  }
#else
  static inline int64_t windlass_get_slice(windlass_slice *slice) { (void)slice; return 0; }
  static inline int windlass_set_slice(windlass_slice *slice, int64_t slice_ns) {
      (void)slice; (void)slice_ns;
      return 0;
  }
#endif

#endif
