"""Files that commands write their results to: refused before the work rather than after, and whole or not at all."""

import contextlib
import errno
import json
import os
import secrets
import shutil
import stat
import sys
from typing import Any


def check_target(target: str | None) -> None:
    """Refuse a file that cannot be written, before rather than after the work.

    Raises:
        OSError: With ``strerror`` and ``filename``.
    """
    if target is None or target == "-":
        return
    if os.path.isdir(target) or not os.path.basename(target):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), target)
    folder = os.path.dirname(os.path.realpath(target))
    os.stat(folder)
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)


def write_json(document: Any, target: str | None) -> None:
    """Write ``document`` as JSON, as ``write_text`` does.

    Raises:
        OSError: It cannot be written; a file that was there is as it was.
    """
    write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", target)


def write_text(text: str, target: str | None) -> None:
    """Write ``text`` to the file ``target``, whole or not at all; '-' is standard output, None nowhere.

    Raises:
        OSError: It cannot be written; a file that was there is as it was.
    """
    if target is None:
        return
    if target == "-":
        sys.stdout.write(text)
        return
    path = os.path.realpath(target)  # replace the file that a link names, not the link
    try:
        replaceable = stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        replaceable = True
    if not replaceable:  # /dev/stderr, a FIFO: nothing can take its place
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return
    temporary = os.path.join(os.path.dirname(path), f".windlass-{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "x", encoding="utf-8") as file:
            file.write(text)
        with contextlib.suppress(FileNotFoundError):
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
