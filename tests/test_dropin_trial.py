"""``python -m windlass.dropin``: an unchanged program runs on windlass's pools and queues."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
LIMIT = 60


def run(*arguments: object, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "windlass.dropin", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )


def write(folder: Path, code: str, name: str = "program.py") -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(code))
    return path


def lines(folder: Path, code: str, *arguments: str) -> list[str]:
    ended = run(write(folder, code), *arguments, folder=folder)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    return ended.stdout.splitlines()


def test_classes_are_replaced_before_the_program_starts(tmp_path: Path) -> None:
    code = """
        import queue
        from concurrent.futures import Future, ThreadPoolExecutor
        from concurrent.futures.thread import ThreadPoolExecutor as Same
        from multiprocessing.dummy import Pool
        from multiprocessing.pool import ThreadPool
        from queue import LifoQueue, PriorityQueue, Queue, ShutDown, SimpleQueue

        for kind in (ThreadPoolExecutor, Same, ThreadPool, LifoQueue, PriorityQueue, Queue, SimpleQueue):
            print(kind.__module__.startswith("windlass."))
        with ThreadPoolExecutor(2) as executor, Pool(2) as pool:
            print(isinstance(executor.submit(int), Future), list(executor.map(abs, [-1, 2])), pool.map(abs, [-3]))
    """
    assert lines(tmp_path, code) == ["True"] * 7 + ["True [1, 2] [3]"]


def test_asyncio_uses_windlass_for_its_default_executor(tmp_path: Path) -> None:
    code = """
        import asyncio

        async def main():
            thread = await asyncio.to_thread(__import__("threading").current_thread)
            print(type(thread).__module__, thread.name)

        asyncio.run(main())
    """
    assert lines(tmp_path, code) == ["windlass.pools.crew asyncio_0"]


def test_program_finds_itself_as_if_started_alone(tmp_path: Path) -> None:
    write(tmp_path, "value = 7", "neighbour.py")
    code = """
        import sys
        from pathlib import Path
        import neighbour

        print(__name__, Path(__file__).name, sys.argv[1:], neighbour.value, sys.modules["__main__"].code is code)
    """
    code = textwrap.dedent(code).replace("import neighbour\n", "import neighbour\ncode = object()\n")
    assert lines(tmp_path, code, "--flag", "-m", "x") == ["__main__ program.py ['--flag', '-m', 'x'] 7 True"]


def test_module_runs_with_m(tmp_path: Path) -> None:
    write(tmp_path, "import sys, queue\nprint(__name__, sys.argv[1:], queue.Queue.__module__)", "module.py")
    ended = run("-m", "module", "a", "-b", folder=tmp_path)
    assert (ended.stdout, ended.returncode) == ("__main__ ['a', '-b'] windlass.dropin.queue\n", 0), ended.stderr


def test_threads_outlive_the_last_line(tmp_path: Path) -> None:
    code = """
        import threading

        word = "still there"

        def wait_for_the_end():
            threading.main_thread().join()
            print(word)

        threading.Thread(target=wait_for_the_end).start()
    """
    assert lines(tmp_path, code) == ["still there"]


def test_functions_of_the_program_can_be_pickled(tmp_path: Path) -> None:
    code = """
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        def double(value):
            return 2 * value

        if __name__ == "__main__":
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
                print(list(executor.map(double, [1, 2])))
    """
    assert lines(tmp_path, code) == ["[2, 4]"]


@pytest.mark.parametrize(
    ("code", "status", "word"),
    [("raise SystemExit(3)", 3, ""), ("1 / 0", 1, "ZeroDivisionError"), ("import sys; sys.exit('no')", 1, "no")],
    ids=["status", "error", "message"],
)
def test_exit_status_is_the_programs(tmp_path: Path, code: str, status: int, word: str) -> None:
    ended = run(write(tmp_path, code), folder=tmp_path)
    assert ended.returncode == status
    assert word in ended.stderr


def test_missing_program_is_named(tmp_path: Path) -> None:
    ended = run("nowhere.py", folder=tmp_path)
    assert ended.returncode == 2
    assert "'nowhere.py'" in ended.stderr


def test_nothing_at_all_is_a_usage_error(tmp_path: Path) -> None:
    ended = run(folder=tmp_path)
    assert ended.returncode == 2
    assert "usage: python -m windlass.dropin" in ended.stderr


def test_safe_path_is_kept(tmp_path: Path) -> None:
    write(tmp_path, "", "neighbour.py")
    program = write(tmp_path, "import sys\nprint(sys.flags.safe_path)\nimport neighbour")
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "windlass.dropin", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert ended.stdout == "True\n"
    assert "No module named 'neighbour'" in ended.stderr
