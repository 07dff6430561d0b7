"""How a worker finds the function below a decorator: by its name, and by value where it has none."""

import pickle
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import processed_functions
from windlass import Limit, Limiter, Processed, ProcessPool, TransferError
from windlass.processes.references import find, resolve

LIMIT = 20


# Each of these uses a lock of its module, and so cannot be sent by value.
@pytest.mark.parametrize(
    ("function", "value"),
    [
        (processed_functions.divide, None),
        (processed_functions.limited_above, 4),
        (processed_functions.limited_below, 4),
        (processed_functions.limited_above_by_passing, 4),
        (processed_functions.limited_below_by_passing, 4),
        (processed_functions.limited_async, 4),
        (processed_functions.by_hand, -4),
        (processed_functions.greet, "hello 4!!"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_decorators_in_any_order_are_taken_off(function: Any, value: Any) -> None:
    assert function(4).result(LIMIT) == (2 if value is None else value)


def test_a_name_leads_to_the_function_below_as_many_decorators() -> None:
    below = processed_functions.greet.__wrapped__  # type: ignore[attr-defined]
    module = "processed_functions"
    assert find(processed_functions.greet) == (module, "greet", 0)
    assert find(below) == (module, "greet", 1)
    assert find(below.__wrapped__.__wrapped__) == (module, "greet", 3)
    assert find(processed_functions.plain) == (module, "plain", 0)
    static = processed_functions.Account.__dict__["outer_static"].__wrapped__.__wrapped__
    assert find(static) == (module, "Account.outer_static", 2)
    for function in (below, static):
        assert resolve(*find(function)) is function  # type: ignore[misc]


def test_a_name_that_is_given_to_the_processed_function_later_still_leads_below(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decorated = Processed(processed_functions.plain)
    assert decorated(3).result(LIMIT) == -3
    reference = pickle.dumps(decorated._remote)  # type: ignore[attr-defined]
    monkeypatch.setattr(processed_functions, "plain", decorated)
    assert pickle.dumps(decorated._remote) != reference  # type: ignore[attr-defined]


def test_what_has_no_name_has_no_reference() -> None:
    def local() -> None: ...

    impostor = type(local)(local.__code__, {}, "plain")
    impostor.__module__, impostor.__qualname__ = "processed_functions", "plain"
    assert find(local) is find(lambda: 1) is find(impostor) is find(3) is None
    with pytest.raises(LookupError, match="no_such is not in processed_functions as a worker process imports it"):
        resolve("processed_functions", "no_such", 0)
    with pytest.raises(LookupError, match="decorated in another way"):
        resolve("processed_functions", "plain", 1)


def test_lambdas_and_local_functions_go_by_value() -> None:
    offset = 5
    assert Processed(lambda x: x + offset)(3).result(LIMIT) == 8

    @Processed
    def factorial(n: int) -> int:
        return 1 if n == 0 else n * factorial(n - 1).result(LIMIT)

    @Processed
    async def later(x: int) -> int:
        return x + offset

    assert factorial(5).result(LIMIT) == 120
    assert later(3).result(LIMIT) == 8


def test_a_method_of_a_local_class_goes_by_value() -> None:
    class Counter:
        def __init__(self, start: int) -> None:
            self.start = start

        @Processed
        def next(self) -> int:
            return self.start + 1

    assert Counter(3).next().result(LIMIT) == 4


def test_random_numbers_of_functions_that_go_by_value_differ() -> None:
    from random import random

    draws = [Processed(lambda: random())().result(LIMIT) for _ in range(5)]  # it is to use its name
    assert len(set(draws)) == 5


def test_a_processed_function_is_an_argument_too() -> None:
    def call(function: Any, value: int) -> Any:
        return function(value).result(LIMIT)

    doubled = Processed(lambda x: 2 * x)
    assert Processed(call)(processed_functions.by_hand, 4).result(LIMIT) == -4
    assert Processed(call)(doubled, 4).result(LIMIT) == 8
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(doubled)  # as any lambda


def test_a_pool_finds_the_function_below_a_limiter_by_its_name() -> None:
    with ProcessPool(1) as pool:
        assert pool.submit(processed_functions.limited, 4).result(LIMIT) == 4
        shared = Limiter(Limit(1))(processed_functions.limited.__wrapped__)  # type: ignore[attr-defined]
        assert pool.submit(shared, 4).result(LIMIT) == 4


def run(code: str, *command: str) -> tuple[int, str, str]:
    command = command or ("-c", textwrap.dedent(code))
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


PROGRAM = """
import threading
from windlass import Limiter, Processed, ProcessPool

lock = LOCK

class Pair:
    def __init__(self, left, right):
        self.left, self.right = left, right

@Processed
def swap(pair, times=1):
    assert lock is None or lock.acquire(timeout=1)
    return swap(Pair(pair.right, pair.left), times - 1).result() if times > 1 else Pair(pair.right, pair.left)

@Limiter(1)
@Processed
async def negate(x):
    return -x

def add(a, b):
    return a + b

GUARD
    pair = swap(Pair(1, 2), times=3).result(20)
    print(type(pair) is Pair, pair.left, pair.right)
    print(negate(4).result(20))
    with ProcessPool(1) as pool:
        print(pool.submit(add, 1, 2).result(20), list(pool.imap(str, [Pair(1, 2).left])))
"""
OUTPUT = "True 2 1\n-4\n3 ['1']\n"


@pytest.mark.slow
def test_functions_of_a_main_module_that_workers_do_not_have_go_by_value() -> None:
    # As in a notebook. Nothing to guard: workers do not run it.
    code = PROGRAM.replace("LOCK", "None").replace("GUARD", "if True:")
    assert run(code) == (0, OUTPUT, "")


@pytest.mark.slow
def test_functions_of_a_script_go_by_name(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(PROGRAM.replace("LOCK", "threading.RLock()").replace("GUARD", "if __name__ == '__main__':"))
    assert run("", str(script)) == (0, OUTPUT, "")


@pytest.mark.slow
def test_a_function_that_workers_do_not_come_to_is_an_error_that_says_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from windlass import Processed\nif __name__ == '__main__':\n"
        "    @Processed\n    def f(x):\n        return x\n    print(f(1).exception(20))\n"
    )
    code, output, errors = run("", str(script))
    assert (code, errors) == (0, "")
    assert "f is not in its main module as a worker process imports it; define it at the top level" in output


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_script_without_a_guard_is_told_so_and_starts_no_storm(tmp_path: Path, method: str) -> None:
    log = tmp_path / "log"
    script = tmp_path / "script.py"
    script.write_text(
        "from windlass import Processed\n"
        f"open({str(log)!r}, 'a').write('x')\n"
        f"@Processed(daemon=True, _worker_start_method={method!r})\ndef f(x):\n    return x\n"
        "print(f(1).result(20))\n"
    )
    code, output, errors = run("", str(script))
    assert (code, output) == (1, "")
    assert "if __name__ == '__main__'" in errors.rstrip().splitlines()[-1]
    assert 1 <= len(log.read_text()) <= 5  # itself, the fork server, and three tries


def test_an_argument_that_cannot_be_sent_is_named_and_not_the_function_that_could() -> None:
    error = Processed(lambda x: x)(processed_functions.UNPICKLABLE).exception(LIMIT)
    assert isinstance(error, TransferError)
    assert "RLock" in str(error)
