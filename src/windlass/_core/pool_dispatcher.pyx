# cython: binding=False, embedsignature=True, embedsignature.format=clinic, auto_pickle=False
"""What users of windlass's own pools call: one task, many, with a priority."""
from libc.stdint cimport int64_t

from windlass._core.clock cimport NEVER_NS, delay_ns
from windlass._core.dispatcher cimport DEFAULT_CHUNK, Dispatcher
from windlass._core.priority_key cimport PriorityKey, key_of
from windlass._core.task cimport CoreTask

from windlass.priority import DEFAULT_PRIORITY


cdef extern from "Python.h":
    bint PyCallable_Check(object) noexcept

# The signatures below say 10 in so many words: a name in a default could not be read back by inspect.signature.
cdef PriorityKey DEFAULT_KEY
key_of(DEFAULT_PRIORITY, &DEFAULT_KEY)

cdef object DEFAULT = DEFAULT_PRIORITY


cdef class PoolDispatcher(Dispatcher):
    """The submit path of a pool. Not for use from Python: see :class:`windlass.ThreadPool`."""

    def submit(self, fn, /, *args, **kwargs):
        """Have ``fn(*args, **kwargs)`` called by a worker.

        Args:
            fn: A callable, or a :class:`windlass.Task` that has not been submitted yet.
            args: Positional arguments of the call.
            kwargs: Keyword arguments of the call, except four that are taken out: ``submit_task_priority`` (lower runs
                first, default 10), ``submit_task_timeout`` (longest wait for room in a bounded queue, seconds),
                ``submit_task_nowait`` (do not wait for room) and ``submit_task_autospawn`` (False: start no worker).

        Returns:
            The task.

        Raises:
            PoolClosed: The pool takes no more tasks.
            BrokenPool: Its initializer failed.
            PoolFull: The queue is full and the rejection policy, ``nowait`` or the timeout forbids to wait on.
            TypeError: ``fn`` is not callable.
            RuntimeError: No worker exists and no thread can be started; nothing has been queued.

        Thread safety:
            Safe on shared objects, also within signal handlers, finalizers and callbacks.

        Complexity:
            O(1) while at most 64 distinct priorities wait.
        """
        cdef CoreTask task
        cdef PriorityKey key = DEFAULT_KEY
        cdef int64_t delay = NEVER_NS
        if not kwargs:
            task = self.make_task(fn, args, None, DEFAULT)
            if task._priority is not DEFAULT:
                key_of(task._priority, &key)
            self.dispatch(task, key, NEVER_NS, True)
            return task
        priority = kwargs.pop("submit_task_priority", None)
        timeout = kwargs.pop("submit_task_timeout", None)
        nowait = kwargs.pop("submit_task_nowait", None)
        autospawn = kwargs.pop("submit_task_autospawn", None)
        if timeout is not None:
            delay = delay_ns(timeout, False)
        if nowait:
            delay = 0
        if priority is not None:
            key_of(priority, &key)
        task = self.make_task(fn, args, kwargs or None, DEFAULT if priority is None else priority)
        if priority is None and task._priority is not DEFAULT:
            key_of(task._priority, &key)
        self.dispatch(task, key, delay, autospawn is None or autospawn)
        return task

    def submit_call(self, fn, tuple args not None, dict kwargs not None):
        """As :meth:`submit`, but every keyword argument is the call's.

        Args:
            fn: A callable.
            args: Positional arguments of the call.
            kwargs: Keyword arguments of the call, whatever their names; nobody else may change this dict.

        Returns:
            The task.
        """
        if not PyCallable_Check(fn):
            raise TypeError(f"fn must be callable, not {type(fn).__name__}")
        cdef CoreTask task = self.new_task(fn, args, kwargs or None, DEFAULT)
        self.dispatch(task, DEFAULT_KEY, NEVER_NS, True)
        return task

    def map(self, fn, pairs, chunksize=0, *, priority=10):
        """Submit one call of ``fn`` for each pair of arguments.

        Args:
            fn: A callable.
            pairs: An iterable of ``(args, kwargs)``: a sequence of positional arguments and a mapping, or None, of
                keyword arguments. It is read to its end before anything is submitted.
            chunksize: Tasks handed over at a time; 0 chooses. Each call is a task of its own whatever the number.
            priority: Of all of them.

        Returns:
            A list of tasks in the order of ``pairs``.

        Raises:
            TypeError: An item is not such a pair; nothing has been submitted. Others as :meth:`submit`.
        """
        cdef PriorityKey key
        cdef list tasks = []
        key_of(priority, &key)
        if isinstance(chunksize, bool) or not isinstance(chunksize, int):
            raise TypeError(f"chunksize must be an int, not {type(chunksize).__name__}")
        if chunksize < 0:
            raise ValueError(f"chunksize must be 0 or more, not {chunksize}")
        for pair in pairs:
            try:
                args, kwargs = pair
                if type(args) is not tuple:
                    if isinstance(args, (str, bytes)):
                        raise TypeError("a string is not a sequence of arguments")
                    args = tuple(args)
                kwargs = dict(kwargs) if kwargs else None
            except (TypeError, ValueError) as error:
                raise TypeError(f"item {len(tasks)} of pairs must be (args, kwargs): {error}") from error
            tasks.append(self.make_task(fn, args, kwargs, priority))
        self.dispatch_many(tasks, key, chunksize or DEFAULT_CHUNK)
        return tasks

    def submit_many(self, fn, iterable, *, priority=10):
        """Submit ``fn(item)`` for each item; return the list of tasks. Otherwise as :meth:`map`."""
        cdef PriorityKey key
        key_of(priority, &key)
        tasks = [self.make_task(fn, (item,), None, priority) for item in iterable]
        self.dispatch_many(tasks, key, DEFAULT_CHUNK)
        return tasks
