"""QuickSight's quota of ingestions."""

from __future__ import annotations

import json
import os

import pytest
from airflow.sdk.exceptions import AirflowFailException

from demo.waiting import wait_until
from tests.support.refusals import FEBRUARY, data_set, refused, standing
from tests.support.world import JANUARY, World


def _spend_quota(world: World) -> int:
    """Start ingestions as a person does until QuickSight takes no more, await them, and return how many it took."""
    quicksight = world.estate.admin("quicksight")
    for taken in range(100):
        try:
            quicksight.create_ingestion(
                AwsAccountId=world.settings.analytics.account_id,
                DataSetId=world.account.tables[0].quicksight.data_set_id,
                IngestionId=f"by-hand-{taken}",
            )
        except quicksight.exceptions.LimitExceededException:
            # One that still waited would read what is loaded next, before anybody has published it.
            wait_until(lambda: _have_ended(world), what="the ingestions by hand", timeout_seconds=60)
            return taken
    raise AssertionError("QuickSight has no quota")


def _have_ended(world: World) -> bool:
    found = world.evidence.ingestions(world.account)
    return all(each["IngestionStatus"] in {"COMPLETED", "FAILED", "CANCELLED"} for each in found)


@pytest.fixture
def impatient(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The pipeline asks once: botocore takes this quota for throttling and asks again for many seconds."""
    connection = json.loads(os.environ["AIRFLOW_CONN_AWS_ANALYTICS"])
    extra = connection["extra"]
    extra = json.loads(extra) if isinstance(extra, str) else extra
    extra["config_kwargs"]["retries"]["max_attempts"] = 1
    connection["extra"] = extra
    monkeypatch.setenv("AIRFLOW_CONN_AWS_ANALYTICS", json.dumps(connection))
    return world


@pytest.mark.parametrize(("edition", "quota"), [("enterprise", 32), ("standard", 8)])
def test_a_spent_quota_is_said_and_nothing_is_published(impatient: World, edition: str, quota: int) -> None:
    world = impatient
    _have_edition(world, edition)
    world.put(JANUARY)
    assert not world.load().errors
    assert _spend_quota(world) == quota - 1, "January's own ingestion counts"
    world.put(FEBRUARY, "2024-02")
    before = standing(world)

    outcome = world.load("2024-02")

    refused(outcome, "ingest_data_set")
    assert outcome.error == (
        f"QuotaSpent: Data set {data_set(world)['data_set_id']} has spent its {quota} ingestions of the last 24 hours. "
        "The next one is free within 24 hours; the next load after that makes up for it."
    )
    assert isinstance(outcome.errors["ingest_data_set"], AirflowFailException), "a retry cannot help"
    spice, january = standing(world)
    assert (spice["spice"], spice["ingestions"], january) == (
        before[0]["spice"],
        before[0]["ingestions"],
        before[1],
    )
    assert world.ledger("2024-02")["checked_at"]
    assert not world.ledger("2024-02")["published_at"]


def _have_edition(world: World, edition: str) -> None:
    """QuickSight's edition in the account, and in the settings."""
    analytics = world.settings.analytics
    world.cloud.set_options(quicksight_editions={analytics.account_id: edition.upper()})
    quicksight = analytics.quicksight.model_copy(update={"edition": edition})
    changed = analytics.model_copy(update={"quicksight": quicksight})
    world.settings = world.settings.model_copy(update={"analytics": changed})
