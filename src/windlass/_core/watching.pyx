"""Watch many tasks with one watcher."""
from windlass._core.task cimport CoreTask
from windlass._core.watcher cimport CompletionStream


def watch(tasks: object, CompletionStream stream not None) -> list:
    """Have every task report its end to ``stream``.

    A worker runs those of its own pool that are still pending first: nobody else might be free to do it.

    Returns:
        The tasks that have ended already; they do not report.
    """
    cdef CoreTask task
    cdef list ended = []
    for task in list(tasks):
        if task.try_help() or not task.observe(stream):
            ended.append(task)
    return ended


def stop_watching(tasks: object, CompletionStream stream not None) -> None:
    """Take ``stream`` off the tasks that have not reported to it."""
    cdef CoreTask task
    for task in list(tasks):
        task.unobserve(stream)
