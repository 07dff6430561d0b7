"""The adapters of the rivals: what each says of itself, and that each which is installed does its work."""

import subprocess
import sys
import tomllib
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

import bench_suite
import rivals
from contest import Contest
from interleave import SUBJECT, MakeMeasure
from measures import limiter, master, rival_pools, rival_queues, threaded
from outcome import Outcome
from rivals.rival import Rival

RIVALS = [pytest.param(rival, id=rival.name) for rival in rivals.ALL]
FOREVER = float("inf")
NOT_BUILT = {"fastthreadpool"}  # by pip alone; rivals/README.md says why
MEASURES = [
    rival_pools.threads_each,
    rival_pools.threads_trip,
    rival_pools.threads_map,
    rival_pools.processes_each,
    rival_pools.processes_trip,
    rival_pools.processes_map,
    rival_queues.fifo,
    rival_queues.lifo,
    rival_queues.priority,
    threaded.measure,
    limiter.measure,
    master.measure,
]


@pytest.mark.slow
@pytest.mark.parametrize("make", [pytest.param(make, id=make(True).name) for make in MEASURES])
def test_everyone_who_is_installed_gets_the_right_results(make: MakeMeasure) -> None:
    measure = make(True)
    outcome = Outcome.begin("tests", measure)
    Contest(make, measure, outcome, quick=True).run(1, FOREVER, lambda _number, _name: None)
    assert SUBJECT in outcome.standings
    assert len(outcome.standings) > 1, "nobody to compare with"
    assert {name: s.why + s.errors for name, s in outcome.standings.items() if s.state != "ok"} == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", rivals.ways("loop"))
def test_each_loop_ticks_as_often_as_it_should_and_no_faster(name: str) -> None:
    program = (
        "import rivals, time\n"
        f"with rivals.ways('loop')[{name!r}].open(0.001) as run:\n"
        "    first, begin, stamps = run(3), time.monotonic_ns(), run(20)\n"
        "assert len(first) == 3 and len(stamps) == 20\n"
        "assert stamps == sorted(stamps)\n"
        # From before the first tick: if that comes late, those after it make up for it.
        "assert stamps[-1] - begin > 15e6, 'it did not keep to its interval'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.append({str(bench_suite.SUITE)!r})\n{program}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("rival", RIVALS)
def test_adapter_says_what_it_uses_and_why(rival: Rival) -> None:
    for way in rival.ways:
        assert len(way.options) > len("Unbounded"), way.contender
        assert way.options.endswith("."), way.contender


def test_contenders_have_names_of_their_own() -> None:
    names = Counter((way.kind, way.contender) for rival in rivals.ALL for way in rival.ways)
    assert [name for name, times in names.items() if times > 1] == []
    owners = [{way.contender for way in rival.ways} for rival in rivals.ALL]
    assert sum(map(len, owners)) == len(set(chain.from_iterable(owners))), "two rivals share a contender's name"
    assert SUBJECT not in set(chain.from_iterable(owners))


def test_every_contender_is_found_again_by_its_name() -> None:
    for rival in rivals.ALL:
        names = (rival.name, *(way.contender for way in rival.ways))
        assert {rivals.rival_of(name) for name in names} == {rival.name}
    assert rivals.rival_of("a plain loop") == rivals.STANDARD_LIBRARY


def test_every_kind_is_explained() -> None:
    table = (bench_suite.SUITE / "rivals" / "README.md").read_text()
    for kind in {way.kind for rival in rivals.ALL for way in rival.ways}:
        assert f"`{kind}`" in table, kind


def test_rival_that_is_missing_is_left_out_with_its_reason() -> None:
    missing = Rival("missing", "no_such_module", "no-such-distribution", rivals.ALL[0].ways)
    assert missing.absent() == "not installed (pip install no-such-distribution)"
    assert missing.version() == ""
    assert rivals.ways("thread_each", [missing]) == {}
    assert "ThreadPoolExecutor" in rivals.contenders("thread_each", [missing])


def test_rival_that_refuses_is_left_out_with_its_reason() -> None:
    refusing = Rival("refusing", "threading", None, rivals.ALL[0].ways, refuses=lambda: "not on this machine")
    assert refusing.absent() == "not on this machine"
    assert rivals.ways("thread_each", [refusing]) == {}


def test_adapters_import_no_peer() -> None:
    modules = sorted(rival.module for rival in rivals.ALL if rival.distribution is not None)
    program = (
        f"import sys; sys.path.append({str(bench_suite.SUITE)!r}); import rivals\n"
        f"print([name for name in {modules!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_extra_bench_installs_every_rival_that_pip_can_build() -> None:
    project = Path(__file__).parents[1] / "pyproject.toml"
    extra = tomllib.loads(project.read_text())["project"]["optional-dependencies"]["bench"]
    named = {requirement.split(";")[0].split(">")[0].strip().lower() for requirement in extra}
    wanted = {rival.distribution.lower() for rival in rivals.ALL if rival.distribution}
    assert wanted - named == NOT_BUILT
