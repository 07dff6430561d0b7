"""The end of the interpreter with executors in every state, in child processes: status, order, nothing on stderr."""

from typing import Any

import pytest

from dropin_peers import both, run_child

pytestmark = pytest.mark.slow

# name -> (script, exit status, what it prints, what stderr must contain)
SCENARIOS: dict[str, tuple[str, int, str, str]] = {
    "queued work is done": (
        "executor = futures.ThreadPoolExecutor(2)\nfor _ in range(50): executor.submit(os.write, 1, b'.')",
        0,
        "." * 50,
        "",
    ),
    "running work is done": (
        "executor, started = futures.ThreadPoolExecutor(1), threading.Event()\n"
        "def work():\n    started.set(); threading.main_thread().join(0.1); os.write(1, b'x')\n"
        "executor.submit(work); started.wait()",
        0,
        "x",
        "",
    ),
    "shutdown without waiting": (
        "executor = futures.ThreadPoolExecutor(1)\n"
        "for _ in range(20): executor.submit(os.write, 1, b'.')\nexecutor.shutdown(wait=False)",
        0,
        "." * 20,
        "",
    ),
    "shutdown that cancels and does not wait": (
        "executor, go = futures.ThreadPoolExecutor(1), threading.Event()\nexecutor.submit(go.wait)\n"
        "for _ in range(20): executor.submit(os.write, 1, b'.')\n"
        "while executor._work_queue.qsize() > 20: pass\n"
        "executor.shutdown(wait=False, cancel_futures=True); go.set()",
        0,
        "",
        "",
    ),
    "dropped with work left": (
        "for _ in range(10): futures.ThreadPoolExecutor(1).submit(os.write, 1, b'.')",
        0,
        "." * 10,
        "",
    ),
    "idle": ("executor = futures.ThreadPoolExecutor(3)\nexecutor.submit(int).result()\nprint('end')", 0, "end\n", ""),
    "never used": ("executor = futures.ThreadPoolExecutor(3)", 0, "", ""),
    "main thread raises": (
        "executor = futures.ThreadPoolExecutor(1)\nexecutor.submit(os.write, 1, b'.')\nraise SystemExit(3)",
        3,
        ".",
        "",
    ),
    "work is done before the handlers of atexit": (
        "import atexit\natexit.register(os.write, 1, b'handler')\nexecutor = futures.ThreadPoolExecutor(1)\n"
        "for _ in range(5): executor.submit(os.write, 1, b'.')",
        0,
        ".....handler",
        "",
    ),
    "submit in a handler of atexit": (
        "import atexit\n"
        "def late():\n"
        "    for executor, length in ((old, 29), (futures.ThreadPoolExecutor(1), 99)):\n"
        "        try: executor.submit(int)\n"
        "        except RuntimeError as error: os.write(1, str(error)[:length].encode())\n"
        "atexit.register(late)\nold = futures.ThreadPoolExecutor(1)\nold.submit(int).result()",
        0,
        # Of an old one, the standard class says "after shutdown" or "after interpreter shutdown", as it comes.
        "cannot schedule new futures a" + "cannot schedule new futures after interpreter shutdown",
        "",
    ),
    "work is done before a thread is waited for": (
        # The thread goes on until a call has been made, which at exit happens before threads are joined.
        "executor, done = futures.ThreadPoolExecutor(1), threading.Event()\n"
        "threading.Thread(target=lambda: (done.wait(10), os.write(1, b'thread'))).start()\n"
        "executor.submit(os.write, 1, b'call ')\nexecutor.submit(done.set)",
        0,
        "call thread",
        "",
    ),
    "a call that submits while the interpreter ends": (
        "executor, started = futures.ThreadPoolExecutor(1), threading.Event()\n"
        "def work():\n"
        "    started.set()\n"
        "    while True:\n"
        "        try: executor.submit(int)\n"
        "        except RuntimeError as error:\n"
        "            os.write(1, str(error).encode()); return\n"
        "executor.submit(work); started.wait()",
        0,
        "cannot schedule new futures after interpreter shutdown",
        "",
    ),
    "a failing initializer": (
        "import logging; logging.disable()\nexecutor = futures.ThreadPoolExecutor(1, '', divmod, (1, 0))\n"
        "try: future = executor.submit(int)\nexcept futures.BrokenExecutor: pass",
        0,
        "",
        "",
    ),
    "a map nobody has read": (
        "executor = futures.ThreadPoolExecutor(2)\nresults = executor.map(os.write, [1] * 9, [b'.'] * 9)",
        0,
        "." * 9,
        "",
    ),
}


@both
@pytest.mark.parametrize("name", SCENARIOS)
def test_end_of_the_interpreter(futures: Any, name: str) -> None:
    script, status, printed, complaint = SCENARIOS[name]
    run = run_child(futures, script, "-X", "dev")
    assert (run.returncode, run.stdout) == (status, printed)
    assert run.stderr == complaint


FORK = """
warnings.simplefilter("ignore", DeprecationWarning)
def child(body):
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)
        try:
            body()
        except BaseException as error:
            os.write(1, repr(error).encode())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""


@both
def test_new_executor_in_a_forked_child(futures: Any) -> None:
    # CPython takes a lock of the module before a fork: one held by a submit would stay locked in the child.
    script = """
def submit(executor):
    try: executor.submit(submit, executor)
    except RuntimeError: pass
def body():
    with futures.ThreadPoolExecutor(1) as mine:
        assert mine.submit(abs, -5).result(10) == 5
executor = futures.ThreadPoolExecutor(1)
executor.submit(submit, executor)  # never stops submitting
print([child(body) for _ in range(20)])
executor.shutdown()
"""
    run = run_child(futures, FORK + script)
    assert (run.returncode, run.stdout, run.stderr) == (0, f"{[0] * 20}\n", "")


@pytest.mark.parametrize("state", ["unused", "idle", "busy", "closed"])
def test_inherited_executor_works_in_a_forked_child(state: str) -> None:
    # In the standard one's child a submit counts on threads that do not exist, and the future hangs.
    from windlass.dropin import futures as ours

    script = f"""
gate = threading.Event()
executor = futures.ThreadPoolExecutor(2)
kept = []
if {state!r} == "idle":
    executor.submit(int).result()
if {state!r} in ("busy", "closed"):
    kept = [executor.submit(gate.wait) for _ in range(5)]
if {state!r} == "closed":
    executor.shutdown(wait=False)
def body():
    done, not_done = futures.wait(kept, 10)
    assert not not_done and all(future.cancelled() for future in kept)
    assert len(list(futures.as_completed(kept, 10))) == len(kept)
    assert executor._work_queue.qsize() == 0 and not executor._threads
    if {state!r} != "closed":
        assert list(executor.map(abs, range(-3, 0))) == [3, 2, 1]
    executor.shutdown()
print(child(body))
gate.set()
assert all(future.result(10) for future in kept)
"""
    run = run_child(ours, FORK + script)
    assert (run.returncode, run.stdout, run.stderr) == (0, "0\n", "")
