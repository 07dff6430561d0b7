"""MultiProcessor: functions that run at once, each in a process of its own, and whatever becomes of them."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import parallel_functions
from parallel_functions import raises, tells
from process_calls import LIMIT, Gate
from windlass import MultiProcessor, RemoteError, Result, TaskTimeout, TransferError, WorkerDied
from windlass.dropin import pypfp
from windlass.dropin.pypfp.pfp import MultiProcessor as DropinMultiProcessor


def execute(*functions: Callable[..., Any], **settings: Any) -> list[Any]:
    processor = MultiProcessor({"user": "me"}, **settings)
    for function in functions:
        processor.register_function(function)
    return processor.execute_parallel()


def test_each_function_gets_the_context_and_its_own_arguments_in_its_own_process() -> None:
    processor = MultiProcessor(context={"user": "me"})
    processor.register_function(f=tells, f_args={"n": 1})
    processor.register_function(f=tells, f_args={"n": 2})
    processor.register_function(tells)
    assert processor.functions == [tells, tells, tells]
    assert processor.execute_parallel() is processor.results
    assert [result.function_name for result in processor.results] == ["tells"] * 3
    assert [result.result.get("n") for result in processor.results] == [1, 2, None]
    assert [result.result["context"] for result in processor.results] == [{"user": "me"}] * 3
    assert len({result.result["pid"] for result in processor.results} | {os.getpid()}) == 4


def test_the_functions_run_at_once(gate: Gate) -> None:
    processor = MultiProcessor({"gate": gate})
    for number in range(4):
        processor.register_function(parallel_functions.passes_through, {"n": number})
    execution = threading.Thread(target=processor.execute_parallel)
    execution.start()
    gate.wait_for_arrival(4)  # all of them, before one may go on
    gate.let_go(4)
    execution.join(LIMIT)
    assert processor.results == [{"n": number} for number in range(4)]


def test_no_more_processes_than_allowed(gate: Gate) -> None:
    processor = MultiProcessor({"gate": gate}, max_workers=1)
    for number in range(3):
        processor.register_function(parallel_functions.passes_through, {"n": number})
    execution = threading.Thread(target=processor.execute_parallel)
    execution.start()
    for _ in range(3):
        gate.wait_for_arrival()
        gate.let_go()
    execution.join(LIMIT)
    assert processor.results == [{"n": number} for number in range(3)]


def test_it_can_be_executed_again_and_nothing_stays_from_the_time_before() -> None:
    processor = MultiProcessor()
    processor.register_function(parallel_functions.counts_in_its_module)
    assert processor.execute_parallel() == [1]
    processor.register_function(parallel_functions.counts_in_its_module)
    assert processor.execute_parallel() == [1, 1]
    processor.context = {"new": True}
    processor.register_function(tells)
    assert processor.execute_parallel()[2].result["context"] == {"new": True}
    assert MultiProcessor().execute_parallel() == []


def test_none_one_or_several_results_in_the_order_of_the_functions() -> None:
    several, nothing, later = (
        parallel_functions.puts_several,
        parallel_functions.puts_nothing,
        parallel_functions.puts_later,
    )
    assert execute(several, nothing, later, several) == [0, 1, 2, "later", 0, 1, 2]
    assert execute(nothing) == []


def test_a_result_is_what_was_put_when_it_was_put() -> None:
    assert execute(parallel_functions.puts_what_it_changes) == [[1], [1, 2]]
    large = execute(parallel_functions.puts_much)
    assert large == [b"x" * 20_000_000, bytearray(b"y" * 20_000_000)]


def test_a_function_that_raises_has_a_result_that_says_so_beside_what_it_put() -> None:
    before, error, other = execute(raises, tells)
    assert before == "before"
    assert (error.function_name, error.result, type(error.error)) == ("raises", {}, ValueError)
    assert 'raise ValueError("on purpose")' in str(error.error.__cause__)
    assert "raised ValueError" in repr(error)
    assert other.error is None


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (parallel_functions.raises_what_cannot_be_sent, RemoteError),
        (parallel_functions.exits, SystemExit),
        (parallel_functions.dies, WorkerDied),
        (parallel_functions.is_killed, WorkerDied),
        (lambda: 1, TypeError),
    ],
)
def test_a_function_that_fails_in_any_way_concerns_no_other(function: Any, error: type[BaseException]) -> None:
    failed, other = execute(function, tells)
    assert isinstance(failed.error, error)
    assert other.function_name == "tells"


def test_what_cannot_be_sent_is_an_error_of_its_own() -> None:
    before, refused, bomb, after = execute(parallel_functions.puts_what_does_not_pickle, parallel_functions.puts_a_bomb)
    assert (before, after) == ("before", "after")
    assert isinstance(refused.error, TypeError)
    assert isinstance(bomb.error, TransferError)
    processor = MultiProcessor()
    processor.register_function(tells, {"lock": threading.Lock()})
    processor.register_function(tells)
    refused, other = processor.execute_parallel()
    assert isinstance(refused.error, TransferError)
    assert other.error is None


def test_functions_that_take_too_long_are_killed() -> None:
    processor = MultiProcessor()
    processor.register_function(parallel_functions.hangs, timeout=0.1)
    processor.register_function(tells, timeout=LIMIT)
    hung, other = processor.execute_parallel()
    assert (hung.function_name, type(hung.error), other.error) == ("hangs", TaskTimeout, None)
    processor = MultiProcessor()
    processor.register_function(parallel_functions.hangs)
    assert [type(result.error) for result in processor.execute_parallel(timeout=0.1)] == [TaskTimeout]


def test_lambdas_and_local_functions_of_one_name_both_run() -> None:
    processor = MultiProcessor()
    for value in (1, 2):
        processor.register_function(lambda q, context, args, value=value: q.put((value, args)), {"value": value})
    assert processor.execute_parallel() == [(1, {"value": 1}), (2, {"value": 2})]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_start_methods(method: str) -> None:
    assert [result.error for result in execute(tells, start_method=method)] == [None]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: MultiProcessor(max_workers=0), "max_workers must be 1 or greater"),
        (lambda: MultiProcessor(start_method="magic"), "start_method must be one of"),
        (lambda: MultiProcessor().register_function(3), "f must be callable"),  # type: ignore[arg-type]
        (lambda: MultiProcessor().register_function(tells, 3), "f_args must be a mapping"),  # type: ignore[arg-type]
        (lambda: MultiProcessor().register_function(tells, f_args=[]), "f_args must be"),  # type: ignore[arg-type]
        (lambda: MultiProcessor().register_function(tells, timeout=-1), "timeout must be a non-negative"),
        (lambda: MultiProcessor().register_function(tells, timeout=0), "timeout must be more than 0"),
        (lambda: MultiProcessor().execute_parallel(float("nan")), "timeout must be"),
    ],
)
def test_bad_arguments_are_refused_by_name(wrong: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        wrong()


def test_the_drop_in_has_the_names_of_the_library() -> None:
    assert pypfp.__all__ == ["MultiProcessor", "Result"]
    assert pypfp.MultiProcessor is DropinMultiProcessor
    assert pypfp.Result is Result
    processor = DropinMultiProcessor(context={"user": "me"})
    processor.register_function(f=tells, f_args={"n": 1})
    assert processor.function_args == {"tells": {"n": 1}}
    processor.execute_parallel()
    assert processor.results[0].result["n"] == 1


INTERRUPTED = """
import signal, sys
from parallel_functions import hangs, passes_through
from process_calls import LIMIT, Gate
from windlass import MultiProcessor
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
if __name__ == "__main__":
    gate = Gate.__new__(Gate)
    gate.arrived, gate.opened = sys.argv[1:3]
    processor = MultiProcessor({"gate": gate})
    processor.register_function(passes_through)
    processor.register_function(hangs)
    try:
        processor.execute_parallel()
    except KeyboardInterrupt:
        print("interrupted", processor.results)
"""


@pytest.mark.slow
def test_ctrl_c_ends_the_execution_and_the_processes(gate: Gate) -> None:
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    command = [sys.executable, "-W", "error", "-c", INTERRUPTED, gate.arrived, gate.opened]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}) as run:
        gate.wait_for_arrival()
        run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=LIMIT)
    assert (run.returncode, output) == (0, "interrupted []\n")


UNGUARDED = """
from windlass import MultiProcessor
def function(q, context, args):
    q.put(1)
processor = MultiProcessor()
processor.register_function(function)
print(processor.execute_parallel())
"""


@pytest.mark.slow
def test_a_script_without_a_guard_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    command = [sys.executable, "-W", "error", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "if __name__ == '__main__'" in done.stderr.rstrip().splitlines()[-1]
