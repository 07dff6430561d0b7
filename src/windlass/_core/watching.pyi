from collections.abc import Iterable
from typing import TypeVar

from windlass._core.task import CoreTask
from windlass._core.watcher import CompletionStream

_C = TypeVar("_C", bound=CoreTask)

def watch(tasks: Iterable[_C], stream: CompletionStream, help_first: bool, timeout: float | None) -> list[_C]: ...
def help_one(tasks: Iterable[CoreTask], until_ns: int) -> bool: ...
def stop_watching(tasks: Iterable[CoreTask], stream: CompletionStream) -> None: ...
