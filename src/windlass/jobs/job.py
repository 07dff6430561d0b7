"""Job: a call to be made in the background, and what became of it."""

import traceback
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from windlass.callable_name import callable_name


class Job:
    """A call to be made in the background, and what became of it.

    Args:
        function: What to call.
        kwarg_dictionary: Its keyword arguments.
        origin: Anything: for whoever looks at the job later.
        results: What :attr:`results` is before the job is done.

    Attributes:
        id: A random identifier, 32 hexadecimal digits.
        creation_date: When the job was made, in seconds since 1970.
        results: What the function returned.
        error: What the function raised, or None.
        traceback: The traceback of the error as a string, or None.

    Raises:
        TypeError: An argument is not of the kind described.

    Thread safety:
        Incompatible: until it is done, a job belongs to the dock master it was posted to.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        kwarg_dictionary: Mapping[str, Any] | None = None,
        origin: Any = None,
        results: Any = None,
    ) -> None:
        if not callable(function):
            raise TypeError(f"function must be callable, not {type(function).__name__}")
        self.function = function
        self.kwarg_dictionary = keywords("kwarg_dictionary", kwarg_dictionary)
        self.origin = origin
        self.results: Any = results
        self.id = uuid.uuid4().hex
        self.creation_date = datetime.now().timestamp()
        self.error: BaseException | None = None
        self.traceback: str | None = None

    def process_job(self) -> Any:
        """Call the function here and now, and return what it returns."""
        return self.function(**self.kwarg_dictionary)

    def get_job_dictionary(self, serializable: bool = False) -> dict[str, Any]:
        """Return what the job consists of.

        Args:
            serializable: Give the function by its name and the error as a string. Origin, arguments and results are
                given as they are in either case.
        """
        error: Any = self.error
        function: Any = self.function
        if serializable:
            function = callable_name(function)
            error = None if error is None else "".join(traceback.format_exception_only(error)).strip()
        return {
            "id": self.id,
            "origin": self.origin,
            "kwarg_dictionary": self.kwarg_dictionary,
            "results": self.results,
            "creation_date": self.creation_date,
            "function": function,
            "error": error,
            "traceback": self.traceback,
        }

    def _succeed(self, results: Any) -> None:
        self.results, self.error, self.traceback = results, None, None

    def _fail(self, error: BaseException) -> None:
        self.traceback = "".join(traceback.format_exception(error))
        self.results, self.error = None, error

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {callable_name(self.function)}>"


def keywords(name: str, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a copy of keyword arguments.

    Raises:
        TypeError: They are no such; the message begins with ``name``.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be a mapping, not {type(given).__name__}")
    for key in given:
        if not isinstance(key, str):
            raise TypeError(f"{name} must have strings as keys, not {type(key).__name__}")
    return dict(given)
