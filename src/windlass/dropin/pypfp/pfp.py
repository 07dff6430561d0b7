"""``pypfp.pfp``, where that package has its :class:`MultiProcessor`."""

from typing import Any

from windlass.multi_processor import MultiProcessor as WindlassMultiProcessor


class MultiProcessor(WindlassMultiProcessor):
    """As :class:`windlass.MultiProcessor`."""

    @property
    def function_args(self) -> dict[str, Any]:
        """The arguments by the names of the functions; of two functions of one name, those of the later one."""
        return {getattr(one.function, "__name__", ""): one.args for one in self._registered}
