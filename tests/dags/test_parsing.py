"""What parsing dags/load.py costs: it is done anew for every task, in the worker that runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

ROOT = Path(__file__).parents[2]
LOAD = ROOT / "dags" / "load.py"
# Arrow reads files, moto and DuckDB are the local AWS, the others are provision's: a load's Dag needs none to be built.
NOT_NEEDED = ("pyarrow", "moto", "duckdb", "sightline.dag_factory.provision", "sightline.operators.provision")


def test_a_worker_builds_only_the_dag_whose_task_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    # As Airflow's task runner sets it before it parses.
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "load_account2")

    bag = DagBag(str(LOAD))

    assert list(bag.dags) == ["load_account2"]


def test_the_dag_processor_builds_all_of_them() -> None:
    assert set(DagBag(str(LOAD)).dags) == {"load_account1", "load_account2"}


def test_parsing_a_load_imports_nothing_that_only_running_it_needs() -> None:
    code = (
        "import sys\n"
        "from sightline.dag_factory.load import build_load_dags\n"
        "from sightline.settings import load_settings\n"
        "build_load_dags(load_settings()); print(' '.join(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT / "plugins"
    )

    assert not set(NOT_NEEDED) & set(done.stdout.split())


def test_the_month_is_a_parameter_of_each_load_with_its_form() -> None:
    for dag in DagBag(str(LOAD)).dags.values():
        month = dag.params.get_param("month")

        assert (month.value, month.schema["type"]) == (None, ["null", "string"])
        assert month.schema["pattern"]
