"""``lib`` (or ``master_worker``) of DumbPipelineBox: ``from windlass.dropin.dumbpipelinebox.master import Master``.

What behaves better:

- Tasks run in the order they were added. There, the last came first.
- An exception comes back as the result, ``(task_id, error)``. There, it was ``(task_id, (task_id, error))``.
- A worker that dies, or a result that does not pickle, costs that task, whose result is the error. There, ``run`` never
  ended. The worker is replaced, with the arguments it was added with.
- The ``with`` block ends. There, without an exception it raised TypeError.
- ``run()`` without tasks ends at once; without workers, each result is the error that says so.
- No wake-up is lost. There, a quarter of a second was, now and then.
- What follows an abandoned ``run`` gets its own results only.
- A monitor or a callback that raises is logged. There, it ended the run.
- Workers may be of several classes: see :class:`windlass.Master`.

Not there: the queues and events of ``Worker.__init__``, ``Worker.run``, ``WorkerProcess``, ``push_result_to_queue``.
``task_event_timeout`` is accepted and means nothing, since nobody polls.
"""

from windlass.dropin.dumbpipelinebox.master import Master as Master
from windlass.dropin.dumbpipelinebox.task_monitor import AbstractTaskMonitor as AbstractTaskMonitor
from windlass.dropin.dumbpipelinebox.worker import Worker as Worker

__all__ = ["AbstractTaskMonitor", "Master", "Worker"]
