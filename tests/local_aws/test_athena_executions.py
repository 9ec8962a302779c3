"""How a statement is started, stands, ends and is found again."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_aws.athena_estate import Estate
from tests.local_aws.conftest import CONFIG, Account, Cloud, fresh_id, on, policy

TOKEN = "a-token-of-more-than-thirty-two-characters"


@pytest.fixture(scope="module")
def estate(cloud: Cloud) -> Estate:
    return Estate.of(Account(cloud, fresh_id()))


@pytest.fixture
def slow(cloud: Cloud) -> Any:
    cloud.control("PUT", "options", {"latency": "aws"})
    yield
    cloud.control("PUT", "options", {"latency": "zero"})


def invalid(estate: Estate, sql: str = "SELECT 1", **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        estate.start(sql, **parameters)
    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"
    return str(refused.value.response["Error"]["Message"])


def test_a_finished_select_says_all_that_athena_says(estate: Estate) -> None:
    execution = estate.succeed("SELECT 1 AS one")

    assert execution["StatementType"] == "DML"
    assert execution["WorkGroup"] == "group"
    assert execution["QueryExecutionContext"] == {"Database": "d", "Catalog": "AwsDataCatalog"}
    assert (
        execution["ResultConfiguration"]["OutputLocation"]
        == f"s3://{estate.results}/group/{execution['QueryExecutionId']}.csv"
    )
    assert execution["Status"]["SubmissionDateTime"] <= execution["Status"]["CompletionDateTime"]
    assert execution["Statistics"]["DataScannedInBytes"] == 0
    assert execution["Statistics"]["EngineExecutionTimeInMillis"] >= 0


@pytest.mark.parametrize("asked", [{"Enabled": False}, {"Enabled": True, "MaxAgeInMinutes": 60}])
def test_result_reuse_is_answered_as_asked_and_every_statement_executed(
    estate: Estate, asked: dict[str, Any]
) -> None:
    reuse = {"ResultReuseByAgeConfiguration": asked}
    first = estate.run("SELECT 1 AS one", ResultReuseConfiguration=reuse)

    again = estate.run("SELECT 1 AS one", ResultReuseConfiguration=reuse)

    assert again["ResultReuseConfiguration"] == reuse
    assert again["QueryExecutionId"] != first["QueryExecutionId"]
    assert again["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": False}


def test_results_older_than_a_week_are_not_asked_for(estate: Estate) -> None:
    older = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 10_081}}

    assert "MaxAgeInMinutes 10081" in invalid(estate, ResultReuseConfiguration=older)


@pytest.mark.parametrize(
    ("sql", "kind", "suffix"),
    [
        ("SELECT 1", "DML", "csv"),
        ("-- why\nWITH a AS (SELECT 1 x) SELECT x FROM a", "DML", "csv"),
        ("SHOW DATABASES", "UTILITY", "txt"),
        ("CREATE DATABASE IF NOT EXISTS d", "DDL", "txt"),
    ],
)
def test_a_statements_kind_decides_its_result_object(
    estate: Estate, sql: str, kind: str, suffix: str
) -> None:
    execution = estate.succeed(sql)

    assert execution["StatementType"] == kind
    keys = [o["Key"] for o in estate.account.s3.list_objects_v2(Bucket=estate.results)["Contents"]]
    assert {k for k in keys if execution["QueryExecutionId"] in k} == {
        f"group/{execution['QueryExecutionId']}.{suffix}",
        f"group/{execution['QueryExecutionId']}.{suffix}.metadata",
    }


def test_an_unknown_workgroup_is_refused(estate: Estate) -> None:
    assert invalid(estate, WorkGroup="nobody") == "WorkGroup nobody is not found."


def test_a_disabled_workgroup_is_refused_until_it_is_enabled(estate: Estate) -> None:
    estate.create_work_group("off")
    estate.athena.update_work_group(WorkGroup="off", State="DISABLED")
    assert "disabled" in invalid(estate, WorkGroup="off")

    estate.athena.update_work_group(WorkGroup="off", State="ENABLED")

    assert estate.run("SELECT 1", WorkGroup="off")["Status"]["State"] == "SUCCEEDED"


def test_without_an_output_location_nothing_is_started(estate: Estate) -> None:
    assert "No output location provided" in invalid(estate, WorkGroup="primary")


def test_primary_is_in_every_account_and_takes_the_clients_location(estate: Estate) -> None:
    location = f"s3://{estate.results}/mine/"

    execution = estate.run("SELECT 1", WorkGroup="primary", ResultConfiguration={"OutputLocation": location})

    assert execution["Status"]["State"] == "SUCCEEDED"
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(location)


def test_a_workgroup_that_enforces_its_settings_overrides_the_clients(estate: Estate) -> None:
    elsewhere = {"OutputLocation": "s3://somewhere-else/"}

    execution = estate.run("SELECT 1", ResultConfiguration=elsewhere)

    assert execution["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{estate.results}/group/")


@pytest.mark.parametrize("sql", ["SELECT 1", "SELEC 1"])
def test_the_same_token_is_the_same_execution_a_failed_one_too(estate: Estate, sql: str) -> None:
    token = f"{TOKEN}-{sql}"
    first = estate.run(sql, ClientRequestToken=token)

    again = estate.start(sql, ClientRequestToken=token)

    assert again == first["QueryExecutionId"]


def test_a_token_used_for_another_statement_is_refused(estate: Estate) -> None:
    estate.run("SELECT 2", ClientRequestToken=TOKEN)

    assert invalid(estate, "SELECT 3", ClientRequestToken=TOKEN) == "Idempotent parameters do not match"


def test_a_token_used_again_runs_nothing(estate: Estate) -> None:
    create, token = "CREATE DATABASE once", f"{TOKEN}-once"
    first = estate.run(create, ClientRequestToken=token)
    estate.succeed("DROP DATABASE once")

    again = estate.run(create, ClientRequestToken=token)
    estate.succeed("CREATE DATABASE once")  # it would be there by now

    assert (again["QueryExecutionId"], again["Status"]["State"]) == (first["QueryExecutionId"], "SUCCEEDED")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ClientRequestToken": "x" * 31}, "ClientRequestToken must have 32 to 128 characters"),
        ({"ClientRequestToken": "x" * 129}, "ClientRequestToken must have 32 to 128 characters"),
        ({"ExecutionParameters": ["1"]}, "ExecutionParameters are not supported"),
        ({"QueryExecutionContext": {"Catalog": "elsewhere"}}, "Catalog elsewhere is not found"),
    ],
    ids=["a short token", "a long token", "parameters", "another catalog"],
)
def test_what_is_not_begun_says_why(estate: Estate, wrong: dict[str, Any], said: str) -> None:
    unchecked = estate.account.admin.client(
        "athena",
        endpoint_url=estate.account.cloud.endpoint,
        config=CONFIG.merge(Config(parameter_validation=False)),
    )

    with pytest.raises(ClientError, match=said):
        estate.start("SELECT 1", unchecked, **wrong)


def test_without_a_token_of_mine_each_start_is_an_execution_of_its_own(estate: Estate) -> None:
    assert estate.start("SELECT 1") != estate.start("SELECT 1")


def test_garbage_fails(estate: Estate) -> None:
    assert estate.refused("SELEC * FROM x") == "line 1:1: mismatched input 'SELEC'"


def test_two_statements_in_one_text_fail(estate: Estate) -> None:
    assert estate.refused("SELECT 1; SELECT 2") == "Only one sql statement is allowed"


@pytest.mark.parametrize("sql", ["SELECT 1", "CREATE DATABASE late"])
def test_a_stopped_statement_is_cancelled(estate: Estate, slow: None, sql: str) -> None:
    execution_id = estate.start(sql)

    estate.athena.stop_query_execution(QueryExecutionId=execution_id)

    assert estate.finished(execution_id)["Status"]["State"] == "CANCELLED"
    names = [found["Name"] for found in estate.account.client("glue").get_databases()["DatabaseList"]]
    assert "late" not in names


def test_a_statement_takes_as_long_as_the_latency_says_and_the_start_does_not(
    estate: Estate, slow: None
) -> None:
    before = time.monotonic()
    execution_id = estate.start("SELECT 1")
    started = time.monotonic() - before

    execution = estate.finished(execution_id)

    assert started < 0.5
    assert execution["Statistics"]["TotalExecutionTimeInMillis"] >= 1500


def test_stopping_a_finished_statement_changes_nothing(estate: Estate) -> None:
    execution = estate.succeed("SELECT 1")

    estate.athena.stop_query_execution(QueryExecutionId=execution["QueryExecutionId"])

    assert estate.finished(execution["QueryExecutionId"])["Status"]["State"] == "SUCCEEDED"


def test_more_ddl_at_once_than_the_quota_is_refused(estate: Estate, slow: None) -> None:
    running = [estate.start("SHOW DATABASES") for _ in range(20)]

    with pytest.raises(ClientError, match="TooManyRequestsException"):
        estate.start("SHOW DATABASES")

    for execution_id in running:
        estate.athena.stop_query_execution(QueryExecutionId=execution_id)
    assert {estate.finished(one)["Status"]["State"] for one in running} <= {"CANCELLED", "SUCCEEDED"}


def test_results_of_what_did_not_succeed_are_refused(estate: Estate) -> None:
    failed = estate.run("SELECT nothing FROM nowhere")

    with pytest.raises(ClientError, match="Final query state: FAILED"):
        estate.athena.get_query_results(QueryExecutionId=failed["QueryExecutionId"])


def test_a_workgroups_history_is_listed_newest_first(estate: Estate) -> None:
    estate.create_work_group("history")
    ids = [estate.run(f"SELECT {n}", WorkGroup="history")["QueryExecutionId"] for n in range(3)]

    pages = estate.athena.get_paginator("list_query_executions").paginate(
        WorkGroup="history", PaginationConfig={"PageSize": 2}
    )

    assert [one for page in pages for one in page["QueryExecutionIds"]] == ids[::-1]


def test_many_executions_are_described_at_once(estate: Estate) -> None:
    known = estate.succeed("SELECT 1")["QueryExecutionId"]

    answer = estate.athena.batch_get_query_execution(QueryExecutionIds=[known, "unknown"])

    assert [found["QueryExecutionId"] for found in answer["QueryExecutions"]] == [known]
    assert [found["QueryExecutionId"] for found in answer["UnprocessedQueryExecutionIds"]] == ["unknown"]


def test_another_account_does_not_see_an_execution(estate: Estate, other_account: Account) -> None:
    known = estate.succeed("SELECT 1")["QueryExecutionId"]

    with pytest.raises(ClientError, match="was not found"):
        other_account.client("athena").get_query_execution(QueryExecutionId=known)


def test_a_workgroup_is_made_changed_listed_and_removed(estate: Estate) -> None:
    estate.create_work_group("short", BytesScannedCutoffPerQuery=20_000_000)
    estate.athena.update_work_group(
        WorkGroup="short",
        Description="for a while",
        ConfigurationUpdates={
            "ResultConfigurationUpdates": {"OutputLocation": f"s3://{estate.results}/other"},
            "RemoveBytesScannedCutoffPerQuery": True,
            "EnforceWorkGroupConfiguration": False,
        },
    )

    found = estate.athena.get_work_group(WorkGroup="short")["WorkGroup"]

    assert found["Description"] == "for a while"
    assert found["Configuration"]["ResultConfiguration"] == {
        "OutputLocation": f"s3://{estate.results}/other/"
    }
    assert "BytesScannedCutoffPerQuery" not in found["Configuration"]
    assert found["Configuration"]["EnforceWorkGroupConfiguration"] is False
    listed = {w["Name"] for w in estate.athena.list_work_groups()["WorkGroups"]}
    assert {"primary", "group", "short"} <= listed
    estate.athena.delete_work_group(WorkGroup="short")
    with pytest.raises(ClientError, match="WorkGroup short is not found"):
        estate.athena.get_work_group(WorkGroup="short")


def test_a_workgroup_of_that_name_is_not_made_twice(estate: Estate) -> None:
    with pytest.raises(ClientError, match="already created"):
        estate.create_work_group("group")


def test_a_workgroup_with_a_history_goes_only_with_it(estate: Estate) -> None:
    estate.create_work_group("used")
    estate.run("SELECT 1", WorkGroup="used")

    with pytest.raises(ClientError, match="not empty"):
        estate.athena.delete_work_group(WorkGroup="used")

    estate.athena.delete_work_group(WorkGroup="used", RecursiveDeleteOption=True)


def test_the_expected_bucket_owner_is_held_to(estate: Estate, other_account: Account) -> None:
    results = {"OutputLocation": f"s3://{estate.results}/", "ExpectedBucketOwner": other_account.id}
    estate.athena.create_work_group(Name="owned", Configuration={"ResultConfiguration": results})

    assert "expected bucket owner" in estate.refused("SELECT 1", WorkGroup="owned")


def test_a_results_bucket_that_is_gone_fails_the_statement(estate: Estate) -> None:
    bucket = estate.account.bucket("gone")
    location = {"OutputLocation": f"s3://{bucket}/"}
    estate.athena.create_work_group(Name="gone", Configuration={"ResultConfiguration": location})
    estate.account.s3.delete_bucket(Bucket=bucket)

    assert f"Unable to verify/create output bucket {bucket}" in estate.refused("SELECT 1", WorkGroup="gone")


def test_a_cutoff_cancels_and_says_what_was_scanned(estate: Estate) -> None:
    table = estate.table("line STRING", "large/")
    estate.put("large/file.csv", b"x" * 99 + b"\n" + (b"y" * 99 + b"\n") * 150_000)
    estate.create_work_group("small", BytesScannedCutoffPerQuery=10_000_000)

    execution = estate.run(f"SELECT count(*) FROM {table}", WorkGroup="small")

    assert execution["Status"]["State"] == "CANCELLED"
    assert execution["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
    assert 10_000_000 < execution["Statistics"]["DataScannedInBytes"] <= 12_000_000
    assert estate.one(f"SELECT count(*) FROM {table}") == ("150001",)


def test_too_small_a_cutoff_is_refused_by_the_service_too(estate: Estate) -> None:
    unchecked = estate.account.admin.client(
        "athena",
        endpoint_url=estate.account.cloud.endpoint,
        config=CONFIG.merge(Config(parameter_validation=False)),
    )

    with pytest.raises(ClientError, match="10000000"):
        unchecked.update_work_group(
            WorkGroup="group", ConfigurationUpdates={"BytesScannedCutoffPerQuery": 9_999_999}
        )


def test_results_are_written_with_the_encryption_of_the_workgroup(estate: Estate) -> None:
    bucket = estate.account.bucket("sealed")
    unsealed = {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}}
    statement = {"Effect": "Deny", "Principal": "*", "Condition": unsealed}
    document = policy(on(bucket, "s3:PutObject", **statement))
    estate.account.s3.put_bucket_policy(Bucket=bucket, Policy=document)
    plain = {"OutputLocation": f"s3://{bucket}/"}
    sealed = {**plain, "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}}
    estate.athena.create_work_group(Name="plain", Configuration={"ResultConfiguration": plain})
    estate.athena.create_work_group(Name="sealed", Configuration={"ResultConfiguration": sealed})

    refused = estate.refused("SELECT 1", WorkGroup="plain")
    written = estate.run("SELECT 1", WorkGroup="sealed")

    assert "Access denied when writing output" in refused
    key = written["ResultConfiguration"]["OutputLocation"].removeprefix(f"s3://{bucket}/")
    for name in (key, f"{key}.metadata"):
        assert estate.account.s3.head_object(Bucket=bucket, Key=name)["ServerSideEncryption"] == "AES256"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"EncryptionOption": "CSE_KMS", "KmsKey": "k"}, "EncryptionOption CSE_KMS is not supported"),
        ({"EncryptionOption": "SSE_KMS"}, "KmsKey is required"),
    ],
    ids=["by the client", "without its key"],
)
def test_other_encryption_is_refused_wherever_it_is_asked_for(
    estate: Estate, wrong: dict[str, str], said: str
) -> None:
    encryption = {"EncryptionConfiguration": wrong}

    with pytest.raises(ClientError, match=said):
        estate.create_work_group("keyed", ResultConfiguration=encryption)
    with pytest.raises(ClientError, match=said):
        estate.athena.update_work_group(
            WorkGroup="group", ConfigurationUpdates={"ResultConfigurationUpdates": encryption}
        )
    with pytest.raises(ClientError, match=said):
        estate.start("SELECT 1", WorkGroup="primary", ResultConfiguration=encryption)


def test_a_workgroups_setting_that_is_not_done_is_refused_unless_it_is_off(estate: Estate) -> None:
    said = "ManagedQueryResultsConfiguration is not supported"

    estate.create_work_group("unmanaged", ManagedQueryResultsConfiguration={"Enabled": False})

    with pytest.raises(ClientError, match=said):
        estate.create_work_group("managed", ManagedQueryResultsConfiguration={"Enabled": True})
    with pytest.raises(ClientError, match="ExecutionRole is not supported"):
        estate.athena.update_work_group(
            WorkGroup="unmanaged",
            ConfigurationUpdates={"ExecutionRole": "arn:aws:iam::123456789012:role/spark"},
        )
