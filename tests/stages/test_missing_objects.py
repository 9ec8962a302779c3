"""Objects that are not there: waited for without a worker slot, skipped before they are due, an error once late."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from airflow.sdk.exceptions import AirflowFailException

from demo.waiting import wait_until
from sightline.partitions import Month
from tests.stages.conftest import MakeWorld
from tests.support.refusals import refused, standing
from tests.support.world import JANUARY, World

IN_A_MOMENT = {"wait_hours": 0.0006, "poll_seconds": 1}
"""About two seconds of waiting."""


def month_not_due() -> str:
    """A month whose due day is still to come."""
    return str(Month.of(datetime.now(UTC).date() + timedelta(days=40)))


def test_an_object_that_is_not_there_is_waited_for_deferred_and_loaded_when_it_comes(
    make_world: MakeWorld,
) -> None:
    world = make_world(retries=0, table={"poll_seconds": 1})
    assert not world.provision().errors
    month = month_not_due()
    world.cloud.reset_calls()

    def deliver_once_it_is_waited_for() -> None:
        wait_until(lambda: world.count("s3", "ListObjectsV2") > 1, what="a second look", timeout_seconds=120)
        world.put(JANUARY, month)

    delivery = threading.Thread(target=deliver_once_it_is_waited_for, daemon=True)
    delivery.start()

    outcome = world.load(month)
    delivery.join()

    assert outcome.deferred["wait_for_source_object"] == 1
    assert not outcome.errors, outcome.error
    assert world.evidence.spice_rows(world.account) == 3


def test_an_object_that_is_not_due_yet_ends_as_skipped_and_touches_nothing(make_world: MakeWorld) -> None:
    world = make_world(retries=0, table=IN_A_MOMENT)
    assert not world.provision().errors
    world.put(JANUARY)
    assert not world.load().errors
    before = standing(world)

    outcome = world.load(month_not_due())

    assert outcome.states == {
        "assume_role": "success",
        "wait_for_source_object": "skipped",
        "inspect_source": "success",
        "add_partition": "skipped",
        "check_row_count": "skipped",
        "ingest_data_set": "skipped",
    }
    assert outcome.deferred == {"wait_for_source_object": 1}
    assert standing(world) == before


def test_an_object_that_is_late_is_told_with_account_bucket_key_and_since_when(loaded: World) -> None:
    before = standing(loaded)
    bucket = loaded.account.tables[0].bucket

    outcome = loaded.load("2024-03")

    refused(outcome, "wait_for_source_object")
    assert outcome.error == (
        f"LateSource: {loaded.account.name}: s3://{bucket}/data/sales/year=2024/month=03/sales_data_2024_03.csv for "
        "2024-03 was due by 2024-03-03 00:00 UTC and is not there. Ask the account's owner for it, or look whether the "
        "month is the right one. Daily runs look again as long as the month is within look_back_months; clear this "
        "task once the file is there."
    )
    assert not outcome.deferred, "what is late is not waited for"
    assert isinstance(outcome.errors["wait_for_source_object"], AirflowFailException), "a retry cannot help"
    assert standing(loaded) == before


def test_a_late_object_that_lies_there_by_another_name_is_told_with_what_lies_there(loaded: World) -> None:
    loaded.put_object("data/sales/year=2024/month=03/sales_2024_3.csv")

    outcome = loaded.load("2024-03")

    refused(
        outcome,
        "wait_for_source_object",
        "is not there. There lies instead, and no pattern matches it: data/sales/year=2024/month=03/sales_2024_3.csv.",
    )
