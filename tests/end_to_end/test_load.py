"""The daily load through a real scheduler, spoken to over REST; a scenario has an account of its own."""

from __future__ import annotations

import gzip
from decimal import Decimal

import pytest

from demo.airflow_api import AirflowApi, Run
from demo.cloud import Cloud
from demo.estate import Estate
from demo.evidence import Evidence, column_total
from demo.waiting import wait_until
from sightline.settings import WorkloadAccount
from tests.support.world import HEADER, JANUARY

STAGES = ["wait_for_source_object", "inspect_source", "add_partition", "check_row_count", "ingest_data_set"]
IN_THE_FUTURE = "2099-01"

pytestmark = pytest.mark.usefixtures("provisioned")


@pytest.fixture
def account(request: pytest.FixtureRequest, estate: Estate) -> WorkloadAccount:
    """The scenario's account, named by the test's `account` parameter."""
    return estate.settings.account(request.param)


def of(name: str) -> pytest.MarkDecorator:
    """Let a test work with this account of accounts.yaml."""
    return pytest.mark.parametrize("account", [name], indirect=True)


def load(airflow: AirflowApi, account: WorkloadAccount, month: str = "2024-01", *, wait: bool = True) -> Run:
    return airflow.trigger(f"load_{account.name}", month=month, wait=wait)


def stages(run: Run) -> list[str | None]:
    return [run.states[f"sales.{stage}"] for stage in STAGES]


def failure(airflow: AirflowApi, run: Run) -> str:
    return "\n".join(airflow.log(run, task.task_id) for task in run.failed_tasks())


@of("daily")
def test_a_new_month_is_loaded_and_then_unchanged(
    airflow: AirflowApi, estate: Estate, evidence: Evidence, account: WorkloadAccount
) -> None:
    estate.put_source(account, "2024-01", JANUARY.encode())

    first = load(airflow, account)
    again = load(airflow, account)

    assert (first.state, stages(first)) == ("success", ["success"] * 5), failure(airflow, first)
    assert (again.state, stages(again)) == ("success", ["success"] * 2 + ["skipped"] * 3)
    assert evidence.spice_rows(account) == 3
    (event,) = airflow.asset_events(first)
    figures = event["extra"]["months"]["2024-01"]
    expected = column_total(evidence.records(account, "2024-01"), "total_sales")
    assert Decimal(figures["columns"]["total_sales"]["total"]) == expected
    assert airflow.asset_events(again) == []


@of("redelivered")
def test_a_bad_redelivery_is_held_by_the_gate_and_a_good_one_goes_through(
    airflow: AirflowApi, estate: Estate, evidence: Evidence, account: WorkloadAccount
) -> None:
    estate.put_source(account, "2024-01", JANUARY.encode())
    assert load(airflow, account).state == "success"
    estate.put_source(account, "2024-01", JANUARY.replace("75", "x7").encode())
    estate.put_source(account, "2024-02", (HEADER + "2024-02-01,Widget A,1,25.99,25.99\n").encode())

    held = load(airflow, account, "2024-02")

    assert held.state == "failed"
    said = failure(airflow, held)
    assert "AirflowFailException: SourceRefused: 2024-01: BadValues: s3://" in said
    assert "x7" in said
    assert "Found credentials" not in said, "the clients' own lines stay out of a task's"
    assert held.tasks["sales.inspect_source"].try_number == 1, "a retry cannot help"
    assert evidence.spice_rows(account) == 3
    estate.put_source(account, "2024-01", (JANUARY + "2024-01-04,Tool C,30,99.99,2999.70\n").encode())
    mended = load(airflow, account, "2024-02")
    assert mended.state == "success", failure(airflow, mended)
    assert evidence.spice_rows(account) == 5
    assert evidence.ledger_lines(account)["2024-01"]["figures"]["rows"] == 4


@of("retried")
def test_a_failed_ingestion_is_retried_and_not_taken_for_unchanged(
    airflow: AirflowApi, estate: Estate, evidence: Evidence, cloud: Cloud, account: WorkloadAccount
) -> None:
    estate.put_source(account, "2024-01", JANUARY.encode())
    cloud.set_options(
        fail_next_ingestion={
            "account_id": estate.settings.analytics.account_id,
            "data_set_id": account.tables[0].quicksight.data_set_id,
            "Type": "QUERY_TIMEOUT",
            "Message": "too slow today",
        }
    )

    run = load(airflow, account)

    assert run.state == "success", failure(airflow, run)
    assert run.tasks["sales.ingest_data_set"].try_number == 2
    assert "too slow today" in airflow.log(run, "sales.ingest_data_set", try_number=1)
    assert evidence.spice_rows(account) == 3
    assert stages(load(airflow, account))[2:] == ["skipped"] * 3


@of("waiting")
def test_an_object_that_comes_late_is_waited_for_without_a_worker_slot(
    airflow: AirflowApi, estate: Estate, evidence: Evidence, account: WorkloadAccount
) -> None:
    run = load(airflow, account, IN_THE_FUTURE, wait=False)
    airflow.wait_for_task(run, "sales.wait_for_source_object", "deferred")
    assert [each.run_id for each in airflow.running(run.dag_id)] == [run.run_id]

    def no_slot_is_held() -> bool:
        pool = airflow.request("GET", "pools/default_pool")
        return pool["running_slots"] == pool["queued_slots"] == 0 and pool["deferred_slots"] == 1

    wait_until(no_slot_is_held, what="a pool without a running task", timeout_seconds=20)
    estate.put_source(account, IN_THE_FUTURE, JANUARY.replace("2024-01", IN_THE_FUTURE).encode())

    ended = airflow.wait("load_waiting", run.run_id)

    assert (ended.state, stages(ended)) == ("success", ["success"] * 5), failure(airflow, ended)
    assert evidence.spice_rows(account) == 3


@of("impatient")
def test_an_object_that_is_not_due_yet_ends_as_skipped(airflow: AirflowApi, account: WorkloadAccount) -> None:
    run = load(airflow, account, IN_THE_FUTURE)

    assert run.state == "success", failure(airflow, run)
    assert stages(run) == ["skipped", "success", "skipped", "skipped", "skipped"]


@of("impatient")
def test_an_object_past_its_due_day_fails_saying_where_and_since_when(
    airflow: AirflowApi, account: WorkloadAccount
) -> None:
    run = load(airflow, account, "2024-01")

    assert stages(run) == ["failed"] + ["upstream_failed"] * 4
    log = failure(airflow, run)
    assert "s3://source-impatient-666666666666/data/sales/year=2024/month=01/sales_data_2024_01.csv" in log
    assert "was due by 2024-01-03 00:00 UTC" in log


@pytest.mark.parametrize(
    ("account", "state"), [("killed", "running"), ("killed_deferred", "deferred")], indirect=["account"]
)
def test_a_task_that_is_killed_cancels_its_query(
    airflow: AirflowApi, estate: Estate, cloud: Cloud, account: WorkloadAccount, state: str
) -> None:
    estate.put_source(account, "2024-01", JANUARY.encode())
    cloud.set_options(latency={"ddl": 60, "select": 60, "ingestion": 60})
    try:
        run = load(airflow, account, wait=False)
        airflow.wait_for_task(run, "sales.add_partition", state)
        wait_until_polled(cloud)

        airflow.mark(run, "sales.add_partition", "failed")

        wait_until(lambda: query_state(estate, account) == "CANCELLED", what="its end", timeout_seconds=30)
    finally:
        cloud.set_options(latency="zero")
    after = load(airflow, account)
    assert after.state == "success", failure(airflow, after)


def wait_until_polled(cloud: Cloud) -> None:
    """Wait until somebody looks at the query anew: a deferred task's trigger has started.

    Airflow asks only a trigger that has started to clean up after a kill.
    """
    cloud.reset_calls()

    def is_polled() -> bool:
        return any(call["operation"] == "GetQueryExecution" for call in cloud.calls())

    wait_until(is_polled, what="a look at the query", timeout_seconds=20)


def query_state(estate: Estate, account: WorkloadAccount) -> str:
    """How the newest ALTER TABLE in the account's workgroup stands; empty if there is none."""
    athena = estate.admin("athena")
    ids = athena.list_query_executions(WorkGroup=account.workgroup)["QueryExecutionIds"]
    executions = athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"] if ids else []
    alters = [each for each in executions if each["Query"].startswith("ALTER TABLE")]
    newest = max(alters, key=lambda each: each["Status"]["SubmissionDateTime"], default=None)
    return newest["Status"]["State"] if newest else ""


@of("meters")
def test_nothing_in_the_code_knows_the_articles_names(
    airflow: AirflowApi, estate: Estate, evidence: Evidence, account: WorkloadAccount
) -> None:
    parts = {"north": "meter;kwh;ok\nA-1;1.250;true\nA-2;;false\n", "south": "meter;kwh;ok\nB-1;0.001;true\n"}
    for name, text in parts.items():
        estate.put_source(account, "2023-12", gzip.compress(text.encode()), part=name)

    run = load(airflow, account, "2023-12")

    assert run.state == "success", failure(airflow, run)
    assert evidence.spice_rows(account) == 3
    total = evidence.ledger_lines(account)["2023-12"]["figures"]["columns"]["kwh"]["total"]
    assert Decimal(total) == column_total(evidence.records(account, "2023-12"), "kwh")
