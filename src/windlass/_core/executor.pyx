# cython: binding=False, embedsignature=True, embedsignature.format=clinic, auto_pickle=False
"""What code written for ``concurrent.futures.ThreadPoolExecutor`` calls: every argument belongs to the function."""
from windlass._core.clock cimport NEVER_NS
from windlass._core.dispatcher cimport Dispatcher
from windlass._core.priority_key cimport PriorityKey, key_of
from windlass._core.task cimport CoreTask

from windlass.priority import DEFAULT_PRIORITY


cdef extern from "Python.h":
    bint PyCallable_Check(object) noexcept

cdef PriorityKey DEFAULT_KEY
key_of(DEFAULT_PRIORITY, &DEFAULT_KEY)

cdef object DEFAULT = DEFAULT_PRIORITY


cdef class CoreExecutor(Dispatcher):
    """The submit path of a plain executor. Not for use from Python."""

    def submit(self, fn, /, *args, **kwargs):
        """Have ``fn(*args, **kwargs)`` called by a worker thread.

        Args:
            fn: A callable.
            args: Positional arguments of the call.
            kwargs: Keyword arguments of the call, whatever their names.

        Returns:
            A future.

        Raises:
            RuntimeError: The executor takes no more calls, or no thread can be started; nothing has been queued.
            BrokenThreadPool: Its initializer failed.
            TypeError: ``fn`` is not callable.

        Thread safety:
            Safe on shared objects, also within signal handlers, finalizers and callbacks.

        Complexity:
            O(1).
        """
        return self.submit_call(fn, args, kwargs or None)

    def _submit_each(self, fn, arguments) -> list:
        # One call for each tuple of arguments, as they come.
        return [self.submit_call(fn, args, None) for args in arguments]

    cdef CoreTask submit_call(self, object fn, tuple args, dict kwargs):
        if not PyCallable_Check(fn):
            raise TypeError(f"fn must be callable, not {type(fn).__name__}")
        task = self.new_task(fn, args, kwargs, DEFAULT)
        self.dispatch(task, DEFAULT_KEY, NEVER_NS, True)
        return task
