"""The grid against a model that walks from release to release, under each policy, with changes and pauses."""

from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from windlass._core.grid import POLICIES, ReleaseGrid

NEVER = 2**63 - 1
LONGEST = 2**62


@dataclass
class Model:
    """The rules as they are told, one release at a time; numbers of any size."""

    period: int
    policy: str
    max_burst: int
    start: int
    at_once: bool

    def __post_init__(self) -> None:
        self.base = self.start
        self.next = self.start if self.at_once else self.start + self.period
        self.missed = self.burst = 0
        self.arrived = self.late = False

    def skip_while(self, passed: int) -> None:
        """Give up releases before the time ``passed``."""
        while self.next < passed:
            self.next += self.period
            self.missed += 1

    def arrive(self, now: int) -> None:
        if self.arrived:
            return
        self.arrived, self.late = True, now > self.next
        if self.late and self.policy == "drop":
            self.skip_while(now)
            self.late = False

    def run(self, now: int) -> tuple[int, int, int] | None:
        overslept = now >= self.next + self.period
        if self.policy == "drop" and overslept:
            self.skip_while(now)
            self.late = False
            if self.next > now:
                return None
            overslept = False
        tick = self.next, now - self.next, self.missed
        self.missed, self.arrived = 0, False
        self.base = self.next
        if self.policy == "delay" and (self.late or overslept):
            self.base = now
            self.next = now + self.period
            return tick
        self.next += self.period
        if self.policy == "burst" and overslept and (not self.max_burst or self.burst + 1 < self.max_burst):
            self.burst += 1
            return tick
        self.burst = 0
        self.skip_while(now + 1)
        return tick

    def change(self, period: int, now: int) -> None:
        at_begin = self.next == self.base
        self.period, self.late = period, False
        if not at_begin:
            self.next = self.base + period
            while self.next <= now:
                self.next += period

    def resume(self, now: int) -> None:
        self.late = False
        while self.next < now:
            self.next += self.period


# How far the clock moves, in parts of a period, and what happens then.
STEPS = st.lists(
    st.tuples(st.sampled_from(["arrive", "arrive", "run", "run", "run", "change", "resume"]), st.integers(0, 700)),
    max_size=60,
)


@settings(max_examples=500)
@given(
    period=st.integers(1, 1_000),
    policy=st.sampled_from(POLICIES),
    max_burst=st.integers(0, 5),
    start=st.integers(0, 10_000),
    at_once=st.booleans(),
    steps=STEPS,
)
@example(100, "burst", 4, 0, True, [("run", 0), ("arrive", 1_000), *[("run", 0)] * 8])
@example(100, "drop", 0, 0, True, [("run", 0), ("arrive", 250), ("run", 0), ("run", 100), ("run", 300)])
def test_grid_does_what_the_model_does(
    period: int, policy: str, max_burst: int, start: int, at_once: bool, steps: list[tuple[str, int]]
) -> None:
    grid = ReleaseGrid(period, policy, max_burst)
    grid.begin(start, at_once)
    model = Model(period, policy, max_burst, start, at_once)
    now = start
    for action, hundredths in steps:
        now += model.period * hundredths // 100
        if action == "arrive":
            grid.arrive(now)
            model.arrive(now)
        elif action == "run":
            now = max(now, model.next)  # never early
            assert grid.start(now) == model.run(now)
        elif action == "change":
            model.change(hundredths + 1, now)
            grid.change(hundredths + 1, now)
        else:
            model.resume(now)
            grid.resume(now)
        assert (grid.next, grid.missed) == (model.next, model.missed)


@settings(max_examples=500)
@given(
    period=st.integers(1, LONGEST),
    policy=st.sampled_from(["skip", "drop", "burst"]),
    max_burst=st.integers(0, 4),
    start=st.integers(0, NEVER - 1),
    gaps=st.lists(st.integers(0, NEVER), max_size=20),
)
@example(1, "skip", 0, 0, [NEVER - 1])
@example(LONGEST, "burst", 0, NEVER - LONGEST, [NEVER - 1, 0])
@example(LONGEST, "drop", 0, NEVER - LONGEST, [NEVER - 1, 0])
def test_each_release_is_run_or_missed_whatever_the_numbers(
    period: int, policy: str, max_burst: int, start: int, gaps: list[int]
) -> None:
    grid = ReleaseGrid(period, policy, max_burst)
    grid.begin(start)
    now = start
    ticks = missed = 0
    for gap in gaps:
        now = min(max(now + gap, grid.next), NEVER - 1)
        if grid.next > now:  # beyond the end of the clock
            assert grid.next == NEVER or gap == 0 or grid.next == NEVER - 1
            break
        grid.arrive(now)
        tick = grid.start(now) if grid.next <= now else None
        if tick is None:
            continue
        release, lateness, given_up = tick
        ticks += 1
        missed += given_up
        assert lateness == now - release >= 0
        assert release == start + (ticks + missed - 1) * period
        assert grid.next > release
        if policy != "burst":
            assert grid.next > now
