"""Run one periodic loop; print its figures and the error of each period as JSON.

Arguments: the loop, the interval in seconds, the ticks.
"""

import gc
import itertools
import json
import sys
import time

from loops import open_loop

WARM_UP = 200  # ticks that do not count: imports, caches, what a loop learns


def main() -> None:
    """Measure the error of each period, and the processor time of the whole process."""
    name, interval, ticks = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    with open_loop(name, interval) as run:
        run(10)
        gc.collect()
        cpu, begin = time.process_time(), time.monotonic()
        stamps = run(WARM_UP + ticks)[WARM_UP:]
        share = (time.process_time() - cpu) / (time.monotonic() - begin)
    assert len(stamps) == ticks, "ticks were lost"
    period = round(interval * 1e9)
    errors = sorted(abs(after - before - period) for before, after in itertools.pairwise(stamps))
    figures = {
        "p50": errors[len(errors) // 2] / 1e3,
        "p99": errors[len(errors) * 99 // 100] / 1e3,
        "rate": (len(stamps) - 1) * 1e9 / (stamps[-1] - stamps[0]),
        "cpu": 100 * share,
    }
    print(json.dumps({"figures": figures, "errors": [error / 1e3 for error in errors]}))


if __name__ == "__main__":
    main()
