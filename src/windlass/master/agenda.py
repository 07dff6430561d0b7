"""What waits for workers: one heap for each tag, one for no tag, one for each worker's own."""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from operator import itemgetter

from windlass.master.call import WAITING, Call
from windlass.master.run import Run

# Priority, number, call. The numbers differ, so calls are never compared.
Heap = list[tuple[int | float, int, Call]]

_first = itemgetter(0)


class Agenda:
    """Calls that wait, by who may run them.

    Thread safety:
        Incompatible: the hub's lock guards it.
    """

    def __init__(self) -> None:
        self.general: Heap = []
        self.tagged: dict[str, Heap] = {}

    def heap_of(self, call: Call) -> Heap:
        """Return where a call belongs. ``heappush`` its entry there: in one line, which Ctrl-C does not interrupt."""
        if call.station is not None:
            own: Heap = call.station.mailbox
            return own
        if call.tag is None:
            return self.general
        return self.tagged.setdefault(call.tag, [])

    def push(self, call: Call) -> None:
        """Add a call."""
        heappush(self.heap_of(call), (call.key, call.number, call))

    def waiting_for(self, tags: Iterable[str], mailbox: Heap) -> list[Heap]:
        """Return the heaps that are not empty, of those that a worker may take from."""
        heaps = [mailbox] if mailbox else []
        for tag in tags:
            heap = self.tagged.get(tag)
            if heap:
                heaps.append(heap)
        if self.general:
            heaps.append(self.general)
        return heaps

    @staticmethod
    def pop(heaps: list[Heap], most: int) -> list[Call]:
        """Take the most urgent calls out of some heaps that are not empty; those that are over are dropped."""
        calls: list[Call] = []
        while heaps and len(calls) < most:
            heap = heaps[0] if len(heaps) == 1 else min(heaps, key=_first)
            call = heappop(heap)[2]
            if not heap:
                heaps.remove(heap)
            if call.state == WAITING:
                calls.append(call)
        return calls

    def take_all(self, heap: Heap) -> list[Call]:
        """Empty a heap; return what was waiting in it."""
        calls = [entry[2] for entry in heap if entry[2].state == WAITING]
        heap.clear()
        return calls

    def __len__(self) -> int:
        return len(self.general) + sum(map(len, self.tagged.values()))


def withdraw(heap: Heap, run: Run) -> list[Call]:
    """Take the calls of a run out of a heap."""
    found = [entry[2] for entry in heap if entry[2].run is run]
    if found:
        heap[:] = [entry for entry in heap if entry[2].run is not run]
        heapify(heap)
    return found
