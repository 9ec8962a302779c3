"""What a statement reads and writes is asked of IAM as its caller, on both sides."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.athena_estate import HEADER, SALES_COLUMNS, Estate
from tests.local_aws.conftest import Account, Cloud, fresh_id, policy

ATHENA = {"Action": "athena:*", "Resource": "*"}
GLUE = {"Action": "glue:*", "Resource": "*"}
S3 = {"Action": "s3:*", "Resource": "*"}
KMS = {"Action": "kms:*", "Resource": "*"}


@pytest.fixture(scope="module")
def estate(cloud: Cloud) -> Estate:
    estate = Estate.of(Account(cloud, fresh_id()))
    estate.table("a STRING", "a/")
    estate.put("a/file.csv", "x\n")
    return estate


def client(estate: Estate, name: str, *statements: dict[str, Any]) -> Any:
    return estate.account.cloud.client_of(estate.account.session(name, *statements), "athena")


def no(action: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource}


def test_who_may_do_all_that_it_takes_succeeds(estate: Estate) -> None:
    caller = client(estate, "all", ATHENA, GLUE, S3)

    assert estate.run("SELECT a FROM d.t1", caller)["Status"]["State"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("name", "denied", "reason"),
    [
        (
            "no-object",
            ("s3:GetObject", "{source}/*"),
            "Permission denied on S3 path: s3://{source_name}/a/file.csv",
        ),
        ("no-listing", ("s3:ListBucket", "{source}"), "Permission denied on S3 path: s3://{source_name}/a/"),
        (
            "no-results",
            ("s3:PutObject", "{results}/*"),
            "Access denied when writing output to url: s3://{results_name}/",
        ),
        (
            "no-location",
            ("s3:GetBucketLocation", "{results}"),
            "Unable to verify/create output bucket {results_name}",
        ),
        ("no-table", ("glue:GetTable", "*"), "not authorized to perform: glue:GetTable"),
        ("no-database", ("glue:GetDatabase", "*"), "not authorized to perform: glue:GetDatabase"),
    ],
)
def test_a_missing_grant_fails_a_select(
    estate: Estate, name: str, denied: tuple[str, str], reason: str
) -> None:
    names = {"source_name": estate.source, "results_name": estate.results}
    arns = {"source": f"arn:aws:s3:::{estate.source}", "results": f"arn:aws:s3:::{estate.results}"}
    caller = client(estate, name, ATHENA, GLUE, S3, no(denied[0], denied[1].format(**arns)))

    assert reason.format(**names) in estate.refused("SELECT a FROM d.t1", caller)


@pytest.mark.parametrize(
    ("action", "sql"),
    [
        ("glue:CreateDatabase", "CREATE DATABASE mine"),
        ("glue:CreateTable", "CREATE EXTERNAL TABLE d.mine (a INT) LOCATION 's3://bucket/x/'"),
        ("glue:DeleteTable", "DROP TABLE d.t1"),
        ("glue:BatchCreatePartition", "ALTER TABLE d.p ADD IF NOT EXISTS PARTITION (k=1)"),
        ("glue:UpdatePartition", "ALTER TABLE d.p PARTITION (k=7) SET LOCATION 's3://bucket/x/'"),
        ("glue:DeletePartition", "ALTER TABLE d.p DROP PARTITION (k=7)"),
        ("glue:GetPartitions", "SHOW PARTITIONS d.p"),
    ],
)
def test_a_missing_grant_fails_ddl_and_nothing_is_changed(estate: Estate, action: str, sql: str) -> None:
    estate.succeed(
        f"CREATE EXTERNAL TABLE IF NOT EXISTS d.p (a INT) PARTITIONED BY (k INT) LOCATION 's3://{estate.source}/p/'",
        "ALTER TABLE d.p ADD IF NOT EXISTS PARTITION (k=7)",
    )
    caller = client(estate, action.replace(":", "-"), ATHENA, GLUE, S3, no(action, "*"))

    assert f"not authorized to perform: {action}" in estate.refused(sql, caller)

    shown = estate.succeed("SHOW PARTITIONS d.p")
    assert estate.pages(shown["QueryExecutionId"]) == [[("k=7",)]]
    assert estate.one("SELECT count(*) FROM d.t1") == ("1",)


def test_a_missing_grant_on_the_catalogue_is_glues_denial_in_athenas_error(estate: Estate) -> None:
    caller = client(estate, "no-catalogue", ATHENA, GLUE, S3, no("glue:GetTable", "*"))

    with pytest.raises(ClientError, match="not authorized to perform: glue:GetTable ") as refused:
        caller.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="d", TableName="t1")

    assert refused.value.response["Error"]["Code"] == "MetadataException"
    assert "Error Code: AccessDeniedException;" in refused.value.response["Error"]["Message"]


def test_results_are_read_as_the_caller_who_asks_for_them(estate: Estate) -> None:
    execution = estate.succeed("SELECT 1")
    caller = client(
        estate, "no-reading", ATHENA, GLUE, S3, no("s3:GetObject", f"arn:aws:s3:::{estate.results}/*")
    )

    with pytest.raises(caller.exceptions.ClientError, match="AccessDenied"):
        caller.get_query_results(QueryExecutionId=execution["QueryExecutionId"])


def test_another_accounts_bucket_needs_the_buckets_policy_too(estate: Estate, other_account: Account) -> None:
    bucket = other_account.bucket(
        "theirs", **{"sales/year=2024/month=01/f.csv": b"h\n2024-01-05,p,1,2.50,2.50\n"}
    )
    role = estate.account.role(
        "reader", policy({"Principal": "*", "Action": "sts:AssumeRole"}), ATHENA, GLUE, S3
    )
    caller = estate.account.cloud.client_of(
        estate.account.cloud.assume(role, by=estate.account.admin), "athena"
    )
    sql = f"""CREATE EXTERNAL TABLE d.theirs ({SALES_COLUMNS}) PARTITIONED BY (year INT, month INT)
        ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://{bucket}/sales/' {HEADER}"""
    estate.succeed(sql, "ALTER TABLE d.theirs ADD PARTITION (year=2024, month=01) "
                   f"LOCATION 's3://{bucket}/sales/year=2024/month=01/'")  # fmt: skip
    select = "SELECT sum(total_sales) FROM d.theirs WHERE year = 2024 AND month = 01"

    before = estate.refused(select, caller)
    other_account.s3.put_bucket_policy(
        Bucket=bucket,
        Policy=policy(
            {
                "Principal": {"AWS": role},
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            }
        ),
    )
    after = estate.run(select, caller)

    assert before == f"Permission denied on S3 path: s3://{bucket}/sales/year=2024/month=01/"
    assert after["Status"]["State"] == "SUCCEEDED"
    assert "Permission denied" in estate.refused(
        select
    )  # the administrator of the analytics account is not named
    assert estate.pages(after["QueryExecutionId"])[0][1:] == [("2.50",)]


class TestKeys:
    """A statement reads and writes under KMS keys as its caller."""

    def key(self, owner: Account, *statements: dict[str, Any]) -> str:
        manage = {"Principal": {"AWS": f"arn:aws:iam::{owner.id}:root"}, **KMS}
        made = owner.client("kms").create_key(Policy=policy(manage, *statements))
        return str(made["KeyMetadata"]["Arn"])

    def test_a_source_under_a_key_needs_decrypt(self, estate: Estate) -> None:
        table, key = estate.table("a STRING", "kms/"), self.key(estate.account)
        estate.account.s3.put_object(
            Bucket=estate.source, Key="kms/f", Body=b"x\n", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
        )
        decrypt = {"Action": "kms:Decrypt", "Resource": key}
        may, may_not = (
            client(estate, name, ATHENA, GLUE, S3, *more)
            for name, more in (("decrypts", [decrypt]), ("no-decrypt", []))
        )

        assert estate.run(f"SELECT a FROM {table}", may)["Status"]["State"] == "SUCCEEDED"
        assert estate.refused(f"SELECT a FROM {table}", may_not).startswith("Permission denied on S3 path")

    def test_results_under_a_key_need_it_to_be_written_and_to_be_read(self, estate: Estate) -> None:
        key = self.key(estate.account)
        encryption = {"EncryptionOption": "SSE_KMS", "KmsKey": key}
        estate.athena.create_work_group(
            Name="sealed",
            Configuration={
                "ResultConfiguration": {
                    "OutputLocation": f"s3://{estate.results}/sealed/",
                    "EncryptionConfiguration": encryption,
                }
            },
        )
        writes = {"Action": "kms:GenerateDataKey", "Resource": key}
        writer, nobody = (
            client(estate, name, ATHENA, GLUE, S3, *more)
            for name, more in (("writes", [writes]), ("keyless", []))
        )

        reason = estate.refused("SELECT 1", nobody, WorkGroup="sealed")
        execution = estate.run("SELECT 1", writer, WorkGroup="sealed")

        assert reason.startswith("Access denied when writing output to url")
        location = execution["ResultConfiguration"]["OutputLocation"].removeprefix("s3://")
        bucket, _, result = location.partition("/")
        assert estate.account.s3.head_object(Bucket=bucket, Key=result)["SSEKMSKeyId"] == key
        with pytest.raises(writer.exceptions.ClientError, match="kms:Decrypt"):
            writer.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
        assert estate.pages(execution["QueryExecutionId"]) == [[("_col0",), ("1",)]]
