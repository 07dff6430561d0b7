"""Run the rounds of one contender as the parent asks for them. Argument: what to run, as JSON.

Each line that comes in asks for one round; each line that goes out is its answer. Whatever the contender prints goes
to the standard error output, so that it cannot get between the answers.
"""

import faulthandler
import importlib
import json
import os
import sys
from typing import Any

from interleave import Measure, Unavailable, run_once

PARENT_FIRST = 10  # seconds, for the parent to notice a hung round before this process does


def main() -> None:
    """Say that the contender is ready, then answer until the parent closes the pipe."""
    faulthandler.enable()  # the parent ends a hung contender with SIGABRT, to learn where it stands
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    job = json.loads(sys.argv[1])
    answer = prepare(job)
    while True:
        print(json.dumps(answer), file=answers, flush=True)
        if not sys.stdin.readline():
            return
        answer = one_round(job)


def measure_of(job: dict[str, Any]) -> Measure:
    """Make the measure that the job names."""
    module, _, function = job["make"].partition(":")
    measure: Measure = getattr(importlib.import_module(module), function)(job["quick"])
    return measure


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """Import everything that needs no contender; return the first answer."""
    try:
        job["measure"] = measure_of(job)
    except Exception as error:
        return failure(error)
    return {"ready": True}


def one_round(job: dict[str, Any]) -> dict[str, Any]:
    """Run one round and return the answer. End this process if it hangs and there is no parent left to do so."""
    measure: Measure = job["measure"]
    faulthandler.dump_traceback_later(measure.time_limit + PARENT_FIRST, exit=True)
    try:
        found = run_once(measure.contenders[job["contender"]])
    except Exception as error:
        return failure(error)
    finally:
        faulthandler.cancel_dump_traceback_later()
    return {"figures": dict(found.figures), "samples": found.samples}


def failure(error: Exception) -> dict[str, Any]:
    """Say of what kind an error is, and print its traceback for the report."""
    peer_missing = isinstance(error, ImportError) and not (error.name or "").startswith("windlass")
    if peer_missing or isinstance(error, Unavailable):
        return {"state": "unavailable", "why": str(error)}
    sys.excepthook(type(error), error, error.__traceback__)
    if isinstance(error, AssertionError):
        return {"state": "wrong", "why": str(error) or "a check failed"}
    return {"state": "failed", "why": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
