"""How this core was built."""
import cython


cdef extern from *:
    """
    #ifndef WINDLASS_FREE_THREADING
    #define WINDLASS_FREE_THREADING 0
    #endif
    #ifndef WINDLASS_SANITIZE
    #define WINDLASS_SANITIZE ""
    #endif
    #ifdef CYTHON_TRACE_NOGIL
    #define WINDLASS_TRACED 1
    #else
    #define WINDLASS_TRACED 0
    #endif
    """
    const char *WINDLASS_SANITIZE
    const bint WINDLASS_FREE_THREADING
    const bint WINDLASS_TRACED

cdef extern from "futex.h":
    const bint WINDLASS_HAVE_FUTEX

cdef extern from "guard.h":
    const bint WINDLASS_FREE_THREADED

CYTHON = cython.__version__


def info() -> dict[str, object]:
    """Return the compiler version and the switches of the build.

    Returns:
        ``cython`` (version), ``gil_disabled`` (built for a free-threaded interpreter), ``free_threading`` (declared
        fit for running without the GIL), ``parker`` ("futex" or "lock"), ``sanitizer`` (name or ""), ``linetrace``.

    Thread safety:
        Atomic.
    """
    return {
        "cython": CYTHON,
        "gil_disabled": bool(WINDLASS_FREE_THREADED),
        "free_threading": bool(WINDLASS_FREE_THREADING),
        "parker": "futex" if WINDLASS_HAVE_FUTEX else "lock",
        "sanitizer": WINDLASS_SANITIZE.decode("ascii"),
        "linetrace": bool(WINDLASS_TRACED),
    }
