/* Atomic 32-bit words, the pause instruction and thread-local storage, one spelling for GCC, Clang and MSVC. */
#ifndef WINDLASS_ATOMICS_H
#define WINDLASS_ATOMICS_H

#include <stdint.h>

#if defined(_MSC_VER)
  #include <intrin.h>
  /* On the targets MSVC knows, a volatile read or write is no weaker than acquire or release (/volatile:ms);
     the interlocked calls are full barriers. */
  static __inline int32_t windlass_load(const int32_t *word) { return *(const volatile int32_t *)word; }
  static __inline void windlass_store(int32_t *word, int32_t value) { _InterlockedExchange((volatile long *)word, value); }
  static __inline int32_t windlass_exchange(int32_t *word, int32_t value) {
      return _InterlockedExchange((volatile long *)word, value);
  }
  static __inline int windlass_cas(int32_t *word, int32_t expected, int32_t desired) {
      return _InterlockedCompareExchange((volatile long *)word, desired, expected) == expected;
  }
  static __inline void windlass_increment(int32_t *word) { _InterlockedIncrement((volatile long *)word); }
  static __inline void windlass_pause(void) { YieldProcessor(); }
  #define WINDLASS_THREAD_LOCAL __declspec(thread)
#else
  /* Acquire loads, release stores: what one thread wrote before it stored a word is seen by whoever loads it. */
  static inline int32_t windlass_load(const int32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
  static inline void windlass_store(int32_t *word, int32_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }
  static inline int32_t windlass_exchange(int32_t *word, int32_t value) {
      return __atomic_exchange_n(word, value, __ATOMIC_SEQ_CST);
  }
  static inline int windlass_cas(int32_t *word, int32_t expected, int32_t desired) {
      return __atomic_compare_exchange_n(word, &expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE);
  }
  static inline void windlass_increment(int32_t *word) { __atomic_fetch_add(word, 1, __ATOMIC_RELEASE); }
  #if defined(__x86_64__) || defined(__i386__)
    static inline void windlass_pause(void) { __builtin_ia32_pause(); }
  #elif defined(__aarch64__)
    /* isb waits about as long as x86's pause; yield is a no-op on most cores. */
    static inline void windlass_pause(void) { __asm__ __volatile__("isb" ::: "memory"); }
  #else
    static inline void windlass_pause(void) { __asm__ __volatile__("" ::: "memory"); }
  #endif
  #define WINDLASS_THREAD_LOCAL _Thread_local
#endif

#endif
