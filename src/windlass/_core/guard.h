/* The lock of the core: nothing where the GIL exists, since C code between two GIL releases is already alone;
   a PyMutex on free-threaded builds. The law of every section under it: no Python code, no decref, no raise,
   no allocation of a garbage-collected object, no GIL release. PyMem_* is fine. */
#ifndef WINDLASS_GUARD_H
#define WINDLASS_GUARD_H

#include <Python.h>
#include "atomics.h"

#ifdef Py_GIL_DISABLED
  typedef PyMutex windlass_guard;
  static inline void windlass_guard_init(windlass_guard *guard) { memset(guard, 0, sizeof(*guard)); }
  static inline void windlass_guard_lock(windlass_guard *guard) { PyMutex_Lock(guard); }
  static inline void windlass_guard_unlock(windlass_guard *guard) { PyMutex_Unlock(guard); }
  /* A state word that only attached threads change: atomic only where attached threads run side by side. */
  #define windlass_state_load(word) windlass_load(word)
  #define windlass_state_store(word, value) windlass_store(word, value)
  #define windlass_state_cas(word, expected, desired) windlass_cas(word, expected, desired)
  #define WINDLASS_FREE_THREADED 1
#else
  typedef char windlass_guard;
  #define windlass_guard_init(guard) ((void)(guard))
  #define windlass_guard_lock(guard) ((void)(guard))
  #define windlass_guard_unlock(guard) ((void)(guard))
  #define windlass_state_load(word) (*(word))
  #define windlass_state_store(word, value) ((void)(*(word) = (value)))
  #define windlass_state_cas(word, expected, desired) (*(word) == (expected) ? (*(word) = (desired), 1) : 0)
  #define WINDLASS_FREE_THREADED 0
#endif

#endif
