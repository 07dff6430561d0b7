from typing import Self

from typing_extensions import disjoint_base

from windlass._core.histogram import Histogram
from windlass._core.schedule import Schedule
from windlass._core.tick import Tick

GIL_MODES: tuple[str, ...]
HISTOGRAMS: tuple[str, ...]

@disjoint_base
class CoreTicker(Schedule):
    def __init__(
        self,
        interval: float,
        *,
        missed: str = "skip",
        max_burst: int | None = 4,
        spin: float = 100e-6,
        gil: str = "auto",
        phase: float = 0.0,
        align: float | None = None,
        start: str = "now",
    ) -> None: ...
    def wait(self, timeout: float | None = None) -> Tick | None: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Tick: ...
    @property
    def spin(self) -> float: ...
    @property
    def gil(self) -> str: ...
    def histogram(self, name: str, *, reset: bool = False) -> Histogram: ...
