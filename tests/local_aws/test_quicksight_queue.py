"""One ingestion of a data set runs at a time; what becomes of the others, and how many a day may start."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.local_aws.conftest import Cloud
from tests.local_aws.quicksight_estate import Estate, records_of, refusal, sales_csv

ENDLESS = (
    "SELECT r1.product, sum(r9.quantity) AS quantity, 1.0 AS total_sales FROM "
    + " CROSS JOIN ".join(f"sales.records r{number}" for number in range(1, 10))
    + " GROUP BY r1.product"
)


@pytest.fixture
def estate(cloud: Cloud) -> Estate:
    estate = Estate(cloud)
    estate.create_data_set()
    return estate


def start_slowly(estate: Estate, ingestion_id: str, seconds: float = 60.0) -> None:
    estate.next_ingestion("slow_next_ingestion", seconds=seconds)
    estate.start(ingestion_id)
    estate.running(ingestion_id)


def start_endlessly(estate: Estate) -> tuple[str, str]:
    """Create a data set whose query does not end by itself; return the ids of its ingestion and of the query."""
    estate.put("sales_2.csv", sales_csv(20))
    created = estate.quicksight.create_data_set(**estate.data_set("endless", sql=ENDLESS))
    return created["IngestionId"], estate.query_of(ENDLESS, "RUNNING")["QueryExecutionId"]


def cancel(estate: Estate, ingestion_id: str) -> Any:
    return estate.quicksight.cancel_ingestion(
        AwsAccountId=estate.account_id, DataSetId="records", IngestionId=ingestion_id
    )


def test_a_second_ingestion_waits_for_the_first(estate: Estate) -> None:
    start_slowly(estate, "first", seconds=2.0)

    started = estate.start("second")
    waiting = estate.describe("second")

    assert started["IngestionStatus"] == "QUEUED"
    assert waiting["QueueInfo"] == {"WaitingOnIngestion": "first", "QueuedIngestion": "second"}
    ended = estate.ended("second")
    assert (ended["IngestionStatus"], "QueueInfo" in ended) == ("COMPLETED", False)
    assert estate.describe("first")["IngestionStatus"] == "COMPLETED"


def test_a_second_ingestion_supersedes_the_first_where_asked_for(estate: Estate) -> None:
    start_slowly(estate, "first")

    with estate.superseding():
        estate.start("second")
    first, second = estate.describe("first"), estate.ended("second")

    assert (first["IngestionStatus"], first["ErrorInfo"]["Type"]) == ("FAILED", "INGESTION_SUPERSEDED")
    assert second["IngestionStatus"] == "COMPLETED"


def test_a_running_ingestion_is_cancelled_and_changes_nothing(estate: Estate) -> None:
    estate.put("sales_2.csv", sales_csv(5))
    start_slowly(estate, "unwanted")

    cancelled = cancel(estate, "unwanted")

    assert cancelled["IngestionId"] == "unwanted"
    assert estate.describe("unwanted")["IngestionStatus"] == "CANCELLED"
    assert estate.spice() == Counter(records_of(sales_csv(7)))


def test_cancelling_an_ingestion_cancels_its_query(estate: Estate) -> None:
    started, query = start_endlessly(estate)

    estate.quicksight.cancel_ingestion(
        AwsAccountId=estate.account_id, DataSetId="endless", IngestionId=started
    )

    assert estate.query_of(ENDLESS, "CANCELLED")["QueryExecutionId"] == query
    assert estate.describe(started, "endless")["IngestionStatus"] == "CANCELLED"


def test_deleting_a_data_set_cancels_the_query_of_its_ingestion(estate: Estate) -> None:
    _, query = start_endlessly(estate)

    estate.quicksight.delete_data_set(AwsAccountId=estate.account_id, DataSetId="endless")

    assert estate.query_of(ENDLESS, "CANCELLED")["QueryExecutionId"] == query


def test_stopping_the_query_fails_its_ingestion(estate: Estate) -> None:
    started, query = start_endlessly(estate)

    estate.athena.stop_query_execution(QueryExecutionId=query)

    ended = estate.ended(started, "endless")
    assert (ended["IngestionStatus"], ended["ErrorInfo"]["Type"]) == ("FAILED", "SQL_EXCEPTION")


def test_cancelling_the_running_one_lets_the_waiting_one_run(estate: Estate) -> None:
    start_slowly(estate, "first")
    estate.start("second")

    cancel(estate, "first")

    assert estate.ended("second")["IngestionStatus"] == "COMPLETED"


def test_a_waiting_ingestion_is_cancelled_before_it_ran(estate: Estate) -> None:
    start_slowly(estate, "first")
    estate.start("second")

    cancel(estate, "second")

    assert estate.describe("second")["IngestionStatus"] == "CANCELLED"
    assert estate.describe("first")["IngestionStatus"] == "RUNNING"


def test_what_has_ended_cannot_be_cancelled(estate: Estate) -> None:
    estate.ingest("done")

    assert refusal(cancel, estate=estate, ingestion_id="done") == "InvalidParameterValueException"


def test_a_data_set_is_not_updated_while_it_is_ingested(estate: Estate) -> None:
    start_slowly(estate, "first")

    code = refusal(estate.quicksight.update_data_set, **estate.data_set())
    cancel(estate, "first")
    updated = estate.quicksight.update_data_set(**estate.data_set())

    assert code == "ConflictException"
    assert estate.ended(updated["IngestionId"])["IngestionStatus"] == "COMPLETED"


def test_the_33rd_manual_refresh_within_a_day_is_refused(estate: Estate) -> None:
    for number in range(32):
        estate.start(f"refresh-{number}")

    assert refusal(estate.start, ingestion_id="refresh-32") == "LimitExceededException"
    assert refusal(estate.start, ingestion_id="refresh-0") == "ResourceExistsException"


def test_the_quota_of_a_data_set_is_its_own(estate: Estate) -> None:
    estate.option("quicksight_editions", {estate.account_id: "STANDARD"})
    estate.create_data_set("other")
    for number in range(8):
        estate.start(f"refresh-{number}")

    assert refusal(estate.start, ingestion_id="refresh-8") == "LimitExceededException"
    assert estate.ingest("refresh-8", "other")["IngestionStatus"] == "COMPLETED"
