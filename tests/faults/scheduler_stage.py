"""A stage for trials through a real scheduler: many accounts, an Airflow that notices a kill in seconds, its processes.

What an init system would do is done here: what was killed is started again, in its own environment.
"""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml

from demo import airflow
from demo.home import Home
from demo.processes import members
from demo.progress import Progress
from demo.stage import Stage, start_stage, stop_stage
from demo.waiting import wait_until
from sightline.settings import WorkloadAccount
from tests.faults.scheduler_api import PatientApi

# As shipped, except that two runs of one load may run at once.
DAGS = Path(__file__).parent / "dags"
# Airflow's own waits, all a minute or five by default: a trial would only wait longer for the same to happen.
QUICK_TO_NOTICE = {
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": 20,
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": 2,
    "SCHEDULER__JOB_HEARTBEAT_SEC": 1,
    "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": 1,
    "SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": 8,
    "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": 3,
    "TRIGGERER__JOB_HEARTBEAT_SEC": 1,
    "TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": 8,
    "WORKERS__MIN_HEARTBEAT_INTERVAL": 2,
}
# The Dags do not change while trials run: reading them again and again would take a fifth of the machine.
READ_ONCE = {"DAG_PROCESSOR__REFRESH_INTERVAL": 3600, "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": 3600}
# As much of a task instance's id as tells it from all others.
SHORTEST_ID = 20
# After how many seconds a statement or an ingestion is deferred, account by account: some are never, some at once.
DEFERRALS = (3600, 0, 3600, 1)
COLUMNS = {
    "date": "DATE",
    "product": "STRING",
    "quantity": "INT",
    "unit_price": "DECIMAL(10,2)",
    "total_sales": "DECIMAL(10,2)",
}


def settings_document(numbers: Iterable[int]) -> dict[str, Any]:
    """An account a number, each with ids and names of its own."""
    return {
        "analytics": {"account_id": "333333333333", "region": "ap-northeast-1"},
        "workload_accounts": [_account(number) for number in numbers],
    }


def _account(number: int) -> dict[str, Any]:
    name, account_id = f"k{number:03}", f"{444400000000 + number}"
    table = {
        "name": "sales",
        "bucket": f"source-{name}-{account_id}",
        "prefix": "data/sales/",
        "objects": "year={year}/month={month}/sales_data_{year}_{month}.csv",
        "columns": dict(COLUMNS),  # a copy each: the settings refuse the aliases that YAML makes of one
        "poll_seconds": 1,
        "defer_after_seconds": DEFERRALS[number % len(DEFERRALS)],
    }
    return {
        "name": name,
        "account_id": account_id,
        "external_id": f"sightline-{name}",
        "workgroup": f"workgroup-{name}",
        "results_location": f"s3://results-{name}-333333333333/",
        "database": f"{name}_data",
        "retries": 3,
        "retry_delay_seconds": 5,
        "tables": [table],
    }


class BrokenRoundError(Exception):
    """What a round stands on is not there."""


@dataclass(frozen=True)
class TrialStage:
    """What is up, with the processes that may be killed."""

    stage: Stage
    home: Home
    api: PatientApi

    @property
    def accounts(self) -> Sequence[WorkloadAccount]:
        """The workload accounts, in their order."""
        return self.stage.estate.settings.workload_accounts

    def provision(self, accounts: Sequence[WorkloadAccount]) -> None:
        """Run the Dag provision for these accounts only; what fails under load is run once more.

        Raises BrokenRoundError with the logs of the tasks that failed.
        """
        names = [account.name for account in accounts]
        for _ in range(2):
            run = self.api.trigger("provision", accounts=names, wait=True, timeout_seconds=300)
            if run.state == "success":
                return
        logs = [self.api.log(run, task.task_id)[-1500:] for task in run.failed_tasks()]
        raise BrokenRoundError(f"provision has failed: {' '.join(logs)}")

    def worker(self, instance_id: str) -> psutil.Process | None:
        """The worker of LocalExecutor that supervises a task instance."""
        return _titled(instance_id, "LocalExecutor: ")

    def task(self, instance_id: str) -> psutil.Process | None:
        """The process in which a task instance's own code runs."""
        return _titled(instance_id, "airflow worker -- ")

    def kill_service(self, name: str, number: signal.Signals, *, with_children: bool) -> None:
        """Signal a service, alone or with all that it has started, and wait until it is gone."""
        service = self._service(name)
        leader = psutil.Process(service.pid)
        doomed = [leader, *(leader.children(recursive=True) if with_children else ())]
        for process in doomed:
            send(process, number)
        wait_until(lambda: not _lives(leader), what=f"the end of {name}", timeout_seconds=60)

    def restart(self, name: str) -> None:
        """Start a service that has ended, as an init system does."""
        # The secrets are in the environment of those that run, and nowhere else.
        environment = psutil.Process(self._service("api-server").pid).environ()
        airflow.start_process(name, self.home, self.stage.state, environment)

    def _service(self, name: str) -> Any:
        return next(service for service in self.stage.state.services if service.name == name)

    def processes(self) -> list[psutil.Process]:
        """Every process of the stage."""
        return members(self.stage.state.services, self.home.marker)


def send(process: psutil.Process | None, number: signal.Signals) -> bool:
    """Signal a process; False if it is gone."""
    try:
        if process is None:
            return False
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return False
    return True


def _lives(process: psutil.Process) -> bool:
    try:
        # A child of this process that has ended stays until its exit status is taken.
        process.wait(timeout=0.05)
    except psutil.TimeoutExpired:
        return process.is_running()
    except psutil.NoSuchProcess:
        return False
    return False


def _titled(instance_id: str, before: str) -> psutil.Process | None:
    """Find a process by its title, which ends with the instance, or with as much of it as the command has room for."""
    for process in psutil.process_iter():
        _, found, shown = _title(process).partition(before)
        if found and len(shown) >= SHORTEST_ID and instance_id.startswith(shown):
            return process
    return None


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()).rstrip()
    except psutil.Error:
        return ""


@contextmanager
def trial_stage(numbers: Iterable[int], kept: str = "") -> Iterator[TrialStage]:
    """Start a stage with these accounts, and end all of it afterwards; its logs stay in `kept`, if that is given."""
    with tempfile.TemporaryDirectory(prefix="sightline-trials-") as temporary:
        folder = kept or temporary
        home, file = Home(Path(folder) / "home"), Path(folder) / "accounts.yaml"
        file.write_text(yaml.safe_dump(settings_document(numbers), sort_keys=False), encoding="utf-8")
        settings = {**QUICK_TO_NOTICE, **READ_ONCE, "CORE__DAGS_FOLDER": DAGS}
        try:
            stage = start_stage(home, Progress(), accounts_file=file, airflow_settings=settings)
            state = stage.state
            yield TrialStage(stage, home, PatientApi(state.airflow_url, state.user, state.password))
        finally:
            stop_stage(home, grace_seconds=3)
