"""The interpreter's exit with live workers: right status, nothing on stderr, no waiting."""

import pytest

from interpreter_exits import check_exits

START = (
    "import asyncio, atexit, os, queue, sys, threading, time\n"
    "from windlass import *\n"
    "def say(text): os.write(1, text.encode())\n"
    "def nothing(*args): pass\n"
)
KINDS = (
    "for daemon in (True, False):\n"
    "    for n in range({n}):\n"
    "        BackgroundWorker(func=nothing, interval=(0.001, 3600)[n % 2], daemon=daemon).start()\n"
    "        BackgroundWorker(func=nothing, delay=(0.001, 3600)[n % 2], daemon=daemon).start()\n"
    "        BackgroundQueueWorker(func=nothing, daemon=daemon).start()\n"
    "        BackgroundQueueWorker(func=nothing, daemon=daemon, queue=queue.SimpleQueue()).start()\n"
    "        BackgroundEventWorker(func=nothing, daemon=daemon, watchdog=1).start()\n"
    "        BackgroundEventWorker(func=nothing, daemon=daemon, event=threading.Event()).start()\n"
)

# name -> (script, exit status, what it prints, the end of stderr)
SCENARIOS: dict[str, tuple[str, int, str, str]] = {
    "one of each": (KINDS.format(n=1), 0, "", ""),
    "fifty loops": (
        "for n in range(50): BackgroundWorker(func=nothing, interval=0.01, daemon=n % 2 == 0).start()",
        0,
        "",
        "",
    ),
    "many of each": (KINDS.format(n=4), 0, "", ""),
    "busy loops": (
        "for n in range(4): BackgroundWorker(func=nothing, daemon=n % 2 == 0).start()\ntime.sleep(0.05)",
        0,
        "",
        "",
    ),
    "coroutines": (
        "async def run(): await asyncio.sleep(0.001)\n"
        "for n in range(4): BackgroundWorker(func=run, daemon=n % 2 == 0).start()\ntime.sleep(0.05)",
        0,
        "",
        "",
    ),
    "a daemon's run that does not end": (
        "BackgroundWorker(func=lambda: time.sleep(3600)).start()\n"
        "async def run(): await asyncio.sleep(3600)\n"
        "BackgroundWorker(func=run).start()\ntime.sleep(0.05)",
        0,
        "",
        "",
    ),
    "a run that is no daemon's is finished": (
        "begun = threading.Event()\n"
        "def run():\n    begun.set()\n    time.sleep(0.2)\n    say('done')\n"
        "BackgroundWorker(func=run, daemon=False).start()\nbegun.wait()",
        0,
        "done",
        "",
    ),
    "what is queued is run unless the worker is a daemon": (
        "for daemon, word in ((True, 'x'), (False, '.')):\n"
        "    worker = BackgroundQueueWorker(func=lambda task: (time.sleep(0.01), say(task)), daemon=daemon)\n"
        "    if not daemon:\n        worker.start()\n"
        "    for n in range(10): worker.put(word)\n",
        0,
        "." * 10,
        "",
    ),
    "hooks are called": (
        "class W(BackgroundWorker):\n"
        "    def before_stop(self): say('before ')\n    def after_stop(self): say('after')\n"
        "W(func=nothing, interval=3600).start()",
        0,
        "before after",
        "",
    ),
    "a paused queue worker runs its tasks": (
        "for tasks in (queue.Queue(), queue.SimpleQueue()):\n"
        "    worker = BackgroundQueueWorker(func=say, queue=tasks, daemon=False)\n"
        "    worker.start()\n    worker.pause()\n    for n in range(3): worker.put('.')",
        0,
        "......",
        "",
    ),
    "sys.exit(3)": (KINDS.format(n=1) + "sys.exit(3)", 3, "", ""),
    "exception in main": (KINDS.format(n=1) + "raise ValueError('main')", 1, "", "ValueError: main"),
    "start in atexit": (
        "worker = BackgroundWorker(func=nothing)\n"
        "def late():\n    try: worker.start()\n    except RuntimeError as error: print('refused')\n"
        "atexit.register(late)",
        0,
        "refused\n",
        "",
    ),
    "never started, paused, stopped": (
        "BackgroundWorker()\nworker = BackgroundWorker(func=nothing, interval=0.01, daemon=False)\n"
        "worker.start()\nworker.pause()\nother = BackgroundEventWorker(func=nothing)\nother.start()\nother.stop()",
        0,
        "",
        "",
    ),
    "background tasks are finished": (
        "limit_background_tasks(2)\n"
        "@background_task\ndef task():\n    time.sleep(0.01)\n    say('.')\n"
        "for n in range(10): task()",
        0,
        "." * 10,
        "",
    ),
}


@pytest.mark.slow
@pytest.mark.stress
@pytest.mark.parametrize("name", SCENARIOS)
def test_exit(name: str) -> None:
    script, status, printed, complaint = SCENARIOS[name]
    check_exits(START + script, status, printed, complaint)
