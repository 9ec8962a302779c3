"""Everything that a demo or an end-to-end test stands on: a local AWS, the estate in it, and an Airflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo import airflow, processes
from demo.cloud import Cloud, start_cloud
from demo.estate import AccessKey, Estate
from demo.evidence import Evidence
from demo.home import Home, State
from sightline.connections import airflow_connections
from sightline.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from demo.airflow_api import AirflowApi
    from demo.progress import Progress


class StageOutdatedError(Exception):
    """What is up was started with other accounts than accounts.yaml has now; the text says what to do."""


@dataclass(frozen=True)
class Stage:
    """What is up, and how to use it."""

    state: State
    estate: Estate
    api: AirflowApi

    @property
    def cloud(self) -> Cloud:
        """The local AWS."""
        return self.estate.cloud

    @property
    def evidence(self) -> Evidence:
        """A look at what is really there."""
        return Evidence(self.estate)

    def require_current(self) -> None:
        """Raise StageOutdatedError if accounts were added or changed: a running Airflow has no connections to them."""
        current = airflow_connections(self.estate.settings).items()
        news = [name for name, connection in current if self.state.connections.get(name) != connection]
        if news:
            raise StageOutdatedError(
                f"The demo that is up was started with other accounts: {', '.join(news)} in accounts.yaml is new or "
                "changed. Build it anew with them: make stop && make demo"
            )


def start_stage(
    home: Home,
    progress: Progress,
    *,
    accounts_file: Path | None = None,
    cloud_options: tuple[str, ...] = (),
    airflow_settings: Mapping[str, object] | None = None,
) -> Stage:
    """Start all of it in a new folder, from the shipped settings or another file.

    What has been started is recorded as it starts, so that `stop_stage` ends it even when this raises.
    """
    settings = load_settings(accounts_file)
    home.create()
    state = State(marker=home.marker)
    cloud = start_cloud(home, state, airflow.clean_environment(), options=cloud_options)
    progress.say(f"The local AWS answers at {cloud.endpoint}")
    estate = Estate(cloud, settings)
    estate.build()
    estate.put_shipped_sources()
    progress.say(f"The estate stands: {_names(settings)}")
    aws = aws_environment(state.endpoint, estate.make_access_key(), settings.analytics.region)
    progress.say("Airflow starts (about 20 s) …")
    state.connections = airflow_connections(settings)
    api = airflow.start_airflow(home, state, aws, state.connections, accounts_file, airflow_settings)
    stage = Stage(state, estate, api)
    _wait_for_dags(stage)
    progress.say(f"Airflow is healthy at {state.airflow_url}, and has read the Dags")
    return stage


def make_ready(stage: Stage) -> None:
    """Mend the estate of a stage that is up, and wait for the Dags as they are now."""
    stage.estate.build()
    stage.estate.put_shipped_sources()
    _wait_for_dags(stage)


def _wait_for_dags(stage: Stage) -> None:
    loads = {f"load_{account.name}" for account in stage.estate.settings.workload_accounts}
    airflow.wait_for_dags(stage.api, {"provision", *loads})


def find_stage(home: Home) -> Stage | None:
    """The demo that is up and well, or None. What is left of one that is not is the caller's to end."""
    state = home.load()
    if state is None or not state.is_alive():
        return None
    stage = Stage(state, Estate(Cloud(state.endpoint), load_settings()), airflow.connect(state))
    return stage if stage.cloud.is_healthy() and not stage.api.unhealthy() else None


def stop_stage(home: Home, *, grace_seconds: float = 8.0) -> int:
    """End every process that was recorded or carries the folder's marker. Returns how many there were."""
    state = home.load()
    services = state.services if state else []
    ended = processes.stop(services, home.marker, grace_seconds=grace_seconds)
    home.forget()
    return ended


def aws_environment(endpoint: str, key: AccessKey, region: str) -> dict[str, str]:
    """What Airflow's AWS clients work with: endpoint, base credentials, nothing of the machine's."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


def _names(settings: Settings) -> str:
    return ", ".join(f"{account.name} ({account.account_id})" for account in settings.workload_accounts)
