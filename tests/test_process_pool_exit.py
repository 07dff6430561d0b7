"""The interpreter's exit beside the worker processes of a daemon pool: CPython 3.13.4 and later waits for them."""

import subprocess
import sys

import pytest

from process_calls import LIMIT

PROGRAM = """
import atexit, os, time

read, write = os.pipe()

def check():  # runs last
    state = ""
    while state != "Z":  # its parent may not have collected it
        try:
            with open(f"/proc/{pid}/stat") as stat:
                state = stat.read().rpartition(")")[2].split()[0]
            time.sleep(0.001)
        except (FileNotFoundError, ProcessLookupError):
            break
    print("dead", flush=True)

def rest():
    os.write(write, b"%d" % os.getpid())
    time.sleep(1000)

if __name__ == "__main__":
    atexit.register(check)
    from windlass import ProcessPool
    pool = ProcessPool(1, daemon=True, start_method="fork"OPTIONS)
    pool.submit(CALL)
    pid = int(os.read(read, 20))
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize(("options", "call"), [("", "rest"), (", initializer=rest", "abs, 1")], ids=["busy", "newborn"])
def test_the_exit_ends_the_processes_of_a_daemon_pool(options: str, call: str) -> None:
    program = PROGRAM.replace("OPTIONS", options).replace("CALL", call)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "dead\n", "")
