from collections.abc import Callable
from typing import Any

from typing_extensions import disjoint_base

from windlass._core.apply_result import ApplyResult, CallbackLane
from windlass._core.dispatcher import Dispatcher
from windlass._core.imap_iterator import ImapChunk
from windlass._core.map_result import MapResult
from windlass.priority import DEFAULT_PRIORITY as DEFAULT_PRIORITY

@disjoint_base
class ResultDispatcher(Dispatcher):
    @property
    def lane(self) -> CallbackLane: ...
    def apply_async(
        self,
        fn: Callable[..., Any],
        args: Any,
        kwargs: Any,
        callback: Callable[[Any], object] | None,
        error_callback: Callable[[BaseException], object] | None,
    ) -> ApplyResult[Any]: ...
    def map_async(
        self,
        fn: Callable[..., Any],
        items: list[Any],
        chunksize: int,
        star: bool,
        callback: Callable[[Any], object] | None,
        error_callback: Callable[[BaseException], object] | None,
    ) -> MapResult[Any]: ...
    def ended_map(
        self, error: BaseException, error_callback: Callable[[BaseException], object] | None
    ) -> MapResult[Any]: ...
    def failed_map(
        self, error: BaseException, error_callback: Callable[[BaseException], object] | None
    ) -> MapResult[Any]: ...
    def offer_chunk(self, chunk: ImapChunk) -> None: ...
    def pending_results(self) -> list[Any]: ...
    def forsake(self) -> None: ...
