"""A mistake in one account's entry is an import error, and takes no other account's Dag away."""

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
