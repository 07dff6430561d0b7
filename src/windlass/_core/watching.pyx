"""Watch many tasks with one watcher."""
from windlass._core.task cimport CoreTask
from windlass._core.watcher cimport CompletionStream


def watch(tasks: object, CompletionStream stream not None, bint help_first) -> list:
    """Have every task report its end to ``stream``.

    Args:
        tasks: What to watch.
        stream: Hears of the ends.
        help_first: Whether a worker runs those of its own pool that are still pending before it watches the rest. Only
            for who waits for all of them anyhow: one of them may wait for what the caller does after the first end.

    Returns:
        The tasks that have ended already; they do not report.
    """
    cdef CoreTask task
    cdef list ended = []
    for task in list(tasks):
        if stream.home is not None and not stream.home.owns(task):
            stream.foreign = True
        if (help_first and task.try_help()) or not task.observe(stream):
            ended.append(task)
    return ended


def help_one(tasks: object) -> bool:
    """Run one pending task of those whose pool the caller is a worker of; return whether there was one."""
    cdef CoreTask task
    for task in list(tasks):
        if task.try_help():
            return True
    return False


def stop_watching(tasks: object, CompletionStream stream not None) -> None:
    """Take ``stream`` off the tasks that have not reported to it."""
    cdef CoreTask task
    for task in list(tasks):
        task.unobserve(stream)
