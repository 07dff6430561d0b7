"""Workers that the tests of masters use; importable in worker processes."""

import asyncio
import os
from typing import Any

from process_calls import Gate, die
from windlass import Worker

LIMIT = 60.0  # longest wait for anything, seconds; never reached unless something is broken


class Echo(Worker):
    """Returns what it got, with its name; or does as an argument that is a tuple says."""

    def __init__(self, name: str = "echo", gate: Gate | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name, self.gate = name, gate
        self.count = 0

    def run_task(self, argument: Any) -> Any:
        """Do it."""
        self.count += 1
        if isinstance(argument, tuple):
            what, *values = argument
            return getattr(self, what)(*values)
        return argument

    def fail(self, text: str) -> None:
        """Raise."""
        raise ValueError(text)

    def call(self, function: Any, *args: Any) -> Any:
        """Call anything."""
        return function(*args)

    def wait(self, value: Any = None) -> Any:
        """Wait for the test."""
        assert self.gate is not None
        return self.gate.pass_through(value)

    def who(self) -> tuple[str, int]:
        """Name and process."""
        return self.name, os.getpid()

    def tasks(self) -> int:
        """How many tasks this process has had."""
        return self.count


class Double(Worker):
    """Another kind of worker."""

    def run_task(self, argument: Any) -> Any:
        """Return it twice."""
        return argument * 2


class Later(Worker):
    """Has ``async`` methods."""

    def __init__(self, path: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.path = path

    async def run_task(self, argument: Any) -> Any:
        """Return it after a while; raise what is an exception."""
        await asyncio.sleep(0)
        if isinstance(argument, Exception):
            raise argument
        return argument

    async def ask(self, value: Any) -> Any:
        """Return it after a while."""
        await asyncio.sleep(0)
        return value

    async def close(self) -> None:  # type: ignore[override]
        """Say so."""
        await asyncio.sleep(0)
        with open(self.path, "a") as file:
            file.write("closed")


class Unable(Worker):
    """Raises in its __init__."""

    def __init__(self, path: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with open(path, "a") as file:
            file.write("x")
        raise LookupError("no such model")

    def run_task(self, argument: Any) -> Any:
        """Never reached."""


class StillBorn(Worker):
    """Dies in its __init__, as often as it is told."""

    def __init__(self, path: str, times: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with open(path, "a") as file:
            file.write("x")
        with open(path) as file:
            if len(file.read()) <= times:
                die()

    def run_task(self, argument: Any) -> Any:
        """Return it."""
        return argument


class Careful(Worker):
    """Says when it is closed."""

    def __init__(self, path: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.path = path

    def run_task(self, argument: Any) -> Any:
        """Return it."""
        return argument

    def close(self) -> None:
        """Say so."""
        with open(self.path, "a") as file:
            file.write("closed")
