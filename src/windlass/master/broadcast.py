"""Calls that every worker answers."""

from threading import Condition
from typing import Any

from windlass.errors import WaitTimeout
from windlass.master.call import OVER, WAITING, Call
from windlass.master.hub import Hub


class Answers:
    """What came of calls that each are for one worker."""

    def __init__(self, calls: list[Call]) -> None:
        self._calls = calls
        self._values: dict[int, Any] = {}  # by the worker's number; guarded by the condition, as all here
        self._arrival = Condition()
        for call in calls:
            call.tell = self._note

    def _note(self, call: Call, outcome: Any) -> None:
        with self._arrival:
            self._values[call.station.number] = outcome
            self._arrival.notify_all()

    def wait(self, timeout: float | None) -> dict[int, Any]:
        """Return them all, in the order of the workers.

        Raises:
            WaitTimeout: Some have not come in time.
        """
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self._values) == len(self._calls), timeout):
                left = sorted({call.station.number for call in self._calls} - self._values.keys())
                raise WaitTimeout(f"no answer within {timeout:g} s from worker {', '.join(map(str, left))}")
            return dict(sorted(self._values.items()))


def broadcast(hub: Hub, calls: list[Call], timeout: float | None) -> dict[int, Any]:
    """Have calls run, each by its worker; return results and exceptions by the worker's number.

    Raises:
        WaitTimeout: Not all have answered in time. What has not begun will not.
        NoWorkers: One of the workers is leaving.
    """
    answers = Answers(calls)
    with hub.lock:
        hub.check_open()
        for call in calls:
            hub.check_station(call)
        for call in calls:
            call.number = hub.calls
            hub.calls += 1
            hub.agenda.push(call)
    for call in calls:
        call.station.wake()
    try:
        return answers.wait(timeout)
    except BaseException:  # Ctrl-C too
        with hub.lock:
            for call in calls:
                if call.state == WAITING:
                    call.state = OVER
        raise
