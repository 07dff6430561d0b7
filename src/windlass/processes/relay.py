"""Logging of a worker, warnings included, which is to reach the parent's handlers."""

import copy
import logging
import pickle
from collections.abc import Callable

from windlass._core.report import report


class RelayHandler(logging.Handler):
    """Sends each record to the parent.

    Args:
        send: Called with a pickled record.
    """

    def __init__(self, send: Callable[[bytes], None]) -> None:
        super().__init__()
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record as text: what it refers to may not pickle."""
        try:
            plain = copy.copy(record)
            plain.msg, plain.args = record.getMessage(), None
            if record.exc_info and not record.exc_text:
                plain.exc_text = logging.Formatter().formatException(record.exc_info)
            plain.exc_info = None
            fields = {name: value for name, value in vars(plain).items() if _is_plain(value)}
            self._send(pickle.dumps(fields, 5))
        except Exception:
            self.handleError(record)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def install(send: Callable[[bytes], None]) -> None:
    """In a worker: make the root logger, and warnings, go to the parent."""
    logging.getLogger().handlers[:] = [RelayHandler(send)]  # those that a fork has left would write a second time
    logging.captureWarnings(True)


def set_level(level: int) -> None:
    """In a worker: let through what the parent's root logger lets through."""
    logging.getLogger().setLevel(level)


def deliver(data: bytes) -> None:
    """In the parent: hand a worker's record to the logger of its name."""
    record = logging.makeLogRecord(pickle.loads(data))
    logger = logging.getLogger(record.name)
    try:
        if logger.isEnabledFor(record.levelno):
            logger.handle(record)
    except BaseException as error:  # a filter's or a handler's: it is not to end the thread that attends the worker
        report("exception in the handling of a worker's record by", logger, error)


def root_level() -> int:
    """Return the least level of records that the root logger lets through."""
    return logging.getLogger().getEffectiveLevel()
