"""A mistake in accounts.yaml is one import error; in one account's entry it takes no other account's Dag away."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

ROOT = Path(__file__).parents[2]


def test_a_broken_entry_leaves_the_other_accounts_dags_and_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = (ROOT / "include" / "accounts.yaml").read_text(encoding="utf-8")
    broken = tmp_path / "accounts.yaml"
    broken.write_text(
        shipped.replace("workgroup: workgroup-account2", "workgruop: workgroup-account2"), encoding="utf-8"
    )
    monkeypatch.setenv("SIGHTLINE_ACCOUNTS", str(broken))

    bag = DagBag(str(ROOT / "dags"))

    assert sorted(bag.dags) == ["load_account1", "provision"]
    (message,) = bag.import_errors.values()
    assert f"{broken}:" in message
    assert "workgruop" in message
    assert 'Did you mean "workgroup"?' in message


@pytest.fixture
def useless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file of which nothing can be used."""
    file = tmp_path / "accounts.yaml"
    file.write_text("analytics: {}\nworkload_acounts: []\n", encoding="utf-8")
    monkeypatch.setenv("SIGHTLINE_ACCOUNTS", str(file))
    return file


def test_a_mistake_of_the_whole_file_is_told_once(useless: Path) -> None:
    bag = DagBag(str(ROOT / "dags"))

    assert not bag.dags
    assert [Path(file).name for file in bag.import_errors] == ["settings_errors.py"]
    (message,) = bag.import_errors.values()
    assert f"{useless}:2: workload_acounts: is not a section" in message


def test_a_task_that_meets_it_says_so_instead_of_missing_its_dag(
    useless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "load_account1")

    bag = DagBag(str(ROOT / "dags" / "load.py"))

    (message,) = bag.import_errors.values()
    assert f"{useless}:2: workload_acounts: is not a section" in message
