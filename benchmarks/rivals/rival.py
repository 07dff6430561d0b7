"""What an adapter says of a peer: what it is, whether it is here, and how it does each kind of work."""

import importlib.util
import platform
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import metadata
from typing import Any


@dataclass(frozen=True)
class Way:
    """How a rival does one kind of work.

    Attributes:
        kind: Which kind, one of ``KINDS`` in this package: it says what ``open`` takes and gives.
        contender: The name in the table; within a kind no two ways share one.
        open: Makes it ready outside the timing and puts it away afterwards. It imports the peer, not before.
        options: Which options of the peer it uses, and why they are the peer's best.
    """

    kind: str
    contender: str
    open: Callable[..., AbstractContextManager[Any]]
    options: str


@dataclass(frozen=True)
class Rival:
    """A library that windlass is compared with.

    Attributes:
        name: As in ``--rivals`` and in the report.
        module: What its programs import; found but not imported to see whether it is installed.
        distribution: What ``pip`` installs; None for the standard library, and for what has no distribution.
        ways: What it can do.
        refuses: Says why it cannot run here although it is installed; "" if it can.
        install: What to type, where `pip install` with the distribution alone will not do.
        gone: Says why nobody can install it; "" if they can.
    """

    name: str
    module: str
    distribution: str | None
    ways: Sequence[Way]
    refuses: Callable[[], str] = str
    install: str = ""
    gone: str = ""

    def absent(self) -> str:
        """Say why it cannot take part here; "" if it can."""
        if self.gone:
            return self.gone
        if importlib.util.find_spec(self.module) is None:
            return f"not installed ({self.install or f'pip install {self.distribution}'})"
        return self.refuses()

    def version(self) -> str:
        """Return the version installed, "" where there is none."""
        if self.distribution is None:
            return platform.python_version()
        try:
            return metadata.version(self.distribution)
        except metadata.PackageNotFoundError:
            return ""
