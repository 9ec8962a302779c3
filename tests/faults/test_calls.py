"""The table of docs/faults.md has the calls that loads make today: a new one is struck, and shown, by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.cloud import Cloud
from tests.faults.plan import KINDS, Call, Plan, is_cell, ordered
from tests.faults.report import documented_calls
from tests.faults.scenarios import SCENARIOS
from tests.faults.watch import Watch
from tests.faults.workers import calls_of
from tests.stages.conftest import cloud as cloud

CALLS = {
    name: [
        Call("inspect_source", "s3", "PutObject"),
        Call("ingest_data_set", "quicksight", "CreateIngestion"),
    ]
    for name in SCENARIOS
}


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Sees the calls of this process."""
    watch = Watch()
    watch.install()
    yield watch
    watch.remove()


@pytest.mark.timeout(600)
def test_the_table_in_the_document_has_the_calls_of_todays_loads(cloud: Cloud, watch: Watch) -> None:
    calls = {call for name in SCENARIOS for call in calls_of(name, cloud, watch)}

    assert documented_calls() == [str(call) for call in ordered(calls)]


def test_a_seed_gives_the_same_trials_again_however_many_there_are() -> None:
    first, second = Plan("7", CALLS), Plan("7", CALLS)

    assert [first.trial(number) for number in range(60)] == [
        second.trial(number) for number in reversed(range(60))
    ][::-1]
    assert [Plan("8", CALLS).trial(number) for number in range(60)] != [
        first.trial(number) for number in range(60)
    ]


def test_every_call_is_struck_by_every_kind() -> None:
    plan = Plan("1", CALLS)
    cells = {(call, kind) for call in plan.rows for kind in KINDS if is_cell(call, kind)}

    struck = [plan.trial(number).strikes for number in range(4 * len(cells))]

    assert {(strikes[0].call, strikes[0].kind) for strikes in struck if strikes} == cells
