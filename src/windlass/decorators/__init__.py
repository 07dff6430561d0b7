"""Decorators that say how a function's calls are run: on which threads or processes, and how many at a time."""

from typing import TYPE_CHECKING

from windlass.public_names import exports_of

if TYPE_CHECKING:
    from windlass.decorators.limiter import Limiter as Limiter
    from windlass.decorators.processed import Processed as Processed
    from windlass.decorators.threaded import Threaded as Threaded
else:
    __getattr__, __dir__ = exports_of(__name__)
