"""pypfp's names: ``from windlass.dropin.pypfp import MultiProcessor, Result``, the first in its module ``pfp`` too.

What behaves better:

- The functions run at once. There, each one was started when the one before had put its result.
- A function that raises, dies or puts nothing does not hang the program; one that puts several results has them all.
  What went wrong is in ``Result.error``.
- Two functions of one name have each their own arguments, and all can be executed again.
- ``Result.result`` is a dictionary from the start, as its document says. There, it was None.
- Lambdas and functions of a notebook are sent by value.
"""

from windlass.dropin.pypfp.pfp import MultiProcessor as MultiProcessor
from windlass.multi_processor import Result as Result

__all__ = ["MultiProcessor", "Result"]
