"""Drop-in ThreadPool and the interpreter's exit: no delay, no hang, nothing on stderr, as the standard class has it."""

import subprocess
import sys

import pytest

START = "import itertools, os, sys, threading, time\nfrom {module} import ThreadPool\n"

# name -> (script, what it prints)
SCENARIOS = {
    "a pool left open": ("pool = ThreadPool(2)\nassert pool.apply(int) == 0", ""),
    "a call that never ends": ("pool = ThreadPool(1)\npool.apply_async(threading.Event().wait)", ""),
    "a busy call": ("pool = ThreadPool(1)\npool.apply_async(lambda: all(True for _ in itertools.count()))", ""),
    "calls that wait are dropped": (
        "pool = ThreadPool(1)\nstarted = threading.Event()\n"
        "pool.apply_async(lambda: started.set() or threading.Event().wait())\n"
        "for _ in range(100): pool.apply_async(os.write, (1, b'x'), error_callback=print)\nstarted.wait(5)",
        "",
    ),
    "an endless input": ("pool = ThreadPool(2)\nassert next(pool.imap(int, itertools.count())) == 0", ""),
    "a thread that the interpreter waits for may go on": (
        "pool = ThreadPool(2)\n"
        "def work():\n    threading.main_thread().join()\n    os.write(1, str(pool.map(int, '12')).encode())\n"
        "threading.Thread(target=work).start()",
        "[1, 2]",
    ),
    "a closed pool without a join": ("pool = ThreadPool(1)\npool.apply_async(int)\npool.close()", ""),
    "a terminated pool": ("with ThreadPool(2) as pool:\n    print(pool.map(int, '12'))", "[1, 2]\n"),
    "an exception": ("pool = ThreadPool(1)\nsys.exit(pool.apply(int))", ""),
}


@pytest.mark.slow
@pytest.mark.parametrize("module", ["multiprocessing.pool", "windlass.dropin.pool"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_exit(name: str, module: str) -> None:
    script, printed = SCENARIOS[name]
    run = subprocess.run(
        [sys.executable, "-W", "ignore::ResourceWarning", "-c", START.format(module=module) + script],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, printed, "")
