"""The quota's 24 hours roll; the one test of QuickSight that needs a clock of its own, and so no endpoint."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_aws.athena.service import AthenaService
from local_aws.callers import Callers
from local_aws.calls import AwsError, Call, Caller
from local_aws.iam.authorizer import Authorizer
from local_aws.latency import Latency
from local_aws.quicksight.service import QuickSightService
from local_aws.s3_access import S3Access

SOURCE = {"Name": "s", "DataSourceId": "s", "Type": "ATHENA"}
COLUMNS = [{"Name": "product", "Type": "STRING"}]


class Account:
    """QuickSight at a time that the test sets, called by an account's administrator."""

    def __init__(self) -> None:
        self.now = datetime(2024, 1, 1, tzinfo=UTC)
        self.id = str(random.randrange(10**11, 10**12))
        authorizer, latency = Authorizer(), Latency()
        athena = AthenaService(S3Access(authorizer), latency, authorizer)
        self._service = QuickSightService(
            athena, Callers(authorizer), latency, authorizer=authorizer, clock=lambda: self.now
        )

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        arn = f"arn:aws:iam::{self.id}:role/administrator"
        caller = Caller(self.id, arn, arn, is_administrator=True)
        call = Call("quicksight", operation, {"AwsAccountId": self.id, **parameters}, caller, "eu-west-1")
        return self._service.operations[operation](call)

    def refresh(self, ingestion_id: str) -> None:
        self.call("CreateIngestion", DataSetId="d", IngestionId=ingestion_id)


def test_a_refresh_counts_for_24_hours_also_when_it_failed() -> None:
    account = Account()
    arn = account.call("CreateDataSource", **SOURCE)["Arn"]
    sql = {"DataSourceArn": arn, "Name": "q", "SqlQuery": "SELECT 1", "Columns": COLUMNS}
    tables = {"t": {"CustomSql": sql}}
    account.call("CreateDataSet", DataSetId="d", Name="d", ImportMode="SPICE", PhysicalTableMap=tables)
    for number in range(32):
        account.refresh(f"refresh-{number}")
        account.now += timedelta(minutes=1)

    account.now = datetime(2024, 1, 1, 23, 59, 59, tzinfo=UTC)
    with pytest.raises(AwsError, match="32 manual refreshes") as refused:
        account.refresh("too-early")
    account.now = datetime(2024, 1, 2, tzinfo=UTC)
    account.refresh("the-next-day")
    with pytest.raises(AwsError, match="32 manual refreshes"):
        account.refresh("a-second-one")

    assert refused.value.code == "LimitExceededException"
