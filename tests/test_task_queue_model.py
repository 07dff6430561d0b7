"""PriorityTaskQueue against a sorted list, step by step, with priorities that mix heap and levels."""

import queue as standard

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import windlass
from windlass import PriorityTaskQueue

FEW = st.sampled_from([0, 0.5, 1, 1.0, -1, True])
# More than the 64 levels, yet few enough for ties between an item in the heap and one in a level.
MANY = st.integers(0, 99).map(lambda number: number / 2 if number % 2 else number // 2)
ANY = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False))
PRIORITIES = st.one_of(FEW, MANY, ANY)


class QueueModel(RuleBasedStateMachine):
    """The model: a list of (priority, arrival, item), sorted; Python compares ints and floats exactly."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = PriorityTaskQueue()
        self.model: list[tuple[float, int, object]] = []
        self.maxsize = 0
        self.unfinished = 0
        self.arrivals = 0
        self.closed = False
        self.known: list[object] = [["put before"]]

    def put_one(self, item: object, priority: float) -> None:
        if self.closed:
            with pytest.raises(windlass.QueueClosed):
                self.queue.put(item, priority, 0)
            return
        if 0 < self.maxsize <= len(self.model):
            with pytest.raises(standard.Full):
                self.queue.put(item, priority, 0)
            return
        self.queue.put_nowait(item, priority)
        self.model.append((priority, self.arrivals, item))
        self.model.sort(key=lambda entry: entry[:2])
        self.arrivals += 1
        self.unfinished += 1

    def index_of(self, item: object) -> int | None:
        return next((at for at, entry in enumerate(self.model) if entry[2] is item), None)

    def drop(self, count: int) -> None:
        self.unfinished = max(0, self.unfinished - count)

    @rule(priority=PRIORITIES)
    def put(self, priority: float) -> None:
        item = [self.arrivals]
        self.known.append(item)
        self.put_one(item, priority)

    @rule(priority=PRIORITIES, data=st.data())
    def put_known_again(self, priority: float, data: st.DataObject) -> None:
        self.put_one(data.draw(st.sampled_from(self.known)), priority)

    @rule(priorities=st.lists(MANY, min_size=60, max_size=120))
    def put_many(self, priorities: list[float]) -> None:
        for priority in priorities:
            self.put_one([self.arrivals], priority)

    @rule(bad=st.sampled_from([float("nan"), float("inf"), None, "1", 2**63]))
    def put_refused(self, bad: object) -> None:
        with pytest.raises((ValueError, TypeError, OverflowError)):
            self.queue.put("refused", bad)

    @rule()
    def get(self) -> None:
        if self.model:
            assert self.queue.get(0) is self.model.pop(0)[2]
        else:
            with pytest.raises(windlass.QueueClosed if self.closed else standard.Empty):
                self.queue.get(0)

    @rule(count=st.integers(2, 100))
    def get_many(self, count: int) -> None:
        for _ in range(min(count, len(self.model))):
            assert self.queue.get_nowait() is self.model.pop(0)[2]

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(self.known + [entry[2] for entry in self.model[::7]]))
        at = self.index_of(item)
        assert self.queue.remove(item) is (at is not None)
        if at is not None:
            del self.model[at]
            self.drop(1)

    @rule(data=st.data(), priority=PRIORITIES)
    def reprioritise(self, data: st.DataObject, priority: float) -> None:
        item = data.draw(st.sampled_from(self.known + [entry[2] for entry in self.model[::7]]))
        at = self.index_of(item)
        assert self.queue.reprioritise(item, priority) is (at is not None)
        if at is not None:
            del self.model[at]
            self.model.append((priority, self.arrivals, item))
            self.model.sort(key=lambda entry: entry[:2])
            self.arrivals += 1

    @rule()
    def clear(self) -> None:
        dropped = self.queue.clear()
        assert [id(item) for item in dropped] == [id(entry[2]) for entry in self.model]
        self.drop(len(dropped))
        self.model.clear()

    @rule()
    def task_done(self) -> None:
        if self.unfinished:
            self.queue.task_done()
            self.unfinished -= 1
        else:
            with pytest.raises(ValueError, match="too many"):
                self.queue.task_done()

    @rule(maxsize=st.sampled_from([-1, 0, 1, 3, 80, 1_000]))
    def set_maxsize(self, maxsize: int) -> None:
        self.queue.maxsize = maxsize
        self.maxsize = max(0, maxsize)

    @precondition(lambda self: self.arrivals > 150 and not self.closed)
    @rule()
    def close(self) -> None:
        self.queue.close()
        self.closed = True

    @invariant()
    def counts_agree(self) -> None:
        assert self.queue.qsize() == len(self.queue) == len(self.model)
        assert self.queue.empty() is (not self.model)
        assert self.queue.full() is (0 < self.maxsize <= len(self.model))
        assert self.queue.maxsize == self.maxsize
        assert self.queue.unfinished_tasks == self.unfinished
        assert self.queue.closed is self.closed
        assert self.queue.join(0) is (self.unfinished == 0)

    def teardown(self) -> None:
        for _priority, _arrival, item in self.model:
            assert self.queue.get_nowait() is item
        assert self.queue.empty()


TestQueueModel = pytest.mark.slow(QueueModel.TestCase)
TestQueueModel.settings = settings(
    max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
