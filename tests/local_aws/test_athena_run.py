"""AthenaService.run, for services that query on somebody's behalf; in process, over moto's own stores."""

from __future__ import annotations

from typing import BinaryIO

import pytest
from moto.s3.models import s3_backends

from local_aws.athena.service import AthenaService
from local_aws.calls import AwsError, Call, Caller
from local_aws.iam.authorizer import Authorizer
from local_aws.latency import Latency
from local_aws.s3_access import S3Access

ACCOUNT, REGION = "510000000009", "ap-northeast-1"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ADMINISTRATOR = Caller(ACCOUNT, ROOT, ROOT, is_administrator=True)
NOBODY = Caller(
    ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/nobody/s", f"arn:aws:iam::{ACCOUNT}:role/nobody"
)


class BrokenS3(S3Access):
    def open(self, caller: Caller, bucket: str, key: str) -> BinaryIO:
        raise ZeroDivisionError("a mistake of ours")


def service(s3_class: type[S3Access] = S3Access) -> AthenaService:
    authorizer = Authorizer()
    made = AthenaService(s3_class(authorizer), Latency(), authorizer)
    configuration = {"ResultConfiguration": {"OutputLocation": "s3://results-of-run/"}}
    made.operations["CreateWorkGroup"](
        Call(
            "athena", "CreateWorkGroup", {"Name": "w", "Configuration": configuration}, ADMINISTRATOR, REGION
        )
    )
    return made


@pytest.fixture(autouse=True, scope="module")
def stores() -> None:
    backend = s3_backends[ACCOUNT]["aws"]
    for bucket in ("results-of-run", "source-of-run"):
        backend.create_bucket(bucket, REGION)
    backend.put_object("source-of-run", "t/f.csv", b"a,1.50\n,\n")
    made = service()
    for sql in (
        "CREATE DATABASE run",
        "CREATE EXTERNAL TABLE run.t (s STRING, p DECIMAL(10,2)) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        "LOCATION 's3://source-of-run/t/'",
    ):
        made.run(caller=ADMINISTRATOR, region=REGION, sql=sql, workgroup="w", database=None)


def test_a_query_that_was_run_gives_its_rows_and_is_in_the_history() -> None:
    athena = service()

    found = athena.run(
        caller=ADMINISTRATOR, region=REGION, sql="SELECT s, p FROM t", workgroup="w", database="run"
    )

    assert (found.state, found.reason) == ("SUCCEEDED", None)
    assert (found.columns, found.types) == (("s", "p"), ("varchar", "decimal(10,2)"))
    assert found.rows == [("a", "1.50"), ("", None)]
    assert found.bytes_scanned == 9
    listed = athena.operations["ListQueryExecutions"](
        Call("athena", "ListQueryExecutions", {"WorkGroup": "w"}, ADMINISTRATOR, REGION)
    )
    assert listed["QueryExecutionIds"] == [found.execution_id]


def test_a_query_that_fails_says_why() -> None:
    found = service().run(
        caller=ADMINISTRATOR, region=REGION, sql="SELECT x FROM t", workgroup="w", database="run"
    )

    assert (found.state, found.rows) == ("FAILED", [])
    assert "COLUMN_NOT_FOUND" in str(found.reason)


def test_who_may_not_start_queries_is_refused() -> None:
    with pytest.raises(AwsError) as refused:
        service().run(caller=NOBODY, region=REGION, sql="SELECT 1", workgroup="w", database=None)

    assert refused.value.code == "AccessDenied"


def test_a_mistake_of_the_engine_ends_the_execution() -> None:
    athena = service(BrokenS3)

    found = athena.run(
        caller=ADMINISTRATOR, region=REGION, sql="SELECT s FROM t", workgroup="w", database="run"
    )

    assert (found.state, found.reason) == (
        "FAILED",
        "INTERNAL_ERROR_QUERY_ENGINE: ZeroDivisionError: a mistake of ours",
    )


def test_a_query_too_long_is_refused() -> None:
    sql = "SELECT '" + "x" * 262_144 + "'"

    with pytest.raises(AwsError, match="262144"):
        service().run(caller=ADMINISTRATOR, region=REGION, sql=sql, workgroup="w", database=None)
