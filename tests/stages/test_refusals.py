"""What a load refuses: each ends in an error that a person can act on, with ledger, catalog and SPICE as they were."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from demo.waiting import wait_until
from tests.stages.conftest import MakeWorld
from tests.support.stages import Outcome
from tests.support.world import HEADER, JANUARY, World

FEBRUARY = HEADER + "2024-02-01,Widget A,1,25.99,25.99\n"


@dataclass(frozen=True)
class BadFile:
    """What is wrong, the file, and what the error must say."""

    name: str
    body: str | bytes
    says: tuple[str, ...]


BAD_FILES = [
    BadFile("a renamed column", JANUARY.replace("quantity", "qty", 1), ("qty", "quantity")),
    BadFile("two columns swapped", JANUARY.replace("product,quantity", "quantity,product", 1), ("product",)),
    BadFile("an extra column", JANUARY.replace("total_sales", "total_sales,region", 1), ("region",)),
    BadFile("semicolons", JANUARY.replace(",", ";"), ("delimiter: ';'",)),
    BadFile("a word in a number", JANUARY.replace("75", "x7"), ("quantity", "line 4: 'x7'")),
    BadFile("an exponent in a number", JANUARY.replace("75", "1e2"), ("quantity", "line 4: '1e2'")),
    BadFile(
        "a day that does not exist",
        JANUARY.replace("2024-01-03", "2024-13-01"),
        ("date", "line 4: '2024-13-01'"),
    ),
    BadFile("a number too large", JANUARY.replace("1949.25", "123456789012.00"), ("total_sales",)),
    BadFile("quoted fields", JANUARY.replace("Gadget B", '"Gadget B"'), ("open_csv", "line 3")),
    BadFile("a line too short", JANUARY + "2024-01-05,Tool C\n", ("5 columns are declared", "line 5")),
    BadFile("a header only", HEADER, ("allow_empty",)),
    BadFile("nothing", b"", ("allow_empty",)),
    BadFile("another encoding", JANUARY.replace("Gadget", "ガジェット").encode("shift_jis"), ("UTF-8",)),
]


@pytest.fixture
def loaded(world: World) -> World:
    """January is loaded and published."""
    world.put(JANUARY)
    assert not world.load().errors
    return world


def refused(outcome: Outcome, task: str, *says: str) -> None:
    """The task failed, nothing after it ran, and its error says all this."""
    assert outcome.states[task] == "failed", outcome.states
    assert "failed" not in [state for name, state in outcome.states.items() if name != task]
    for words in says:
        assert words in outcome.error


def last_good(line: dict[str, Any]) -> dict[str, Any]:
    """A ledger line without the note on what was refused since."""
    return {key: value for key, value in line.items() if key not in {"revision", "failure"}}


@pytest.mark.parametrize("bad", BAD_FILES, ids=lambda bad: bad.name)
def test_a_bad_new_file_is_refused_before_anything_is_touched(loaded: World, bad: BadFile) -> None:
    before = loaded.state(), last_good(loaded.ledger())
    loaded.put(bad.body, "2024-02")

    outcome = loaded.load("2024-02")

    refused(outcome, "inspect_source", "2024/month=02", *bad.says)
    assert (loaded.state(), last_good(loaded.ledger())) == before
    assert not loaded.ledger("2024-02")["checked_at"]
    assert loaded.ledger("2024-02")["failure"]


def test_a_bad_redelivery_holds_every_ingestion_until_it_is_mended(loaded: World) -> None:
    loaded.put(JANUARY.replace("75", "x7"))
    loaded.put(FEBRUARY, "2024-02")
    before = loaded.state()

    held = loaded.load("2024-02")

    refused(held, "inspect_source", "2024-01", "x7")
    assert loaded.state() == before
    loaded.put(JANUARY)
    assert not loaded.load("2024-02").errors
    assert loaded.evidence.spice_rows(loaded.account) == 4


def test_a_file_that_turns_bad_after_its_check_is_held_by_the_gate(loaded: World) -> None:
    loaded.put(FEBRUARY, "2024-02")
    for task in ("assume_role", "inspect_source", "add_partition", "check_row_count"):
        assert not loaded.load("2024-02", only=task).errors
    loaded.put(JANUARY.replace("75", "x7"))
    spice = loaded.evidence.spice_rows(loaded.account)

    held = loaded.load("2024-02", only="ingest_data_set")

    refused(held, "ingest_data_set", "2024-01", "changed after the check", "last good state")
    assert loaded.evidence.spice_rows(loaded.account) == spice


def test_figures_that_differ_are_shown_side_by_side_and_the_new_partition_is_dropped(loaded: World) -> None:
    loaded.put(FEBRUARY, "2024-02")
    for task in ("assume_role", "inspect_source", "add_partition"):
        assert not loaded.load("2024-02", only=task).errors
    _claim_one_row_more(loaded)

    outcome = loaded.load("2024-02", only="check_row_count")

    refused(outcome, "check_row_count", "files", "Athena")
    assert re.search(r"2024-02 +rows +2 +1$", outcome.error, re.MULTILINE)
    assert list(loaded.evidence.partitions(loaded.account)) == ["2024-01"]
    assert not loaded.load("2024-02").errors
    assert loaded.evidence.spice_rows(loaded.account) == 4


def _claim_one_row_more(world: World) -> None:
    """Let the plan say that inspection found a row more than there is."""
    (plan,) = (value for (task, _), value in world.xcoms.items() if task.endswith("inspect_source"))
    plan["months"][0]["figures"]["rows"] += 1


def test_a_stray_object_is_named(loaded: World) -> None:
    loaded.put(FEBRUARY, "2024-02")
    loaded.put_object("data/sales/year=2024/month=02/sales (copy).csv")
    before = loaded.state()

    outcome = loaded.load("2024-02")

    refused(outcome, "inspect_source", "sales (copy).csv", "month=02")
    assert loaded.state() == before


@pytest.mark.parametrize("task", ["assume_role", "wait_for_source_object", "inspect_source"])
def test_a_missing_connection_is_never_replaced_by_ambient_credentials(
    loaded: World, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    monkeypatch.delenv(f"AIRFLOW_CONN_AWS_{loaded.account.name.upper()}")

    outcome = loaded.load(only=task)

    refused(outcome, task, f'Airflow has no connection "aws_{loaded.account.name}"')


def test_a_connection_into_another_account_is_refused(loaded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _change_connection(
        monkeypatch, loaded, role_arn=loaded.settings.analytics.role_arn, assume_role_kwargs={}
    )

    outcome = loaded.load()

    refused(outcome, "assume_role", loaded.settings.analytics.account_id, loaded.account.account_id)


def test_a_wrong_external_id_is_refused(loaded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _change_connection(monkeypatch, loaded, assume_role_kwargs={"ExternalId": "somebody-else"})

    outcome = loaded.load()

    refused(outcome, "assume_role", "sts:AssumeRole", loaded.account.reader_role_arn, "ExternalId")


def _change_connection(monkeypatch: pytest.MonkeyPatch, world: World, **extra: Any) -> None:
    name = f"AIRFLOW_CONN_AWS_{world.account.name.upper()}"
    connection = json.loads(os.environ[name])
    connection["extra"] = {**_extra(connection), **extra}
    monkeypatch.setenv(name, json.dumps(connection))


def _extra(connection: dict[str, Any]) -> dict[str, Any]:
    extra = connection["extra"]
    return json.loads(extra) if isinstance(extra, str) else extra


def test_a_bucket_of_the_right_name_in_another_account_is_refused(make_world: MakeWorld) -> None:
    world = make_world()
    assert not world.provision().errors
    world.put(JANUARY)
    table = world.account.tables[0]
    owner = world.estate.admin("s3", world.account)
    for entry in owner.list_objects_v2(Bucket=table.bucket)["Contents"]:
        owner.delete_object(Bucket=table.bucket, Key=entry["Key"])
    owner.delete_bucket(Bucket=table.bucket)
    squatter = world.cloud.client("s3", account_id="999999999999", region="ap-northeast-1")
    squatter.create_bucket(
        Bucket=table.bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    anyone = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{table.bucket}*",
    }
    squatter.put_bucket_policy(
        Bucket=table.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [anyone]})
    )

    outcome = world.load()

    refused(outcome, "wait_for_source_object", table.bucket, world.account.account_id, "s3:ListBucket")


Repair = Callable[[], object]


def without_statement_for_the_pipeline(world: World) -> Repair:
    """The bucket policy no longer lets the pipeline role read."""
    table = world.account.tables[0]
    s3 = world.estate.admin("s3", world.account)
    article = s3.get_bucket_policy(Bucket=table.bucket)["Policy"]
    policy = json.loads(article)
    for statement in policy["Statement"]:
        principals = statement["Principal"]["AWS"]
        principals = [principals] if isinstance(principals, str) else principals
        statement["Principal"]["AWS"] = [arn for arn in principals if not arn.endswith("sightline-pipeline")]
    s3.put_bucket_policy(Bucket=table.bucket, Policy=json.dumps(policy))
    return lambda: s3.put_bucket_policy(Bucket=table.bucket, Policy=article)


def with_workgroup_disabled(world: World) -> Repair:
    athena, workgroup = world.estate.admin("athena"), world.account.workgroup
    athena.update_work_group(WorkGroup=workgroup, State="DISABLED")
    return lambda: athena.update_work_group(WorkGroup=workgroup, State="ENABLED")


def without_results_bucket(world: World) -> Repair:
    s3 = world.estate.admin("s3")
    bucket = world.account.results_bucket
    for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=entry["Key"])
    s3.delete_bucket(Bucket=bucket)
    return world.provision


@pytest.mark.parametrize(
    ("damage", "task", "says"),
    [
        (without_statement_for_the_pipeline, "check_row_count", ("FAILED", "s3://")),
        (with_workgroup_disabled, "add_partition", ("isabled", "workgroup")),
        (without_results_bucket, "add_partition", ("FAILED", "output bucket results-")),
    ],
)
def test_a_query_that_cannot_run_leaves_catalog_and_spice_as_they_were(
    loaded: World, damage: Callable[[World], Repair], task: str, says: tuple[str, ...]
) -> None:
    loaded.put(FEBRUARY, "2024-02")
    before = loaded.state(), last_good(loaded.ledger())
    repair = damage(loaded)

    outcome = loaded.load("2024-02")

    refused(outcome, task, *says)
    assert (loaded.state(), last_good(loaded.ledger())) == before
    repair()
    # A failure is passed over once it is a few seconds old; until then the next load reports it again.
    wait_until(lambda: not loaded.load("2024-02").errors, what="a load after the repair", timeout_seconds=20)
    assert loaded.evidence.spice_rows(loaded.account) == 4


def test_the_cutoff_ends_a_query_that_reads_too_much(make_world: MakeWorld) -> None:
    world = make_world(scan_cutoff="10 MB")
    assert not world.provision().errors
    before = world.state()
    world.put(HEADER + "2024-01-01,Widget A,100,25.99,2599.00\n" * 300_000)

    outcome = world.load()

    refused(outcome, "check_row_count", "10,000,000", "scan_cutoff")
    assert world.state() == before


def test_a_failed_ingestion_gives_quicksights_own_reason(loaded: World) -> None:
    loaded.put(FEBRUARY, "2024-02")
    loaded.cloud.set_options(
        fail_next_ingestion={
            "account_id": loaded.settings.analytics.account_id,
            "data_set_id": loaded.account.tables[0].quicksight.data_set_id,
            "Type": "QUERY_TIMEOUT",
            "Message": "too slow today",
        }
    )

    outcome = loaded.load("2024-02")

    refused(outcome, "ingest_data_set", "QUERY_TIMEOUT", "too slow today", "last good state")
    assert loaded.evidence.spice_rows(loaded.account) == 3
    assert not loaded.ledger("2024-02")["published_at"]


def test_dropped_rows_are_not_published(loaded: World) -> None:
    loaded.put(FEBRUARY, "2024-02")
    loaded.cloud.set_options(
        drop_rows_in_next_ingestion={
            "account_id": loaded.settings.analytics.account_id,
            "data_set_id": loaded.account.tables[0].quicksight.data_set_id,
            "rows": 1,
        }
    )

    outcome = loaded.load("2024-02")

    refused(outcome, "ingest_data_set", "1 were dropped")
    assert not loaded.ledger("2024-02")["published_at"]


def test_without_a_table_the_load_says_to_run_provision(make_world: MakeWorld) -> None:
    world = make_world()
    world.put(JANUARY)

    refused(world.load(), "inspect_source", "provision")


def test_a_table_with_other_columns_is_refused_with_the_difference(loaded: World) -> None:
    glue, account = loaded.estate.admin("glue"), loaded.account
    table = glue.get_table(DatabaseName=account.database, Name="sales")["Table"]
    storage = table["StorageDescriptor"]
    storage["Columns"][2]["Type"] = "string"
    glue.update_table(
        DatabaseName=account.database,
        TableInput={
            "Name": "sales",
            "StorageDescriptor": storage,
            "PartitionKeys": table["PartitionKeys"],
            "TableType": "EXTERNAL_TABLE",
        },
    )

    outcome = loaded.load()

    refused(outcome, "inspect_source", "quantity string", "quantity int")
    _run_as_administrator(loaded, outcome.error.splitlines()[-1])  # what the error says to do
    assert not loaded.provision().errors
    assert not loaded.load().errors
    assert loaded.evidence.spice_rows(account) == 3


def _run_as_administrator(world: World, statement: str) -> None:
    athena = world.estate.admin("athena")
    started = athena.start_query_execution(QueryString=statement, WorkGroup=world.account.workgroup)

    def state() -> str:
        answer = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])
        return str(answer["QueryExecution"]["Status"]["State"])

    wait_until(lambda: state() == "SUCCEEDED", what=statement, timeout_seconds=20)


def test_a_month_that_a_crawler_registered_a_second_time_holds_load_and_gate(loaded: World) -> None:
    loaded.put(FEBRUARY, "2024-02")
    for task in ("assume_role", "inspect_source", "add_partition", "check_row_count"):
        assert not loaded.load("2024-02", only=task).errors
    glue = loaded.estate.admin("glue")
    name = {"DatabaseName": loaded.account.database, "TableName": "sales"}
    found = glue.get_partition(**name, PartitionValues=["2024", "1"])["Partition"]
    again = {"Values": ["2024", "01"], "StorageDescriptor": found["StorageDescriptor"]}
    glue.create_partition(**name, PartitionInput=again)

    held = loaded.load("2024-02", only="ingest_data_set")

    refused(held, "ingest_data_set", "2024-01 is registered twice", "(2024, 01)")
    refused(loaded.load("2024-02"), "inspect_source", "2024-01 is registered twice")
    assert loaded.evidence.spice_rows(loaded.account) == 3


def test_another_delimiter_than_the_tables_is_refused_before_a_file_is_read(loaded: World) -> None:
    table = loaded.account.tables[0]
    tables = (
        table.model_copy(update={"text_format": table.text_format.model_copy(update={"delimiter": ";"})}),
    )
    account = loaded.account.model_copy(update={"tables": tables})
    loaded.settings = loaded.settings.model_copy(update={"workload_accounts": (account,)})

    refused(loaded.load(), "inspect_source", "text format", "delimiter ,", "delimiter ;")
    assert "text format" in loaded.provision().error
