"""How a statement is started, stands, ends and is found again."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_aws.athena_estate import Estate, invalid
from tests.local_aws.conftest import CONFIG, Account, Cloud, fresh_id

TOKEN = "a-token-of-more-than-thirty-two-characters"


@pytest.fixture(scope="module")
def estate(cloud: Cloud) -> Estate:
    return Estate.of(Account(cloud, fresh_id()))


@pytest.fixture
def slow(cloud: Cloud) -> Any:
    cloud.control("PUT", "options", {"latency": "aws"})
    yield
    cloud.control("PUT", "options", {"latency": "zero"})


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
