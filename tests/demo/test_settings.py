"""The demo and accounts.yaml: mistakes end it before anything starts, new accounts need a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from demo import __main__ as demo
from demo.estate import Estate
from demo.home import Home, State
from demo.stage import Stage, StageOutdatedError
from sightline.connections import airflow_connections
from sightline.settings import SettingsError, load_settings
from tests.support.settings_files import accounts, settings_file

NOBODY: Any = None


def test_a_mistake_in_the_settings_ends_the_demo_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = settings_file(tmp_path, accounts("one", "two").replace("one_data", "One"))
    monkeypatch.setenv("SIGHTLINE_ACCOUNTS", str(file))
    home = Home(tmp_path / "home")

    with pytest.raises(SettingsError, match=r"workload_accounts\[one\]\.database"):
        demo.up(home)

    assert not home.folder.exists()


def test_an_account_that_the_demo_was_not_started_with_is_named() -> None:
    settings = load_settings()
    stage = Stage(State(marker="none"), Estate(NOBODY, settings), NOBODY)
    stage.state.connections = airflow_connections(settings)

    stage.require_current()

    del stage.state.connections["aws_account2"]
    with pytest.raises(StageOutdatedError, match=r"aws_account2 in .* is new or changed.*make stop"):
        stage.require_current()
