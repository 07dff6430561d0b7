"""Run windlass and its peers round by round, each in a process of its own, so that all see the same machine.

A machine's speed drifts (frequency, neighbours on a shared host, memory layout). Two runs one after the other
compare two machines. Here every round runs all contenders, in an order that is reversed from round to round,
and a ratio is only ever taken between figures of one round. The first round is thrown away as warm-up.

A contender that crashes, hangs or gives wrong results is out of that measure, and the others go on.
"""

import math
import time
from collections.abc import Callable, Iterator

import machine
from contestant import OK, WRONG, Contestant, Reply
from interleave import SUBJECT, MakeMeasure, Measure, stand_in
from outcome import Outcome

Watch = Callable[[int, str], None]  # takes the number of the round, 0 for the warm-up, and the contender


class Contest:
    """One measure and all who take part in it."""

    def __init__(
        self, make: MakeMeasure, measure: Measure, outcome: Outcome, *, quick: bool, null: bool = False
    ) -> None:
        self._make = make
        self._measure = measure
        self._outcome = outcome
        self._quick = quick
        self._plays = {SUBJECT: stand_in(measure)} if null else {}
        self._runners: dict[str, Contestant] = {}

    def run(self, rounds: int, until: float, watch: Watch, *, least: int = 1) -> None:
        """Run the rounds and fill the outcome; what is in it stays if Ctrl-C ends this.

        Args:
            rounds: How many rounds count, at most; the warm-up comes on top.
            until: No further round begins after this, on the monotonic clock; where one round is the least, nor does
                the warm-up.
            watch: Called before each round of each contender.
            least: So many rounds count, however late they are.
        """
        before = machine.Load.now()
        finished = False
        try:
            self._rounds(min(rounds, self._measure.most_rounds or rounds), least, until, watch)
            finished = True
        finally:
            for runner in self._runners.values():  # all at once: the end of an interpreter takes a while
                runner.dismiss()
            for name in list(self._runners):
                self._put_away(name, kill=not finished)
            self._outcome.load = machine.describe_load(before, machine.Load.now())

    def _rounds(self, rounds: int, least: int, until: float, watch: Watch) -> None:
        for name in self._measure.contenders:
            self._runners[name] = Contestant(self._make, self._plays.get(name, name), quick=self._quick)
        for name in list(self._runners):
            self._judge(name, self._runners[name].ready())
        if self._measure.warm_up and (least > 1 or time.monotonic() < until):
            self._round(0, list(self._runners), watch)
        for number, order in enumerate(self._orders(rounds), 1):
            if number > least and time.monotonic() > until:
                break
            self._round(number, order, watch)

    def _orders(self, rounds: int) -> Iterator[list[str]]:
        for number in range(rounds):
            names = [name for name in self._measure.contenders if name in self._runners]
            yield names if number % 2 == 0 else names[::-1]

    def _round(self, number: int, order: list[str], watch: Watch) -> None:
        for name in order:
            watch(number, name)
            reply = self._runners[name].round(self._measure.time_limit)
            if self._judge(name, reply) and number:
                self._outcome.standings[name].add(reply)

    def _judge(self, name: str, reply: Reply) -> bool:
        """Return whether all is well; if not, write down what is wrong and end the process."""
        if wrong := [figure for figure, value in reply.figures.items() if not math.isfinite(value)]:
            reply = Reply(WRONG, f"not a finite number: {', '.join(wrong)}")
        if reply.state == OK:
            return True
        standing = self._outcome.standings[name]
        standing.state, standing.why = reply.state, reply.why
        self._put_away(name, kill=True)
        return False

    def _put_away(self, name: str, *, kill: bool) -> None:
        self._outcome.standings[name].errors = self._runners.pop(name).close(kill=kill)
