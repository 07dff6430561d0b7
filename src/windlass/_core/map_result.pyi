from typing import TypeVar

from typing_extensions import disjoint_base

from windlass._core.apply_result import ApplyResult
from windlass._core.task import CoreTask

_T = TypeVar("_T")

@disjoint_base
class Chunk(CoreTask):
    semaphore: None

@disjoint_base
class MapChunk(Chunk): ...

@disjoint_base
class MapResult(ApplyResult[list[_T]]):
    @property
    def _chunksize(self) -> int: ...
    @property
    def _length(self) -> int: ...
    @property
    def _number_left(self) -> int: ...
    def _forsake(self) -> None: ...
