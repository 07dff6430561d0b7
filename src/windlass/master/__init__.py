"""Master and its pre-initialised worker processes; README.md says how it works."""

from typing import TYPE_CHECKING

from windlass.public_names import exports_of

if TYPE_CHECKING:
    from windlass.master.master import Master as Master
    from windlass.master.master_statistics import MasterStatistics as MasterStatistics
    from windlass.master.worker import Worker as Worker
else:
    __getattr__, __dir__ = exports_of(__name__)
