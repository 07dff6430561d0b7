"""Workers that load a model once, requests of two priorities, and a worker that is killed in the middle.

python examples/model_server.py
"""

import os
import signal
from typing import Any

from windlass import Master, Worker, WorkloadMaxCounter


class Model(Worker):
    """Knows how often each letter of its text occurs."""

    def __init__(self, text: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.counts = {letter: text.count(letter) for letter in set(text)}  # stands for what takes minutes

    def run_task(self, argument: str) -> int:
        """Return how often a letter occurs; KeyError if it does not."""
        return self.counts[argument]


def main() -> None:
    """Ask two workers, and a third that replaces one of them."""
    counter = WorkloadMaxCounter(display_at_top=False)
    with Master(Model, monitor=counter, on_crash="retry") as master:
        for _ in range(2):
            master.add_worker(text="a windlass hauls heavy loads with little effort")
        urgent = master.add_task("w", priority=1)
        answers = {}
        for task_id, answer in master.run(*"windlass?"):
            answers[task_id] = answer
            if len(answers) == 1:
                victim = next(worker for worker in master.statistics().workers if worker.pid is not None)
                os.kill(victim.pid, signal.SIGKILL)  # does no harm
        print("urgent:", answers.pop(urgent))
        for task_id, answer in sorted(answers.items()):
            print(task_id, repr(answer) if isinstance(answer, Exception) else answer)
        print(counter)
        print("workers that died:", master.statistics().deaths)


if __name__ == "__main__":
    main()
