"""What parsing dags/load.py costs: it is done anew for every task, in the worker that runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

ROOT = Path(__file__).parents[2]
LOAD = ROOT / "dags" / "load.py"
# Ours, and what takes long to import. (Airflow itself asks the providers for what they know of assets.)
HEAVY = ("sightline", "pyarrow", "pydantic", "boto3", "botocore")
LOCAL_AWS = ("moto", "duckdb", "sqlglot")


def test_a_worker_builds_only_the_dag_whose_task_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    # As Airflow's task runner sets it before it parses.
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "load_account2")

    bag = DagBag(str(LOAD))

    assert list(bag.dags) == ["load_account2"]


def test_the_dag_processor_builds_all_of_them() -> None:
    assert set(DagBag(str(LOAD)).dags) == {"load_account1", "load_account2"}


@pytest.mark.parametrize("dag_file", ["load", "provision"])
def test_parsing_imports_nothing_heavy_that_the_plugin_has_not_brought_already(dag_file: str) -> None:
    # As Airflow's processes do: the plugin first, once; what they fork then parses.
    code = (
        "import sys, sightline_plugin\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        "before = set(sys.modules)\n"
        f"assert DagBag({str(ROOT / 'dags' / f'{dag_file}.py')!r}).dags\n"
        "print('imported:', *sorted(set(sys.modules) - before)); print('before:', *before)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT / "plugins"
    )

    [imported] = re.findall("^imported:(.*)", done.stdout, re.MULTILINE)
    [before] = re.findall("^before:(.*)", done.stdout, re.MULTILINE)
    assert [name for name in imported.split() if f"{name}.".startswith(tuple(f"{h}." for h in HEAVY))] == []
    assert not set(LOCAL_AWS) & set((imported + before).split())


def test_the_month_is_a_parameter_of_each_load_with_its_form() -> None:
    for dag in DagBag(str(LOAD)).dags.values():
        month = dag.params.get_param("month")

        assert (month.value, month.schema["type"]) == (None, ["null", "string"])
        assert month.schema["pattern"]
