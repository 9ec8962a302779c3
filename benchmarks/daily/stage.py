"""What the three ways stand on: one local AWS, the estate in it, and an Airflow each for Sightline and for stock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.daily.floor import Floor
from demo import airflow
from demo.cloud import start_cloud
from demo.estate import Estate
from demo.home import Home, State
from demo.stage import aws_environment, stop_stage
from sightline.connections import airflow_connections
from sightline.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.airflow_api import AirflowApi
    from demo.cloud import Cloud
    from demo.progress import Progress
    from sightline.settings import Settings, WorkloadAccount

HERE = Path(__file__).parent
ACCOUNTS = HERE / "accounts.yaml"
STOCK_DAGS = HERE / "dags"


class BenchmarkError(Exception):
    """A run failed, or what it made is not what the files hold: its time means nothing."""


@dataclass(frozen=True)
class Stage:
    """What is up."""

    estate: Estate
    sightline: AirflowApi
    stock: AirflowApi

    @property
    def cloud(self) -> Cloud:
        """The local AWS."""
        return self.estate.cloud

    @property
    def settings(self) -> Settings:
        """The three accounts."""
        return self.estate.settings

    def account(self, way: str) -> WorkloadAccount:
        """The account that a way loads: it has the way's name."""
        return self.settings.account(way)


def start(folder: Path, progress: Progress) -> Stage:
    """Start all of it in `folder`. `stop` ends what was started, even when this raises."""
    settings, homes = load_settings(ACCOUNTS), _homes(folder)
    states = [State(marker=home.marker) for home in homes]
    for home in homes:
        home.create()
    cloud = start_cloud(homes[0], states[0], airflow.clean_environment())
    estate = Estate(cloud, settings)
    estate.build()
    aws = aws_environment(cloud.endpoint, estate.make_access_key(), settings.analytics.region)
    connections = airflow_connections(settings)
    progress.say(f"The local AWS answers at {cloud.endpoint}; two Airflows start (about 45 s) …")
    sightline = airflow.start_airflow(homes[0], states[0], aws, connections, ACCOUNTS)
    stock = airflow.start_airflow(homes[1], states[1], {**aws, **_stock(folder)}, connections, None)
    airflow.wait_for_dags(sightline, {"provision", "load_sightline"})
    airflow.wait_for_dags(stock, {"load_stock"})
    stage = Stage(estate, sightline, stock)
    _provision(stage)
    progress.say("Both Airflows are healthy, and the accounts are provisioned")
    return stage


def stop(folder: Path) -> None:
    """End every process that was started in the folder."""
    for home in reversed(_homes(folder)):
        stop_stage(home, grace_seconds=3)


def make_floor(estate: Estate, account: WorkloadAccount) -> Floor:
    """The floor on an account: it reads the source as the bucket's owner, and does the rest as the pipeline role."""
    table = account.tables[0]
    return Floor(
        source=estate.admin("s3", account),
        athena=estate.as_pipeline("athena"),
        quicksight=estate.as_pipeline("quicksight"),
        bucket=table.bucket,
        workgroup=account.workgroup,
        table=f"{account.database}.{table.name}",
        analytics_id=estate.settings.analytics.account_id,
        data_set_id=table.quicksight.data_set_id,
    )


def _homes(folder: Path) -> tuple[Home, Home]:
    return Home(folder / "sightline"), Home(folder / "stock")


def _stock(folder: Path) -> Mapping[str, str]:
    """Settings that differ: the Dags are the stock ones, and no plugin of ours prepares its workers."""
    plugins = folder / "no_plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    return {
        "AIRFLOW__CORE__DAGS_FOLDER": str(STOCK_DAGS),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
    }


def _provision(stage: Stage) -> None:
    run = stage.sightline.trigger("provision", wait=True)
    if run.state != "success":
        logs = [stage.sightline.log(run, task.task_id) for task in run.failed_tasks()]
        raise BenchmarkError("\n".join(["provision failed", *logs]))
