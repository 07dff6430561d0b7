"""The last resort for exceptions that nobody else receives: the ``windlass`` logger."""

import logging

logger = logging.getLogger("windlass")


def report(what: str, subject: object, error: BaseException) -> None:
    """Log an exception with its traceback; whatever goes wrong in doing so is dropped.

    Args:
        what: What failed, as the start of a sentence: "exception in the callback of".
        subject: Whose: a task or a pool; its repr ends the sentence.
        error: The exception.

    Thread safety:
        Safe on shared objects.
    """
    try:
        logger.error("%s %r", what, subject, exc_info=(type(error), error, error.__traceback__))
    except BaseException:  # a handler that raises must not take a worker down
        pass
