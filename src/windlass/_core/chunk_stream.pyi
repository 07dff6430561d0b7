from collections.abc import Callable, Iterable, Iterator
from types import GenericAlias
from typing import Any, Generic, Self, TypeVar

from typing_extensions import disjoint_base

from windlass._core.task import CoreTask

_A = TypeVar("_A")
_T = TypeVar("_T")

@disjoint_base
class Failure:
    @property
    def error(self) -> BaseException: ...
    def __init__(self, error: BaseException) -> None: ...

def are_plain(values: list[Any]) -> bool: ...
def run_chunk(fn: Callable[[Any], Any], items: list[Any]) -> list[Any]: ...

@disjoint_base
class ChunkStream(Iterator[_T], Generic[_T]):
    def __init__(
        self,
        fn: Callable[[_A], _T],
        source: Iterable[_A],
        submit: Callable[[Callable[[_A], _T], list[_A]], CoreTask],
        ordered: bool,
        chunksize: int,
        buffersize: int | None,
        n_workers: int,
    ) -> None: ...
    @classmethod
    def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> _T: ...
    def close(self) -> None: ...
    def __del__(self) -> None: ...
