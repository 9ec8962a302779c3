"""QuickSight's quota of ingestions."""

from __future__ import annotations

import json
import os

import pytest

from sightline.hooks.quicksight import QUOTA
from tests.support.world import JANUARY, World


def _spend_quota(world: World) -> int:
    """Start ingestions as a person does until QuickSight takes no more, and return how many it took."""
    quicksight = world.estate.admin("quicksight")
    for taken in range(2 * QUOTA["enterprise"]):
        try:
            quicksight.create_ingestion(
                AwsAccountId=world.settings.analytics.account_id,
                DataSetId=world.account.tables[0].quicksight.data_set_id,
                IngestionId=f"by-hand-{taken}",
            )
        except quicksight.exceptions.LimitExceededException:
            return taken
    raise AssertionError("QuickSight has no quota")


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


def test_a_spent_quota_is_said_and_nothing_is_published(impatient: World) -> None:
    world = impatient
    world.put(JANUARY)
    assert _spend_quota(world) == QUOTA["enterprise"]
    before = world.state()

    outcome = world.load()

    assert outcome.states["ingest_data_set"] == "failed"
    data_set_id = world.account.tables[0].quicksight.data_set_id
    assert f"Data set {data_set_id} has spent its {QUOTA['enterprise']} ingestions" in outcome.error
    after = world.state()
    assert (after["spice"], after["ingestions"]) == (before["spice"], before["ingestions"])
    assert world.ledger()["checked_at"]
    assert not world.ledger()["published_at"]
