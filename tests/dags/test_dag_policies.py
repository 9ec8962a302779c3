"""What every Dag must have; a failure names the Dag."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import CronDataIntervalTimetable

from sightline.operators.athena import StatementOperator
from sightline.operators.quicksight import IngestDataSetOperator
from sightline.operators.s3 import SourceObjectSensor
from sightline.settings import load_settings
from sightline.sql import SQL_FOLDER

DAGS_FOLDER = Path(__file__).parents[2] / "dags"
BAG = DagBag(str(DAGS_FOLDER))
DAGS = sorted(BAG.dags.values(), key=lambda dag: dag.dag_id)
LOADS = [dag for dag in DAGS if dag.dag_id.startswith("load_")]


def _by_id(dag: Any) -> str:
    return str(dag.dag_id)


def test_every_dag_file_is_imported_without_an_error() -> None:
    assert BAG.import_errors == {}


def test_there_is_a_load_for_every_workload_account_and_one_provision() -> None:
    accounts = [account.name for account in load_settings().workload_accounts]

    assert [dag.dag_id for dag in DAGS] == [*(f"load_{name}" for name in accounts), "provision"]


@pytest.mark.parametrize("dag", DAGS, ids=_by_id)
def test_a_dag_says_whose_it_is_what_it_is_and_what_to_do_when_it_fails(dag: Any) -> None:
    assert dag.default_args["owner"] == "data-platform"
    assert "sightline" in dag.tags
    assert dag.description
    for task in dag.tasks:
        name = task.task_id.rpartition(".")[2]
        assert name == "is_chosen" or f"`{name}`" in dag.doc_md, f"{name} is not in the runbook"


@pytest.mark.parametrize("dag", DAGS, ids=_by_id)
def test_a_dag_neither_catches_up_nor_overtakes_itself(dag: Any) -> None:
    assert dag.catchup is False
    assert dag.max_active_runs == 1


@pytest.mark.parametrize("dag", DAGS, ids=_by_id)
def test_every_task_is_retried_with_growing_pauses_and_ends(dag: Any) -> None:
    for task in dag.tasks:
        assert task.retries > 0, task.task_id
        assert task.retry_exponential_backoff, task.task_id
        assert task.max_retry_delay <= timedelta(minutes=30), task.task_id
        assert task.execution_timeout, task.task_id


@pytest.mark.parametrize("dag", DAGS, ids=_by_id)
def test_every_wait_is_deferrable(dag: Any) -> None:
    waits = [
        task
        for task in dag.tasks
        if isinstance(task, SourceObjectSensor | StatementOperator | IngestDataSetOperator)
    ]

    assert waits
    assert all(task.deferrable for task in waits)


@pytest.mark.parametrize("dag", DAGS, ids=_by_id)
def test_a_task_that_runs_a_statement_is_named_like_its_file(dag: Any) -> None:
    for task in dag.tasks:
        if isinstance(task, StatementOperator):
            file = SQL_FOLDER / f"{task.task_id.rpartition('.')[2]}.sql"
            assert task.query == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("dag", LOADS, ids=_by_id)
def test_a_load_has_data_intervals_so_that_a_run_has_a_month(dag: Any) -> None:
    assert isinstance(dag.timetable, CronDataIntervalTimetable)


@pytest.mark.parametrize("dag", LOADS, ids=_by_id)
def test_a_load_asks_who_it_is_before_all_else(dag: Any) -> None:
    first = [task.task_id for task in dag.tasks if not task.upstream_task_ids]

    assert first == ["assume_role"]


@pytest.mark.parametrize("dag", LOADS, ids=_by_id)
def test_the_stages_of_a_table_follow_each_other(dag: Any) -> None:
    for group in dag.task_group.children.values():
        if hasattr(group, "children"):
            names = [task.task_id.rpartition(".")[2] for task in group.topological_sort()]
            assert names == [
                "wait_for_source_object",
                "inspect_source",
                "add_partition",
                "check_row_count",
                "ingest_data_set",
            ]
