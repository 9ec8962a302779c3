"""The table of docs/faults.md has the calls that loads make today: a new one is struck, and shown, by itself."""

from __future__ import annotations

import pytest

from demo.cloud import Cloud
from tests.faults.calls import calls_of, last_calls
from tests.faults.plan import CANCELS, KINDS, WIRE, Call, Plan, is_cell, ordered
from tests.faults.report import documented_calls
from tests.faults.scenarios import SCENARIOS
from tests.faults.watch import Watch

CALLS = {
    name: [
        Call("inspect_source", "s3", "PutObject"),
        Call("ingest_data_set", "quicksight", "CreateIngestion"),
        Call("ingest_data_set", "quicksight", "DescribeIngestion"),
        Call("ingest_data_set", "quicksight", "CancelIngestion"),
    ]
    for name in SCENARIOS
}
MORE = {name: [*calls, Call("inspect_source", "glue", "GetTable")] for name, calls in CALLS.items()}


@pytest.mark.timeout(600)
def test_the_table_in_the_document_has_the_calls_of_todays_loads(cloud: Cloud, watch: Watch) -> None:
    calls = {call for name in SCENARIOS for call in calls_of(name, cloud, watch)}
    last = last_calls(cloud, watch)

    assert documented_calls() == [str(call) for call in ordered({*calls, *last})]


def test_a_seed_gives_the_same_trials_again_however_many_there_are() -> None:
    first, second = Plan("7", CALLS), Plan("7", CALLS)

    assert [first.trial(number) for number in range(60)] == [
        second.trial(number) for number in reversed(range(60))
    ][::-1]
    assert [Plan("8", CALLS).trial(number) for number in range(60)] != [
        first.trial(number) for number in range(60)
    ]


def test_a_new_call_changes_hardly_another_trial() -> None:
    before, after = Plan("1", CALLS), Plan("1", MORE)

    changed = [number for number in range(1000) if before.trial(number) != after.trial(number)]

    # Its own slots, the few that make room for them, and second strikes where it is one call of five.
    assert len(changed) < 100


def test_every_call_is_struck_by_every_kind() -> None:
    plan = Plan("1", CALLS)
    cells = {(call, kind) for call in plan.rows for kind in KINDS if is_cell(call, kind)}

    struck = [plan.trial(number).strikes for number in range(2 * len(plan.slots))]

    assert {(strikes[0].call, strikes[0].kind) for strikes in struck if strikes} == cells


def test_no_two_faults_of_a_trial_look_alike() -> None:
    calls = [Call("inspect_source", "s3", "PutObject", ordinal) for ordinal in (1, 2)]
    plan = Plan("1", dict.fromkeys(SCENARIOS, calls))

    struck = [plan.trial(number).strikes for number in range(2 * len(plan.slots))]

    pairs = [strikes for strikes in struck if len(strikes) == 2]
    assert pairs
    assert [pair for pair in pairs if pair[0].kind == pair[1].kind and pair[0].kind in WIRE] == []


@pytest.mark.timeout(300)
def test_the_third_session_of_an_ingestion_is_its_triggers(cloud: Cloud, watch: Watch) -> None:
    third = Call("ingest_data_set", "sts", "AssumeRole", 3)

    assert third not in calls_of("new month", cloud, watch)
    assert third in calls_of("deferred", cloud, watch)


def test_a_call_that_only_a_killed_task_makes_is_struck_in_a_task_that_is_killed() -> None:
    plan = Plan("1", CALLS)

    trials = [plan.trial(number) for number in range(len(plan.slots))]

    cancelled = [each for each in trials if each.strikes and each.strikes[0].call.operation in CANCELS]
    assert cancelled
    assert all([strike.kind for strike in each.strikes][1:] == ["SIGTERM"] for each in cancelled)
