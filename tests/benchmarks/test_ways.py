"""The ways that are measured do the same work: the stock Dag parses and renders, the floor finds what the file has."""

from __future__ import annotations

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from benchmarks.daily.data import RECORDS, month_file
from benchmarks.daily.stage import ACCOUNTS, STOCK_DAGS, make_floor
from demo.evidence import column_total
from sightline import polling
from sightline.settings import load_settings
from tests.support.world import World

STOCK_STAGES = {
    "wait_for_source_object",
    "add_partition",
    "count_rows",
    "validate",
    "ingest_data_set",
}


def stock_dag() -> DAG:
    bag = DagBag(dag_folder=str(STOCK_DAGS / "load_stock.py"))
    assert not bag.import_errors
    return bag.dags["load_stock"]


def rendered(dag: DAG, task_id: str) -> DAG:
    """A task with its templates filled in for a month."""
    task = dag.get_task(task_id)
    task.render_template_fields(
        {"params": {"month": "2024-03"}, "run_id": "manual__2024-03-01T00:00:00+00:00"}
    )
    return task


def test_stock_is_made_of_shipped_operators_only() -> None:
    dag = stock_dag()

    origins = {type(task).__module__.split(".")[0] for task in dag.tasks}

    assert {task.task_id for task in dag.tasks} == STOCK_STAGES
    assert origins == {"airflow"}


def test_stock_waits_in_the_worker_and_looks_as_often_as_its_operators_can() -> None:
    dag = stock_dag()

    statements = [dag.get_task(name) for name in ("add_partition", "count_rows")]

    assert {(task.deferrable, task.sleep_time) for task in statements} == {(False, polling.FIRST_DELAY)}
    assert (dag.get_task("ingest_data_set").deferrable, dag.get_task("ingest_data_set").waiter_delay) == (
        False,
        1,
    )


def test_stocks_templates_name_the_month_and_its_account() -> None:
    dag, account = stock_dag(), load_settings(ACCOUNTS).account("stock")
    table = account.tables[0]

    key = rendered(dag, "wait_for_source_object").bucket_key
    statement = rendered(dag, "add_partition").query

    folder = f"{table.prefix}year=2024/month=03"
    assert key == f"{folder}/sales_data_2024_03.csv"
    assert "PARTITION (year = 2024, month = 3)" in statement
    assert f"LOCATION 's3://{table.bucket}/{folder}/'" in statement
    assert dag.get_task("add_partition").workgroup == account.workgroup
    assert dag.get_task("ingest_data_set").data_set_id == table.quicksight.data_set_id


def test_the_floor_loads_what_the_file_holds_and_stops_at_a_file_that_it_knows(world: World) -> None:
    floor = make_floor(world.estate, world.account)
    world.put(month_file("2024-01"))

    rows = floor.load("2024-01")

    records = world.evidence.records(world.account, "2024-01")
    served = world.evidence.spice_records(world.account)
    assert rows == RECORDS == len(records) == len(served)
    assert column_total(served, "total_sales") == column_total(records, "total_sales")
    world.cloud.reset_calls()
    assert floor.load("2024-01") is None
    assert [(call["operation"], call["count"]) for call in world.cloud.calls()] == [("HeadObject", 1)]


def test_the_accounts_of_the_ways_are_alike_in_all_but_names() -> None:
    settings = load_settings(ACCOUNTS)

    assert not settings.problems
    assert [account.name for account in settings.workload_accounts] == ["sightline", "stock", "floor"]
    assert len({account.tables[0].columns for account in settings.workload_accounts}) == 1
