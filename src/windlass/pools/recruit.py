"""How a pool comes by a worker process, and what it means if it does not."""

from time import monotonic
from typing import TYPE_CHECKING

from windlass._core.report import report
from windlass.errors import WorkerDied
from windlass.pools.roles import Employer
from windlass.processes import messages, relay
from windlass.processes.host import WorkerHost
from windlass.processes.host_interface import Host
from windlass.processes.start import NO_GUARD, PUT_UNDER_GUARD

if TYPE_CHECKING:
    from windlass.pools.process_crew import ProcessCrew

# Seconds that a worker which is no longer needed has to end by itself.
GRACE = 5.0
# When a worker died, if it was not before it was ready.
AT_TASK = "at this task"
# So many processes in a row that end before they are ready mean that none ever will be.
MOST_FAILED_STARTS = 3


def recruit(crew: "ProcessCrew", name: str) -> WorkerHost | None:
    """Start a worker process and wait until it is ready; None: there will be none, and the waiting tasks know."""
    while crew.broken is None:
        try:
            host = WorkerHost(crew.plan.method, name, crew.inherited)
        except OSError as error:  # too many processes or descriptors, for now
            if crew.n_workers > 1:
                report("a worker process could not be started for", crew, error)
            else:
                refusal = crew.make_broken(f"no worker process can be started: {error}")
                refusal.__cause__ = error
                crew.drain(refusal)
            return None
        except WorkerDied as death:  # its traceback tells of multiprocessing, and the mistake is the program's
            crew.break_down(crew.make_broken(f"no worker process can be started: {death}"), death.with_traceback(None))
            return None
        except Exception as error:
            crew.break_down(crew.make_broken(f"no worker process can be started: {error}"), error)
            return None
        crew.note_start(host)
        try:
            crew.note_newborn(host)
            if introduce(crew, host):
                return host
        except BaseException:
            host.bury()
            raise
        finally:
            crew.newborns.discard(host)
    return None


def introduce(crew: Employer, host: Host) -> bool:
    """Wait until a new worker says that it is ready.

    Returns:
        False: it has gone, and the crew is broken if there is no use in another.
    """
    plan = crew.plan
    end = None if plan.initializer_timeout is None else monotonic() + plan.initializer_timeout
    try:
        host.configure(plan.settings if crew.inherited is None else None)
    except Exception as error:
        host.bury()
        crew.break_down(crew.make_broken(f"the initializer or its arguments do not pickle: {error}"), error)
        return False
    host.flush()
    while not host.is_gone:
        left = None if end is None else end - monotonic()
        if left is not None and left <= 0:
            host.bury()
            crew.break_down(crew.make_broken(f"a worker was not ready within {plan.initializer_timeout:g} s"))
            return False
        for message in host.receive(left):
            if message.kind == messages.READY:
                crew.failed_starts = 0
                return True
            if message.kind == messages.UNFIT:
                host.stop(GRACE)
                crew.fail_to_initialize(messages.decode_unfit(message))
                return False
            if message.kind == messages.LOG:
                relay.deliver(message.body)
    death = died_of(host, "before it was ready")
    crew.failed_starts += 1
    crew.note_death(death)
    if crew.broken is None:
        crew.lose_worker(death, False)
    if crew.broken is None and death.exit_code == NO_GUARD:
        crew.break_down(crew.make_broken(f"no worker process can be started: {death}"), death)
    elif crew.broken is None and crew.failed_starts >= MOST_FAILED_STARTS:
        why = f"{MOST_FAILED_STARTS} worker processes in a row ended at their start; their tracebacks are on stderr. "
        why += "Does the program start its pool under if __name__ == '__main__'?"
        crew.break_down(crew.make_broken(why), death)
    return False


def died_of(host: Host, when: str) -> WorkerDied:
    """Collect a dead worker; return the error that tells how it ended."""
    return worker_died(host.pid, host.bury(), when)


def worker_died(pid: int, status: int | None, when: str) -> WorkerDied:
    """Return the error for a worker with this exit status, negative for a signal."""
    how = "for an unknown reason" if status is None else f"with exit status {status}"
    if status is not None and status < 0:
        how = f"by signal {-status}"
    elif status == NO_GUARD and when != AT_TASK:
        when += f": it would start workers itself while it imports the program; {PUT_UNDER_GUARD}"
    return WorkerDied(f"worker process {pid} ended {how} {when}", pid, status)
