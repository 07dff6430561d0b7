"""Watch many tasks with one watcher."""
from libc.stdint cimport int64_t

from windlass._core.clock cimport deadline_ns
from windlass._core.task cimport CoreTask
from windlass._core.watcher cimport CompletionStream


cdef enum:
    AT_ONCE = 0     # a deadline that has passed


def watch(tasks: object, CompletionStream stream not None, bint help_first, timeout) -> list:
    """Have every task report its end to ``stream``.

    Args:
        tasks: What to watch.
        stream: Hears of the ends.
        help_first: Whether a worker runs those of its own pool that are still pending before it watches the rest. Only
            for who waits for all of them anyhow: one of them may wait for what the caller does after the first end.
        timeout: Longest wait for slots of their limits meanwhile, in seconds; None for no limit.

    Returns:
        The tasks that have ended already; they do not report.
    """
    cdef CoreTask task
    cdef list ended = []
    cdef list watched = []
    cdef int64_t deadline = deadline_ns(timeout, True)
    for task in list(tasks):
        if stream.home is not None and not stream.home.owns(task):
            stream.foreign = True
        if (help_first and task.try_help(AT_ONCE)) or not task.observe(stream):
            ended.append(task)
        elif help_first:
            watched.append(task)
    for task in watched:        # what is left has no slot, or is at work
        task.try_help(deadline)
    return ended


def help_one(tasks: object, int64_t until_ns) -> bool:
    """Run one pending task of those whose pool the caller is a worker of; return whether there was one.

    Args:
        tasks: The tasks. One that has to wait for its limit comes after those that need not.
        until_ns: Longest wait for a slot of a limit, monotonic nanoseconds.
    """
    cdef CoreTask task
    for task in list(tasks):
        if task.try_help(AT_ONCE):
            return True
    for task in list(tasks):
        if task.try_help(until_ns):
            return True
    return False


def stop_watching(tasks: object, CompletionStream stream not None) -> None:
    """Take ``stream`` off the tasks that have not reported to it."""
    cdef CoreTask task
    for task in list(tasks):
        task.unobserve(stream)
