"""A worker whose clock is wrong: AWS takes none of its signatures, and the load says that it is the clock."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from sightline.errors import ClockSkewed
from tests.support.world import JANUARY, World


@pytest.mark.parametrize(
    ("off", "said"),
    [(timedelta(days=1), "1,440 minutes ahead of AWS's"), (timedelta(days=-1), "1,440 minutes behind AWS's")],
    ids=["ahead", "behind"],
)
def test_a_clock_that_is_a_day_off_is_named_and_nothing_is_done(
    world: World, off: timedelta, said: str
) -> None:
    world.put(JANUARY)
    before = world.state()
    world.cloud.reset_calls()

    with time_machine.travel(datetime.now(UTC) + off):
        outcome = world.load()

    assert outcome.states["assume_role"] == "failed"
    assert f"the clock of worker {socket.gethostname()} is {said}" in outcome.error
    assert "Set that clock" in outcome.error
    assert (world.state(), world.ledger(), world.statements()) == (before, {}, 0)


@pytest.mark.parametrize(
    "task", ["wait_for_source_object", "inspect_source", "add_partition", "ingest_data_set"]
)
def test_every_stage_names_the_clock_and_leaves_it_to_a_retry_elsewhere(world: World, task: str) -> None:
    world.put(JANUARY)
    for done in ("assume_role", "inspect_source"):
        assert not world.load(only=done).errors

    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        outcome = world.load(only=task)

    assert isinstance(outcome.errors[task], ClockSkewed), "another worker's clock may be right"
    assert f"the clock of worker {socket.gethostname()} is" in outcome.error


@pytest.mark.parametrize("minutes", [-14, 14], ids=["behind", "ahead"])
def test_a_clock_that_aws_still_takes_changes_nothing(world: World, minutes: int) -> None:
    world.put(JANUARY)

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes)):
        outcome = world.load()

    assert not outcome.errors, outcome.error
    assert world.evidence.spice_rows(world.account) == 3
