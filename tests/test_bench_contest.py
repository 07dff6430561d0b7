"""The runner of the benchmarks: contenders in processes of their own, and whatever becomes of them."""

import os
from collections import Counter
from typing import Any

import pytest

import bench_measures
import bench_suite  # noqa: F401 - makes the next imports possible
from contest import Contest
from interleave import LEAST_SAMPLE, bucket, bucket_start
from outcome import Outcome
from process_calls import await_end, is_alive

FOREVER = float("inf")


def run(make: Any, rounds: int, *, null: bool = False, watch: Any = lambda _number, _name: None) -> Outcome:
    measure = make(True)
    outcome = Outcome.begin("tests", measure)
    Contest(make, measure, outcome, quick=True, null=null).run(rounds, FOREVER, watch)
    return outcome


@pytest.fixture(scope="module")
def sums() -> Outcome:
    """Two rounds of everyone, good or bad."""
    return run(bench_measures.measure, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("contender", "state", "why"),
    [
        ("crashing", "crashed", "its process was ended by SIGKILL"),
        ("exiting", "crashed", "its process ended with status 3"),
        ("hanging", "hung", "no result within 5 s"),
        ("wrong", "wrong", "the sum is 45, not 46"),
        ("raising", "failed", "OSError: out of luck"),
        ("refusing", "unavailable", "needs a better machine"),
        ("missing", "unavailable", "No module named 'no_such_peer'"),
    ],
)
def test_who_goes_wrong_is_named_and_the_others_go_on(sums: Outcome, contender: str, state: str, why: str) -> None:
    standing = sums.standings[contender]
    assert (standing.state, standing.why, standing.rounds) == (state, why, [])
    assert sums.ratios(next(row for row in sums.rows if row.peer == contender)) == []
    assert [len(sums.standings[name].rounds) for name in ("windlass", "slow")] == [2, 2]


@pytest.mark.slow
def test_windlass_that_cannot_be_imported_is_no_missing_peer(sums: Outcome) -> None:
    standing = sums.standings["broken"]
    assert standing.state == "failed"
    assert standing.why.startswith("ImportError: cannot import name 'NoSuchError' from 'windlass.errors'")


@pytest.mark.slow
def test_report_keeps_what_a_failure_printed(sums: Outcome) -> None:
    assert "OSError: out of luck" in sums.standings["raising"].errors
    assert "_hang" in sums.standings["hanging"].errors, "where it stood when its time was over"


@pytest.mark.slow
def test_what_a_hung_contender_has_started_ends_with_it(sums: Outcome) -> None:
    pid = int(sums.standings["hanging"].errors.split("child ")[1].split()[0])
    await_end(pid)


@pytest.mark.slow
def test_output_of_a_contender_is_no_answer(sums: Outcome) -> None:
    chattering = sums.standings["chattering"]
    assert chattering.state == "ok"
    assert all(figures["time"] > 0 for figures in chattering.rounds)
    assert "not an answer" in chattering.errors


@pytest.mark.slow
def test_each_contender_has_one_process_of_its_own(sums: Outcome) -> None:
    pids = {name: {figures["pid"] for figures in sums.standings[name].rounds} for name in ("windlass", "slow")}
    assert [len(found) for found in pids.values()] == [1, 1]
    assert len({os.getpid(), *pids["windlass"], *pids["slow"]}) == 3
    assert all(figures["quick"] == 1 for figures in sums.standings["slow"].rounds)


@pytest.mark.slow
def test_samples_of_all_batches_and_rounds_are_counted(sums: Outcome) -> None:
    samples = sums.standings["windlass"].samples["times"]
    assert samples == Counter({bucket(0.0): 6, bucket(1.0): 12})


def test_buckets_hold_what_they_say() -> None:
    for value in (LEAST_SAMPLE, 0.3, 1.0, 7.9, 8.0, 12_345.6):
        assert bucket_start(bucket(value)) <= value < bucket_start(bucket(value) + 1)
    assert bucket(-1.0) == bucket(0.0) == bucket(LEAST_SAMPLE)


@pytest.mark.slow
def test_order_is_reversed_from_round_to_round_and_warm_up_counts_for_nothing() -> None:
    seen: list[tuple[int, str]] = []
    outcome = run(bench_measures.peaceful, 3, watch=lambda number, name: seen.append((number, name)))
    a, b = "windlass", "slow"
    assert seen == [(0, a), (0, b), (1, a), (1, b), (2, b), (2, a), (3, a), (3, b)]
    assert len(outcome.ratios(outcome.rows[0])) == 3


@pytest.mark.slow
@pytest.mark.parametrize("least", [1, 3])
def test_least_rounds_are_run_however_late_it_is(least: int) -> None:
    measure = bench_measures.peaceful(True)
    outcome = Outcome.begin("tests", measure)
    Contest(bench_measures.peaceful, measure, outcome, quick=True).run(5, 0.0, lambda _number, _name: None, least=least)
    assert len(outcome.standings["windlass"].rounds) == least


@pytest.mark.slow
def test_null_run_puts_the_peer_in_windlass_place(monkeypatch: pytest.MonkeyPatch) -> None:
    played = []
    monkeypatch.setattr("contest.Contestant", lambda _make, contender, **_: played.append(contender) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(bench_measures.peaceful, 1, null=True)
    assert played == ["slow"]


@pytest.mark.slow
def test_measure_that_cannot_be_made_in_the_process_fails_there() -> None:
    outcome = run(bench_measures.in_parent_only, 1)
    assert {standing.state for standing in outcome.standings.values()} == {"failed"}
    assert outcome.standings["slow"].why == "RuntimeError: no such luck"


@pytest.mark.slow
def test_interrupt_ends_the_processes_and_keeps_the_rounds() -> None:
    def watch(number: int, name: str) -> None:
        if (number, name) == (2, "windlass"):  # the second of its round
            raise KeyboardInterrupt

    measure = bench_measures.peaceful(True)
    outcome = Outcome.begin("tests", measure)
    with pytest.raises(KeyboardInterrupt):
        Contest(bench_measures.peaceful, measure, outcome, quick=True).run(9, FOREVER, watch)
    assert [len(outcome.standings[name].rounds) for name in ("windlass", "slow")] == [1, 2]
    assert len(outcome.ratios(outcome.rows[0])) == 1, "half a round gives no ratio"
    for standing in outcome.standings.values():
        assert not is_alive(int(standing.rounds[0]["pid"]))
