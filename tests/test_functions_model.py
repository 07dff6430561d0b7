"""FunctionCollection against a model: a list of functions, sorted as it should be."""

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from windlass import FunctionCollection

NAMES = ("f", "g")


def made(name: str, number: int) -> Callable[[], int]:
    """Return one of a few functions, several of which have one name."""

    def function() -> int:
        if number % 3 == 2:
            raise ValueError(number)
        return number

    function.__name__ = name
    return function


FUNCTIONS = [made(name, number) for name in NAMES for number in range(4)]
functions = st.sampled_from(FUNCTIONS)
priorities = st.one_of(st.none(), st.sampled_from([-1, 0, 9.5, 10, 10.0, 11]))


class Model(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.failed: list[Exception] = []
        self.collection = FunctionCollection(on_error=lambda e: self.failed.append(e))
        self.members: list[Callable[[], int]] = []  # in order of insertion
        self.priority: dict[Callable[[], int], int | float] = {}
        self.keys: dict[Callable[[], int], str] = {}

    @rule(f=functions, priority=priorities)
    def append(self, f: Callable[[], int], priority: int | float | None) -> None:
        if f not in self.members:
            self.members.append(f)
            self.priority[f] = 10
            name = f"{__name__}.{f.__name__}"
            free = (name if number == 1 else f"{name}#{number}" for number in range(1, 100))
            self.keys[f] = next(key for key in free if key not in self.keys.values())
        if priority is not None:
            self.priority[f] = priority
        assert self.collection.append(f, priority=priority) == self.keys[f]

    @rule(f=functions)
    def remove(self, f: Callable[[], int]) -> None:
        self.failed.clear()
        self.collection.remove(f)
        assert [type(error) for error in self.failed] == ([] if f in self.members else [KeyError])
        if f in self.members:
            self.members.remove(f)
            del self.priority[f], self.keys[f]

    @rule()
    def run(self) -> None:
        self.failed.clear()
        results, success = self.collection.execute()
        expected = {}
        raised = []
        for f in self.in_order():
            try:
                expected[self.keys[f]] = f()
            except ValueError as error:
                expected[self.keys[f]] = None
                raised.append(error.args)
        assert list(results.items()) == list(expected.items())
        assert [error.args for error in self.failed] == raised
        assert success is not bool(raised)

    def in_order(self) -> list[Callable[[], int]]:
        return sorted(self.members, key=lambda f: self.priority[f])  # stable

    @invariant()
    def has_the_same_functions(self) -> None:
        assert list(self.collection) == self.in_order()
        assert len(self.collection) == len(self.members)
        assert all((f in self.collection) is (f in self.members) for f in FUNCTIONS)


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=60, stateful_step_count=30)
