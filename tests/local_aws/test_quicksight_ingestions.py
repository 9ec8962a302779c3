"""Ingestions: SPICE holds what the files hold, and keeps the last good rows when an ingestion does not complete."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.local_aws.conftest import Cloud, policy
from tests.local_aws.quicksight_estate import COLUMNS, Estate, records_of, refusal, sales_csv


@pytest.fixture
def estate(cloud: Cloud) -> Estate:
    return Estate(cloud)


def test_new_files_are_in_spice_after_an_ingestion(estate: Estate) -> None:
    estate.create_data_set()
    estate.put("sales_2.csv", sales_csv(1234))

    ingestion = estate.ingest("second-file")

    expected = records_of(sales_csv(7), sales_csv(1234))
    assert ingestion["RowInfo"] == {
        "RowsIngested": len(expected),
        "RowsDropped": 0,
        "TotalRowsInDataset": len(expected),
    }
    assert estate.spice() == Counter(expected)
    assert ingestion["IngestionSizeInBytes"] > 0
    assert (ingestion["RequestSource"], ingestion["RequestType"]) == ("MANUAL", "FULL_REFRESH")


def test_an_ingestion_answers_before_it_has_run(estate: Estate) -> None:
    estate.create_data_set()
    estate.next_ingestion("slow_next_ingestion", seconds=0.5)

    started = estate.start("slow")
    ended = estate.ended("slow")

    assert started["IngestionStatus"] == "INITIALIZED"
    assert started["Arn"].endswith(":dataset/records/ingestion/slow")
    assert ended["IngestionStatus"] == "COMPLETED"


def test_a_denied_bucket_fails_the_ingestion_and_spice_keeps_the_last_rows(estate: Estate) -> None:
    estate.create_data_set()
    estate.put("sales_2.csv", sales_csv(5))
    estate.deny_bucket()

    denied = estate.ingest("denied")
    kept = estate.spice()
    estate.grant_bucket(estate.role_arn)
    granted = estate.ingest("granted")

    assert denied["IngestionStatus"] == "FAILED"
    assert denied["ErrorInfo"]["Type"] == "PERMISSION_DENIED"
    assert kept == Counter(records_of(sales_csv(7)))
    assert granted["RowInfo"]["RowsIngested"] == len(records_of(sales_csv(7), sales_csv(5)))


def test_the_id_of_a_failed_ingestion_stays_used(estate: Estate) -> None:
    estate.create_data_set()
    estate.deny_bucket()

    failed = estate.ingest("once")

    assert failed["IngestionStatus"] == "FAILED"
    assert refusal(estate.start, ingestion_id="once") == "ResourceExistsException"


def test_rows_that_do_not_convert_are_dropped_and_counted(estate: Estate) -> None:
    as_numbers = [{"Name": "product", "Type": "INTEGER"}, COLUMNS[1]]
    sql = "SELECT replace(product, 'product ', '') AS product, quantity FROM sales.records"
    estate.put("sales_2.csv", "product,quantity,total_sales\nno number,1,1.00\n,2,2.00\n")

    ingestion = estate.create_data_set(columns=as_numbers, sql=sql)

    assert ingestion["IngestionStatus"] == "COMPLETED"
    assert ingestion["RowInfo"] == {"RowsIngested": 7, "RowsDropped": 2, "TotalRowsInDataset": 7}


def test_a_missing_column_fails_the_ingestion(estate: Estate) -> None:
    ingestion = estate.create_data_set(sql="SELECT product, quantity FROM sales.records")

    assert ingestion["IngestionStatus"] == "FAILED"
    assert ingestion["ErrorInfo"]["Type"] == "SQL_SCHEMA_MISMATCH_ERROR"
    assert "total_sales" in ingestion["ErrorInfo"]["Message"]
    assert not estate.spice()


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT product, quantity, total_sales FROM sales.nothing", "SQL_TABLE_NOT_FOUND"),
        ("SELECT product, quantity, total FROM sales.records", "SQL_EXCEPTION"),
    ],
)
def test_a_failed_query_says_why(estate: Estate, sql: str, kind: str) -> None:
    ingestion = estate.create_data_set(sql=sql)

    assert ingestion["IngestionStatus"] == "FAILED"
    assert ingestion["ErrorInfo"]["Type"] == kind, ingestion["ErrorInfo"]


@pytest.mark.parametrize(
    "sql",
    [
        "drop table sales.records",
        "/* SELECT */ -- WITH\n DROP TABLE sales.records",
        "SELECT product, quantity, total_sales FROM sales.records;",
        "SELECT 1; DROP TABLE sales.records",
        "(SELECT product, quantity, total_sales FROM sales.records)",
        "SHOW TABLES IN sales",
        "INSERT INTO sales.records SELECT * FROM sales.records",
        "selected",
        " ",
    ],
)
def test_custom_sql_is_one_query_and_nothing_else_is_run(estate: Estate, sql: str) -> None:
    ingestion = estate.create_data_set(sql=sql)

    assert (ingestion["IngestionStatus"], ingestion["ErrorInfo"]["Type"]) == ("FAILED", "SQL_EXCEPTION")
    assert estate.create_data_set("after")["RowInfo"]["RowsIngested"] == 7
    assert not estate.spice()


def test_a_semicolon_within_a_text_or_a_comment_ends_no_query(estate: Estate) -> None:
    sql = "WITH r AS (SELECT * FROM sales.records) /* ; */ SELECT ';' AS product, quantity, total_sales FROM r -- ;"

    assert estate.create_data_set(sql=sql)["IngestionStatus"] == "COMPLETED"
    assert {row[0] for row in estate.spice()} == {";"}


def test_a_query_past_the_workgroups_cutoff_fails_the_ingestion(estate: Estate) -> None:
    estate.create_data_set()
    estate.athena.update_work_group(
        WorkGroup="sales", ConfigurationUpdates={"BytesScannedCutoffPerQuery": 10_000_000}
    )
    estate.put("large.csv", f"product,quantity,total_sales\n{'x' * 11_000_000},1,1.00\n")

    ingestion = estate.ingest("too-large")

    assert ingestion["IngestionStatus"] == "FAILED"
    assert ingestion["ErrorInfo"]["Type"] == "SOURCE_RESOURCE_LIMIT_EXCEEDED"
    assert estate.spice() == Counter(records_of(sales_csv(7)))


def test_a_workgroup_that_is_gone_fails_the_ingestion(estate: Estate) -> None:
    estate.create_data_set()
    estate.athena.delete_work_group(WorkGroup="sales", RecursiveDeleteOption=True)

    ingestion = estate.ingest("without-workgroup")

    assert ingestion["ErrorInfo"]["Type"] == "INVALID_DATA_SOURCE_CONFIG"


def test_a_role_without_athena_fails_the_ingestion(estate: Estate) -> None:
    estate.create_data_set()
    estate.analytics.iam.put_role_policy(
        RoleName="quicksight", PolicyName="may", PolicyDocument=policy({"Action": "s3:*", "Resource": "*"})
    )

    ingestion = estate.ingest("without-athena")

    assert ingestion["ErrorInfo"]["Type"] == "PERMISSION_DENIED"
    assert "athena:StartQueryExecution" in ingestion["ErrorInfo"]["Message"]


def test_a_file_under_a_key_is_read_by_a_role_that_key_and_own_policy_allow(estate: Estate) -> None:
    estate.create_data_set()
    manage = {"Principal": {"AWS": estate.workload.id}, "Action": "kms:*", "Resource": "*"}
    grant = {"Principal": {"AWS": estate.role_arn}, "Action": "kms:Decrypt", "Resource": "*"}
    made = estate.workload.client("kms").create_key(Policy=policy(manage, grant))
    key = made["KeyMetadata"]["Arn"]
    sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    name, body = "data/year=2024/month=01/sales_2.csv", sales_csv(5).encode()
    estate.workload.s3.put_object(Bucket=estate.bucket, Key=name, Body=body, **sealed)

    denied = estate.ingest("keyless")
    estate.analytics.iam.put_role_policy(
        RoleName="quicksight",
        PolicyName="key",
        PolicyDocument=policy({"Action": "kms:Decrypt", "Resource": key}),
    )
    allowed = estate.ingest("with-key")

    assert denied["ErrorInfo"]["Type"] == "PERMISSION_DENIED"
    assert allowed["RowInfo"]["RowsIngested"] == len(records_of(sales_csv(7), sales_csv(5)))


def test_a_role_that_is_gone_fails_the_ingestion(estate: Estate) -> None:
    estate.create_data_set()
    iam = estate.analytics.iam
    iam.delete_role_policy(RoleName="quicksight", PolicyName="may")
    iam.delete_role(RoleName="quicksight")

    ingestion = estate.ingest("without-role")

    assert ingestion["ErrorInfo"]["Type"] == "IAM_ROLE_NOT_AVAILABLE"
    assert estate.spice() == Counter(records_of(sales_csv(7)))


def test_a_data_source_that_is_gone_fails_the_ingestion(estate: Estate) -> None:
    estate.create_data_set()
    estate.quicksight.delete_data_source(AwsAccountId=estate.account_id, DataSourceId="sales")

    ingestion = estate.ingest("without-source")

    assert ingestion["ErrorInfo"]["Type"] == "DATA_SOURCE_NOT_FOUND"


def test_ingestions_are_listed_newest_first_in_pages(estate: Estate) -> None:
    estate.create_data_set()
    for name in ("a", "b", "c"):
        estate.ingest(name)
    of = {"AwsAccountId": estate.account_id, "DataSetId": "records"}

    first = estate.quicksight.list_ingestions(**of, MaxResults=2)
    rest = estate.quicksight.list_ingestions(**of, NextToken=first["NextToken"])

    assert [one["IngestionId"] for one in first["Ingestions"]] == ["c", "b"]
    assert [one["RequestType"] for one in rest["Ingestions"]] == ["FULL_REFRESH", "INITIAL_INGESTION"]


def test_a_fault_fails_the_next_ingestion_only(estate: Estate) -> None:
    estate.create_data_set()
    estate.next_ingestion("fail_next_ingestion", Type="QUERY_TIMEOUT", Message="asked for")

    first, second = estate.ingest("first"), estate.ingest("second")

    assert first["ErrorInfo"] == {"Type": "QUERY_TIMEOUT", "Message": "asked for"}
    assert second["IngestionStatus"] == "COMPLETED"


def test_a_fault_drops_rows_of_the_next_ingestion(estate: Estate) -> None:
    estate.create_data_set()
    estate.next_ingestion("drop_rows_in_next_ingestion", rows=3)

    ingestion = estate.ingest("dropping")

    assert ingestion["RowInfo"] == {"RowsIngested": 4, "RowsDropped": 3, "TotalRowsInDataset": 4}


def test_what_does_not_exist_is_not_found(estate: Estate) -> None:
    estate.create_data_set()

    assert refusal(estate.describe, ingestion_id="never") == "ResourceNotFoundException"
    assert refusal(estate.start, ingestion_id="x", data_set_id="never") == "ResourceNotFoundException"


def test_an_incremental_refresh_needs_refresh_properties(estate: Estate) -> None:
    estate.create_data_set()
    create = estate.quicksight.create_ingestion
    wanted = {"AwsAccountId": estate.account_id, "DataSetId": "records", "IngestionId": "window"}

    code = refusal(create, **wanted, IngestionType="INCREMENTAL_REFRESH")

    assert code == "InvalidParameterValueException"
