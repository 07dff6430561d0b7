"""The results of a run, as they come."""

from collections.abc import Callable, Iterator
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from windlass._core.interrupts import is_interrupt
from windlass._core.report import report
from windlass.master.call import Call
from windlass.master.run import Arrived

if TYPE_CHECKING:
    from windlass.master.master import Master

# Read ahead of a lazy source, for each worker: at first, and when results come so fast that more is of use.
LEAST_AHEAD = 2
MOST_AHEAD = 1024
# A stretch of reading ahead is doubled if it is through in less than this many seconds.
SHORT = 0.01
# A source is slow if reading takes more than so many seconds, and more than so many for each item: then results that
# are there come first. With others that would cost more than it gives, for the workers had less to do meanwhile.
MOST_READING = 0.001
MOST_PER_ITEM = 0.0001


class Results(Iterator[tuple[int, Any]]):
    """Iterator over ``(task_id, result)``; an exception is the result of a task that failed.

    Ctrl-C in the middle of ``next()`` loses nothing: the iteration can go on. :meth:`close`, or to drop it, gives up
    those of its arguments that have not been started.

    Thread safety:
        Safe on distinct objects: one iteration belongs to one thread at a time.
    """

    def __init__(
        self,
        master: "Master",
        make: Callable[[Any], Call],
        source: Iterator[Any] | None,
        ordered: bool,
        buffersize: int | None,
    ) -> None:
        self._hub = master._hub
        self._run = self._hub.open_run()
        self._master = master  # which must live while its results are wanted
        self._make = make
        self._source = source
        self._error: BaseException | None = None  # of the source; comes after the results before it
        self._early: dict[int, Arrived] | None = {} if ordered else None  # by position
        self._buffersize = buffersize
        self._ahead = LEAST_AHEAD
        self._stretch = monotonic(), 0  # when the present one began, and how many had been given by then
        self._given = 0
        self._is_reading = False
        self._reads_slowly = False  # as of the last time

    def add(self, argument: Any) -> None:
        """Add an argument of the run itself."""
        self._hub.add(self._make(argument), self._run)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> tuple[int, Any]:
        run, hub = self._run, self._hub
        while True:
            if hub.import_failure is not None:
                raise hub.import_failure
            if self._source is not None and not (self._reads_slowly and self._has_result()):
                self._read_ahead()
            if self._early and self._given in self._early:
                came = self._early.pop(self._given)
                break
            if run.arrived:
                # Looked at first and taken out last, so that Ctrl-C loses no result.
                came = run.arrived[0]
                if self._early is None or came[0] == self._given:
                    del run.arrived[0]
                    break
                self._early[came[0]] = came
                del run.arrived[0]
                continue
            if hub.await_run(run):
                if hub.idle and len(hub.agenda):  # Ctrl-C may have come between a task and the waking of a worker
                    hub.wake_idle()
                run.wait()
            elif not run.arrived:
                self._end()
        self._given += 1
        if self._master._callback is not None:
            self._call_back()
        return came[1:3]

    def _has_result(self) -> bool:
        return bool(self._run.arrived) or bool(self._early and self._given in self._early)

    def _call_back(self) -> None:
        try:
            self._master._callback(self._given, self._run.added)  # type: ignore[misc]
        except Exception as error:  # the result is there, and is not to be lost
            report("exception in the callback of", self._master, error)

    def _end(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error
        self.close()
        self._master._end_run()
        raise StopIteration

    # ---- reading a lazy source ----

    def _read_ahead(self) -> None:
        run, source = self._run, self._source
        pending = run.added - self._given
        room = (self._buffersize or self._ahead * max(1, len(self._hub.stations))) - pending
        if source is None or self._is_reading or (pending and 2 * room < pending):
            return  # by halves: a look at each result would cost more
        if self._buffersize is None:
            self._adapt(pending)
        self._is_reading = True  # the source may itself ask for results
        began = monotonic()
        try:
            for number, argument in enumerate(islice(source, room), 1):
                self.add(argument)
                self._reads_slowly = monotonic() - began > max(MOST_READING, number * MOST_PER_ITEM)
                room -= 1
                if self._reads_slowly and self._has_result():
                    break
            else:
                if room:
                    self._source = None
        except BaseException as error:
            self._source = None
            self._error = error
            if is_interrupt(error):  # the user's, who may go on later
                self._source, self._error = source, None
                raise
        finally:
            self._is_reading = False

    def _adapt(self, pending: int) -> None:
        began, given = self._stretch
        if self._given - given >= self._ahead:
            now = monotonic()
            self._stretch = now, self._given
            if now - began < SHORT:
                self._ahead = min(2 * self._ahead, MOST_AHEAD)

    # ---- the end ----

    def close(self) -> None:
        """Give up the arguments of this run that have not been started; what was added otherwise stays.

        The workers finish what they are at, and the results of that are dropped.
        """
        self._source = None
        if self._early:
            self._run.arrived.extendleft(self._early.values())
            self._early.clear()
        self._hub.close_run(self._run)

    def __del__(self) -> None:
        # In any thread, perhaps one that holds the hub's lock.
        run = getattr(self, "_run", None)
        if run is not None and run.open:
            self._hub.forsaken.append(run)
