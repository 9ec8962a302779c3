"""Which reasons of Athena and QuickSight say that a source bucket may not be read, and which say something else."""

from __future__ import annotations

import pytest

from sightline.source_grants import source_refused
from tests.sql.cases import account_of
from tests.support.tables import sales_table

ACCOUNT = account_of(sales_table(bucket="source-1"))
KEY = "s3://source-1/data/sales/year=2024/month=1/sales.csv"
SPLIT = f"HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split {KEY} (offset=0, length=%s): %s"
THROTTLED = "Please reduce your request rate. (Service: Amazon S3; Status Code: 503; Error Code: SlowDown)"
DENIED = "Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)"


@pytest.mark.parametrize(
    "reason",
    [
        f"Permission denied on S3 path: {KEY}",
        SPLIT % (1200, DENIED),
        SPLIT % (1200, "(Service: S3, Status Code: 403, Request ID: 4)"),
        SPLIT % (1200, "Access Denied (Service: S3, Request ID: 4)"),
    ],
)
def test_a_reason_that_denies_a_source_names_the_bucket_whose_owner_grants_it(reason: str) -> None:
    refusal = source_refused("Query execution 1", reason, ACCOUNT, "arn:aws:iam::333333333333:role/pipeline")

    assert refusal
    assert refusal.resource == "arn:aws:s3:::source-1"


@pytest.mark.parametrize(
    "reason",
    [
        SPLIT % (403, THROTTLED),
        f"Please reduce your request rate: {KEY.replace('sales.csv', 'permission denied.csv')}",
        f"Please reduce your request rate: {KEY.replace('sales.csv', 'AccessDenied.csv')}",
        SPLIT % (1200, "COLUMN_NOT_FOUND: cannot be resolved or requester is not authorized to access it"),
        SPLIT % (1200, "Access denied to the session's log"),
        "Permission denied on S3 path: s3://somebody-elses/sales.csv",
        DENIED,
    ],
)
def test_a_reason_that_only_sounds_like_it_is_left_to_be_tried_again(reason: str) -> None:
    assert not source_refused("Query execution 1", reason, ACCOUNT, "arn:aws:iam::333333333333:role/pipeline")
