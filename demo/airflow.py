"""A private Airflow on loopback ports: four processes, SQLite, LocalExecutor, a folder of its own."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from demo import ROOT
from demo.airflow_api import AirflowApi
from demo.processes import StartError, free_ports, start
from demo.waiting import WaitTimeoutError, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from demo.home import Home, State

PROCESSES: Mapping[str, tuple[str, ...]] = {
    "api-server": (),
    # The log servers listen on every interface and cannot be told otherwise. They are not needed: all four
    # processes see the folder of the logs.
    "scheduler": ("--skip-serve-logs",),
    "dag-processor": (),
    "triggerer": ("--skip-serve-logs",),
}
START_SECONDS = 120
PARSE_SECONDS = 60
# Nothing of these is taken from the caller: the demo must not depend on it, nor reach a real account by it. Python's
# are among them because without compiled files every task compiles anew what it imports.
FOREIGN = ("AIRFLOW", "AWS_", "PYTHON", "SIGHTLINE_")


def clean_environment() -> dict[str, str]:
    """The caller's environment without what could leak into the demo, and no proxy before this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {**kept, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


def settings_environment(home: Home, port: int, user: str) -> dict[str, str]:
    """Airflow's own settings for a demo; secrets are random and live in the environment only."""
    values = {
        "CORE__DAGS_FOLDER": ROOT / "dags",
        "CORE__PLUGINS_FOLDER": ROOT / "plugins",
        "CORE__LOAD_EXAMPLES": False,
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": 8,
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": False,
        "CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{user}:admin",
        "CORE__HOSTNAME_CALLABLE": "socket.gethostname",
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home.airflow}/airflow.db",
        "API__HOST": "127.0.0.1",
        "API__PORT": port,
        "API__WORKERS": 1,
        # Without it every task looks for the API server on port 8080, and fails.
        "API__BASE_URL": f"http://127.0.0.1:{port}",
        "API__SECRET_KEY": secrets.token_urlsafe(32),
        "API_AUTH__JWT_SECRET": secrets.token_urlsafe(32),
        # The default of 1 s is most of the time of a chain of short tasks.
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": 0.1,
        # Only what is asked for runs: the nightly run would wait for this month's file, which nobody sends.
        "SCHEDULER__USE_JOB_SCHEDULE": False,
        "DAG_PROCESSOR__REFRESH_INTERVAL": 5,
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": 10,
        "USAGE_DATA_COLLECTION__ENABLED": False,
    }
    return {f"AIRFLOW__{name}": str(value) for name, value in values.items()}


def start_airflow(
    home: Home,
    state: State,
    aws: Mapping[str, str],
    connections: Mapping[str, Any],
    accounts_file: Path | None,
    settings: Mapping[str, object] | None = None,
) -> AirflowApi:
    """Start the four processes, recorded in `state`, and wait until all are healthy.

    `aws` is the environment of the AWS clients (endpoint, base credentials); `connections` are Airflow's, by
    id; `settings` are Airflow's own, such as CORE__PARALLELISM, where they differ from the demo's.
    """
    port = free_ports(1)[0]
    state.airflow_url, state.password = f"http://127.0.0.1:{port}", secrets.token_urlsafe(12)
    environment = {
        **clean_environment(),
        "AIRFLOW_HOME": str(home.airflow),
        **settings_environment(home, port, state.user),
        **{f"AIRFLOW__{name}": str(value) for name, value in (settings or {}).items()},
        **{f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in connections.items()},
        **aws,
        **({"SIGHTLINE_ACCOUNTS": str(accounts_file)} if accounts_file else {}),
    }
    _write_password(home, state)
    _make_database(home, environment)
    for name in PROCESSES:
        start_process(name, home, state, environment)
    return _healthy_api(home, state)


def start_process(name: str, home: Home, state: State, environment: Mapping[str, str]) -> None:
    """Start one of the processes, or start it anew after its end, and record it in place of the one before."""
    command = [sys.executable, "-m", "airflow", name, *PROCESSES[name]]
    log = home.logs / f"{name}.log"
    service = start(name, command, environment=environment, marker=state.marker, log=log, folder=home.airflow)
    state.services = [*(each for each in state.services if each.name != name), service]
    home.save(state)


def connect(state: State) -> AirflowApi:
    """Speak to the Airflow of a demo that is up."""
    return AirflowApi(state.airflow_url, state.user, state.password)


def wait_for_dags(api: AirflowApi, expected: set[str]) -> None:
    """Wait until Airflow has read these Dags. Raises StartError with the import errors if there are any.

    An error of an earlier parse may be of a file that has been mended since: the next one decides.
    """
    began = datetime.now(UTC)

    def are_there() -> bool:
        if errors := api.import_errors(since=began):
            raise StartError("\n".join(_told(errors)))
        return not api.import_errors() and expected <= api.dag_ids()

    try:
        wait_until(are_there, what=f"the Dags {', '.join(sorted(expected))}", timeout_seconds=PARSE_SECONDS)
    except WaitTimeoutError as error:
        raise StartError("\n".join([str(error), *_told(api.import_errors())])) from error


def _told(import_errors: Mapping[str, str]) -> list[str]:
    return [f"{file} cannot be imported:\n{text}" for file, text in import_errors.items()]


def _write_password(home: Home, state: State) -> None:
    file = home.airflow / "simple_auth_manager_passwords.json.generated"
    file.touch(mode=0o600)
    file.write_text(json.dumps({state.user: state.password}))


def _make_database(home: Home, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    log = home.logs / "db-migrate.log"
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            env=dict(environment),
            cwd=home.airflow,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise StartError(f"airflow db migrate failed. Its output: {log}")


def _healthy_api(home: Home, state: State) -> AirflowApi:
    api = connect(state)

    def is_healthy() -> bool:
        for service in state.services:
            if not service.is_alive():
                raise StartError(
                    f"{service.name} ended while it started. Its log: {home.logs}/{service.name}.log"
                )
        return not api.unhealthy()

    wait_until(is_healthy, what=f"a healthy Airflow (logs: {home.logs})", timeout_seconds=START_SECONDS)
    return api
