"""Every exception windlass raises of its own.

Each also inherits the exception that a caller of the standard library would expect in its place, so that
code written for ``queue`` or ``concurrent.futures`` catches it unchanged::

    Exception
      WindlassError
        PoolClosed       RuntimeError
        BrokenPool       concurrent.futures.BrokenExecutor, a RuntimeError
        TaskCancelled    concurrent.futures.CancelledError
          PoolTerminated
        WaitTimeout      TimeoutError
        QueueEmpty       queue.Empty
        QueueFull        queue.Full
          PoolFull
        QueueClosed      RuntimeError, and queue.ShutDown where it exists
        WorkerDied       RuntimeError
          PoisonTask
        NoWorkers        RuntimeError
          WorkerInitError
        TaskTimeout      TimeoutError
        TransferError    pickle.PickleError
        RemoteError
        RemoteTraceback

A bad argument is none of these: it raises TypeError, ValueError or OverflowError where it was given.
Nor is what a task's own function raises: ``task.result()`` raises that as it is.
"""

import concurrent.futures
import pickle
import queue
import sys

if sys.version_info >= (3, 13):
    from queue import ShutDown as _ShutDown
else:

    class _ShutDown(Exception):
        """Stands for ``queue.ShutDown``, which came with Python 3.13."""


class WindlassError(Exception):
    """Base of every exception in this module: catch it to catch them all."""


class PoolClosed(WindlassError, RuntimeError):
    """The pool takes no new work, because it was closed, stopped or shut down, or because Python is exiting.

    Submit before closing, or make a new pool; what was accepted earlier is not affected.
    """


class BrokenPool(WindlassError, concurrent.futures.BrokenExecutor):
    """The pool cannot run tasks: its ``initializer`` raised, or no worker could be started.

    The exception behind it is the ``__cause__``. Mend that, then make a new pool.
    """


class TaskCancelled(WindlassError, concurrent.futures.CancelledError):
    """The task was cancelled before it began, or in a process before it had ended, so it has no result.

    ``task.cancel()`` does that, and so do a pool's ``stop()`` and ``shutdown(cancel_futures=True)`` to all
    that it has queued. What runs in a process is ended by ``cancel(task)`` and ``terminate()`` of its pool, and by
    ``halt()`` of its master. Submit the call again if it is still wanted.
    """


class PoolTerminated(TaskCancelled):
    """The pool was terminated before the call began, or in a process before it had ended, so it has no result.

    ``terminate()`` of the pools in ``windlass.dropin.pool`` and the end of their ``with`` blocks do that. Get the
    results inside the block, or ``close()`` and ``join()`` the pool instead.
    """


class WaitTimeout(WindlassError, TimeoutError):
    """What was waited for did not come within ``timeout``.

    Nothing is lost: the task or pool goes on as before. Wait again, allow more time, or cancel.
    """


class QueueEmpty(WindlassError, queue.Empty):
    """The queue had no item to give, at once or within ``timeout``.

    Allow more time, or wait without limit with ``timeout=None``.
    """


class QueueFull(WindlassError, queue.Full):
    """The queue holds ``maxsize`` items, and none left within ``timeout``.

    Allow more time, take items out faster, or make the queue larger; ``maxsize=0`` sets no limit.
    """


class PoolFull(QueueFull):
    """The pool's queue holds ``max_queue`` tasks, and this submit may wait no longer for room.

    Allow the submit more time, or the pool more workers, a longer queue or another ``rejection`` policy.
    """


class QueueClosed(WindlassError, _ShutDown, RuntimeError):
    """The queue is closed: it takes no new item, and it has given out all it had.

    To a consumer this says that no item will ever come: end the loop. A producer came after ``close()``:
    let the producers finish first.
    """


class WorkerDied(WindlassError, RuntimeError):
    """The worker process that ran this task ended in the middle of it, by a signal, a crash or ``os._exit``.

    The pool has started another worker, and no other task is affected. ``exit_code`` or ``signal_number`` says how it
    ended; a signal 9 that nobody sent is most often the system running out of memory.

    Attributes:
        pid: The process that died.
        exit_code: Its exit status, or None if a signal ended it.
        signal_number: The signal that ended it, or None.
    """

    def __init__(self, message: str, pid: int = 0, status: int | None = None) -> None:
        super().__init__(message, pid, status)
        self.pid = pid
        self.exit_code = status if status is not None and status >= 0 else None
        self.signal_number = -status if status is not None and status < 0 else None

    def __str__(self) -> str:
        return str(self.args[0])


class PoisonTask(WorkerDied):
    """The task has taken down as many workers as ``max_crashes`` allows, so it is not tried again.

    It is the same as :class:`WorkerDied`, after the retries of ``on_crash="retry"``.
    """


class NoWorkers(WindlassError, RuntimeError):
    """The master has no worker that could run the task: none was added, or none for its tag, or all have left.

    Add workers before tasks.
    """


class WorkerInitError(NoWorkers):
    """A master's worker cannot be started, and has been given up: its ``__init__`` raises, or its process dies there.

    The exception behind it is the ``__cause__``. Mend that, then add the worker again.
    """


class TaskTimeout(WindlassError, TimeoutError):
    """The task ran longer than its ``task_timeout``; its worker process was killed and replaced.

    Allow more time, or make the task smaller.
    """


class TransferError(WindlassError, pickle.PickleError):
    """A call or its result could not be carried between processes: it does not pickle or unpickle.

    The exception behind it is the ``__cause__``. Pass data that pickles, and functions that the worker can import.

    Attributes:
        what: Which step failed, as the message begins.
        subject: The ``repr`` of a result that does not pickle, else None.
    """

    what: str = ""
    subject: str | None = None


class RemoteError(WindlassError):
    """Stands for an exception of a worker process that could not be carried over as it is.

    Attributes:
        type_name: The module and name of its class.
        text: What ``str`` made of it there.
    """

    def __init__(self, type_name: str, text: str) -> None:
        super().__init__(type_name, text)
        self.type_name = type_name
        self.text = text

    def __str__(self) -> str:
        return f"{self.type_name}: {self.text}"


class RemoteTraceback(WindlassError):
    """The ``__cause__`` of an exception that came from another process: its traceback there, as text."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'
