"""PyMultiTasking's names: ``from windlass.dropin.pymultitasking import Limiter, Processed, Threaded, ThreadPool``.

What behaves better:

- Nothing polls: a worker, a pool, ``as_completed``, ``wait_completion``, a lock and an event are waited for, not looked
  at every 0.1 s. Only :func:`method_wait` asks again and again, since that is what it is for.
- A call of a plain ``Threaded`` function uses a thread that is free. There, each call started one.
- A task that waits for a :func:`Limiter` takes no thread. There, each held one that slept on a semaphore.
- A task that raises has ended, keeps its exception for :attr:`Task.results`, and its worker lives. There, the exception
  was dropped by ``run`` or ended the worker.
- Arguments reach the function: there, positional ones of a ``Threaded`` call were lost.
- Two methods of one name on two instances, or two functions of one decorator, share nothing but what they are told to.
- What is submitted is done before the interpreter exits, unless a pool or worker is given ``daemon=True``.
- Nothing is printed, and what nobody receives goes to the ``windlass`` logger.
- Processes work. There, their names are in the code, but not among what the package offers.
"""

from windlass.dropin.pymultitasking.decorators import Limiter as Limiter
from windlass.dropin.pymultitasking.decorators import Threaded as Threaded
from windlass.dropin.pymultitasking.events import MultiEvent as MultiEvent
from windlass.dropin.pymultitasking.events import MultipleEvents as MultipleEvents
from windlass.dropin.pymultitasking.pool import ProcessPool as ProcessPool
from windlass.dropin.pymultitasking.pool import ThreadPool as ThreadPool
from windlass.dropin.pymultitasking.processes import Processed as Processed
from windlass.dropin.pymultitasking.processes import ProcessTaskQueue as ProcessTaskQueue
from windlass.dropin.pymultitasking.processes import ProcessWorker as ProcessWorker
from windlass.dropin.pymultitasking.processes import set_start_method as set_start_method
from windlass.dropin.pymultitasking.task import PriorityTaskQueue as PriorityTaskQueue
from windlass.dropin.pymultitasking.task import Task as Task
from windlass.dropin.pymultitasking.waiting import get_cpu_count as get_cpu_count
from windlass.dropin.pymultitasking.waiting import method_wait as method_wait
from windlass.dropin.pymultitasking.waiting import safe_acquire as safe_acquire
from windlass.dropin.pymultitasking.waiting import safe_release as safe_release
from windlass.dropin.pymultitasking.waiting import wait_lock as wait_lock
from windlass.dropin.pymultitasking.worker import ThreadWorker as ThreadWorker

__all__ = [
    "Limiter",
    "MultiEvent",
    "MultipleEvents",
    "PriorityTaskQueue",
    "ProcessPool",
    "ProcessTaskQueue",
    "ProcessWorker",
    "Processed",
    "Task",
    "ThreadPool",
    "ThreadWorker",
    "Threaded",
    "get_cpu_count",
    "method_wait",
    "safe_acquire",
    "safe_release",
    "set_start_method",
    "wait_lock",
]
