"""The interpreter's exit with pools in every state: right status, nothing on stderr, no hang."""

import pytest

from interpreter_exits import check_exits

START = "import os, sys, threading, time, atexit\nfrom windlass import ThreadPool, PriorityTaskQueue\n"

# name -> (script, exit status, what it prints, what stderr must contain)
SCENARIOS: dict[str, tuple[str, int, str, str]] = {
    "queued tasks finish": (
        "pool = ThreadPool(2)\nfor _ in range(50): pool.submit(os.write, 1, b'.')",
        0,
        "." * 50,
        "",
    ),
    "running tasks finish": (
        "pool = ThreadPool(2)\n"
        "def work():\n    time.sleep(0.2)\n    os.write(1, b'x')\n"
        "for _ in range(4): pool.submit(work)\ntime.sleep(0.05)",
        0,
        "xxxx",
        "",
    ),
    "a closed pool finishes": (
        "pool = ThreadPool(1)\nfor _ in range(20): pool.submit(os.write, 1, b'.')\npool.shutdown(wait=False)",
        0,
        "." * 20,
        "",
    ),
    "daemon pool with an endless task": (
        "pool = ThreadPool(2, daemon=True)\n"
        "def spin():\n    while True: time.sleep(0.001)\n"
        "for _ in range(4): pool.submit(spin)\ntime.sleep(0.05)",
        0,
        "",
        "",
    ),
    "daemon pool with a busy task": (
        "pool = ThreadPool(1, daemon=True)\ndef spin():\n    while True: pass\npool.submit(spin)\ntime.sleep(0.05)",
        0,
        "",
        "",
    ),
    "daemon pool, idle": (
        "pool = ThreadPool(4, daemon=True, prepopulate=4)\npool.submit(int).result(5)",
        0,
        "",
        "",
    ),
    "sys.exit(3) with queued work": (
        "pool = ThreadPool(1)\nfor _ in range(20): pool.submit(os.write, 1, b'.')\nsys.exit(3)",
        3,
        "." * 20,
        "",
    ),
    "exception in main": (
        "pool = ThreadPool(1)\nfor _ in range(20): pool.submit(os.write, 1, b'.')\nraise ValueError('main')",
        1,
        "." * 20,
        "ValueError: main",
    ),
    "os._exit with running work": (
        "pool = ThreadPool(2)\nfor _ in range(4): pool.submit(time.sleep, 60)\nos._exit(5)",
        5,
        "",
        "",
    ),
    "submit in atexit": (
        "pool = ThreadPool(1)\npool.submit(int).result(5)\n"
        "def late(pool):\n"
        "    try: pool.submit(int)\n    except RuntimeError as error: print('refused')\n"
        "atexit.register(late, pool)\natexit.register(lambda: late(ThreadPool(1)))",
        0,
        "refused\nrefused\n",
        "",
    ),
    "submit by a task during exit": (
        "pool = ThreadPool(1)\n"
        "def work():\n"
        "    while pool.state == 'ACTIVE': time.sleep(0.001)\n"
        "    try: pool.submit(int)\n    except RuntimeError: os.write(1, b'refused')\n"
        "pool.submit(work)",
        0,
        "refused",
        "",
    ),
    "pool dropped with work": (
        "def start():\n    pool = ThreadPool(1)\n    for _ in range(20): pool.submit(os.write, 1, b'.')\nstart()",
        0,
        "." * 20,
        "",
    ),
    "pool never used": ("pool = ThreadPool(4)\nqueue = PriorityTaskQueue()", 0, "", ""),
    "idle pool that waits for ever": (
        "pool = ThreadPool(4, idle_timeout=None, min_workers=4, prepopulate=4)\npool.submit(int).result(5)",
        0,
        "",
        "",
    ),
    "no worker was started": (
        "pool = ThreadPool(1)\npool.submit(os.write, 1, b'.', submit_task_autospawn=False)",
        0,
        ".",
        "",
    ),
    "daemon threads wait in queues": (
        "queue = PriorityTaskQueue()\npool = ThreadPool(1, daemon=True)\n"
        "for _ in range(4): threading.Thread(target=queue.get, daemon=True).start()\n"
        "threading.Thread(target=lambda: pool.submit(time.sleep, 60).result(), daemon=True).start()\n"
        "while not pool.num_active_tasks: time.sleep(0.001)",
        0,
        "",
        "",
    ),
    "tasks that fail with whatever they like": (
        "def leave(): sys.exit(9)\ndef stop(): raise KeyboardInterrupt\n"
        "pool = ThreadPool(2)\nfor _ in range(9): pool.submit(leave), pool.submit(stop)",
        0,
        "",
        "",
    ),
}


@pytest.mark.slow
@pytest.mark.stress
@pytest.mark.parametrize("name", SCENARIOS)
def test_exit(name: str) -> None:
    script, status, printed, complaint = SCENARIOS[name]
    check_exits(START + script, status, printed, complaint)
