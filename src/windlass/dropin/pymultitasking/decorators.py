"""The decorators, as PyMultiTasking spells their arguments."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from windlass.decorators.limiter import Limiter as WindlassLimiter
from windlass.decorators.settings import THREAD_OPTIONS, sort_settings
from windlass.decorators.task_decorator import decorate_now_or_later
from windlass.decorators.threaded import wrap
from windlass.dropin.pymultitasking.pool import ThreadPool

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    from windlass.decorators.threaded import Threaded as Threaded
else:

    def Threaded(function=None, /, *, daemon=None, pool=None, pool_name=None, callback_func=None, **options):
        """As :func:`windlass.Threaded`, with pools that have this library's methods."""
        settings = sort_settings(daemon, pool, pool_name, callback_func, options, THREAD_OPTIONS)
        return decorate_now_or_later("Threaded", function, partial(wrap, settings=settings, pool_type=ThreadPool))


def Limiter(num: int, blocking: bool = True, *, call_only: bool | None = None) -> Callable[[F], F]:
    """As :class:`windlass.Limiter`.

    Args:
        num: How many calls run at a time.
        blocking: Whether a call waits for its turn, or passes the limit on as ``_task_semaphore``.
        call_only: An older name of ``blocking``.
    """
    return WindlassLimiter(num, blocking if call_only is None else call_only)
