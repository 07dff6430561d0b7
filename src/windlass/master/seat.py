"""Where the attendant of a master's worker takes tasks and gives them back."""

import os
from typing import TYPE_CHECKING, Any

from windlass.master.call import Call
from windlass.pools.errand import Errand

if TYPE_CHECKING:
    from windlass.master.station import Station


class StationSeat:
    """What ``_core/remote_seat`` is for a pool: between the attendant and, here, the master's hub.

    Args:
        station: Whose.

    Thread safety:
        Incompatible: it belongs to the station's thread, but for ``away`` and ``number``, which the attendant guards.
    """

    def __init__(self, station: "Station") -> None:
        self._station = station
        self._pid = os.getpid()
        self.away: dict[int, Errand] = {}  # by number of the call
        self.number = 1  # the next call's

    @property
    def is_orphan(self) -> bool:
        """Whether a fork has left this seat to the parent."""
        return os.getpid() != self._pid

    # ---- tasks ----

    def take(self, most: int) -> list[Call] | None:
        """Wait for tasks; None: leave."""
        station = self._station
        hub = station.hub
        while True:
            if hub.dropped:
                hub.close("the master is gone")
            station.is_called = False
            calls = hub.take(station, most, True)
            if calls:
                return calls
            if station.leaving:
                return None
            station.sleep(None)

    def take_more(self, most: int) -> list[Call]:
        """Return what can be had at once."""
        return self._station.hub.take(self._station, most, False)

    def taken(self) -> list[Call]:
        """Return what was taken, and neither ended nor given back."""
        return list(self._station.away)

    def put_back(self, calls: list[Call]) -> None:
        """Give tasks back that were not run to their end."""
        self._station.hub.put_back(self._station, calls)

    def settle(self, call: Call, outcome: Any, failed: bool, last: bool = False, run_ns: int = 0) -> None:
        """End a task."""
        self._station.hub.settle(call, outcome, failed, self._station)

    # ---- for seats that others may use while their thread sleeps ----

    def serve(self, prepare: object, outcome: object, answer_kind: int) -> None:
        """Nothing: nobody else uses this one."""

    def attach(self, host: object, direct: bool) -> None:
        """Nothing: its thread hears of the process when it looks."""

    def detach(self) -> None:
        """Nothing."""

    def pause(self) -> bool:
        """Return False: nobody else sends."""
        return False

    def resume(self) -> None:
        """Nothing."""

    def doom(self, call: object, error: BaseException) -> bool:
        """Return False: nobody else has a task on its way."""
        return False

    def take_left(self) -> None:
        """Nothing: only its thread does anything."""

    def close(self) -> None:
        """Nothing."""
