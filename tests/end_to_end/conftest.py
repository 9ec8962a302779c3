"""The whole way: a local AWS with the estate in it and a real Airflow, spoken to over HTTP only.

They take about half a minute to start and all tests share them. A scenario that changes files, grants or tables
needs an account of its own: put it into accounts.yaml beside this file. While there is none, the shipped accounts are
used.
What every test may use:

    airflow     AirflowApi: trigger("load_account1", month="2024-01", wait=True) -> Run, log, mark, clear, xcom
    estate      Estate: settings, admin("s3", account) clients, put_source(account, month, body)
    evidence    Evidence: records, query, spice_rows, ingestions, ledger_lines, partitions
    cloud       Cloud: calls(), reset_calls(), set_options(latency="aws", …)
    make_stage  another local AWS with another Airflow, for a test that must change what all others stand on
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.airflow_api import AirflowApi
from demo.cloud import Cloud
from demo.estate import Estate
from demo.evidence import Evidence
from demo.home import Home
from demo.progress import Progress
from demo.stage import Stage, start_stage, stop_stage

ACCOUNTS = Path(__file__).parent / "accounts.yaml"
MakeStage = Callable[..., Stage]


@pytest.fixture(scope="session")
def make_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeStage]:
    """Start a stage: make_stage(accounts_file=…, cloud_options=("--latency", "aws")). All end with the session."""
    homes: list[Home] = []

    def make(**options: object) -> Stage:
        homes.append(Home(tmp_path_factory.mktemp("stage") / "home"))
        return start_stage(homes[-1], Progress(), **options)

    yield make
    for home in homes:
        stop_stage(home, grace_seconds=3)


@pytest.fixture(scope="session")
def stage(make_stage: MakeStage) -> Stage:
    """The stage that all tests share."""
    return make_stage(accounts_file=ACCOUNTS if ACCOUNTS.exists() else None)


@pytest.fixture(scope="session")
def airflow(stage: Stage) -> AirflowApi:
    """The shared Airflow."""
    return stage.api


@pytest.fixture(scope="session")
def estate(stage: Stage) -> Estate:
    """The shared estate, as its owners see it."""
    return stage.estate


@pytest.fixture(scope="session")
def evidence(stage: Stage) -> Evidence:
    """What is really there."""
    return stage.evidence


@pytest.fixture(scope="session")
def cloud(stage: Stage) -> Cloud:
    """The shared local AWS."""
    return stage.cloud


@pytest.fixture(scope="session")
def provisioned(airflow: AirflowApi) -> None:
    """What the loads stand on, made by the Dag."""
    run = airflow.trigger("provision", wait=True)
    assert run.state == "success", [airflow.log(run, task.task_id) for task in run.failed_tasks()]
