"""The workers of a master: who there is, and who rests."""

from collections.abc import Iterable
from threading import Condition, Lock
from typing import TYPE_CHECKING

from windlass.master.call import Call

if TYPE_CHECKING:
    from windlass.master.station import Station


class Roster:
    """The stations of one master, by number.

    Thread safety:
        Safe on shared objects.
    """

    def __init__(self) -> None:
        self.lock = Lock()  # guards all below
        self.departure = Condition(self.lock)
        self.stations: dict[int, Station] = {}
        self.idle: list[Station] = []

    def reset_after_fork(self) -> None:
        """In a forked child: begin again without workers. Another thread may have had the lock."""
        Roster.__init__(self)

    def wake_for(self, call: Call) -> None:
        """Wake an idle worker that may run a call; of several, the one that became idle last."""
        for station in reversed(self.idle):  # it leaves the list when it is awake
            if not station.is_called and station.may_run(call):
                station.wake()
                return

    def wake_idle(self) -> None:
        """Have all that rest look for work."""
        for station in list(self.idle):
            station.wake()

    def wait_until_free(self, stations: Iterable["Station"], timeout: float | None) -> bool:
        """Wait until none of these has a task."""
        with self.lock:
            return self.departure.wait_for(lambda: not any(station.away for station in stations), timeout)

    def wait_for_departure(self, stations: Iterable["Station"], timeout: float | None) -> bool:
        """Wait until all of these have left."""
        numbers = [station.number for station in stations]
        with self.lock:
            return self.departure.wait_for(lambda: not any(one in self.stations for one in numbers), timeout)
