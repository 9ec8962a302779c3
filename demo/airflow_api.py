"""Airflow's REST interface, as far as the demo and the end-to-end tests use it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx

from demo.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

FINAL_RUN_STATES = frozenset({"success", "failed"})
LOOK_SECONDS = 0.25
ANSWER_SECONDS = 120


class AirflowApiError(Exception):
    """Airflow answered a request with an error."""


@dataclass(frozen=True)
class Task:
    """How a task instance stands."""

    task_id: str
    state: str | None
    try_number: int
    map_index: int = -1
    dag_id: str = ""
    run_id: str = ""
    # What the processes that run it carry in their titles; each try has another one.
    instance_id: str = ""

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> Task:
        """Wrap a task instance as Airflow answers it."""
        names = ("task_id", "state", "try_number", "map_index", "dag_id", "dag_run_id", "id")
        return cls(*(answer[name] for name in names))

    @property
    def is_failure(self) -> bool:
        """Whether it failed, by itself or for a task before it."""
        return self.state in {"failed", "upstream_failed"}


@dataclass(frozen=True)
class Run:
    """How a Dag run stands, with its tasks by id (a mapped task's last instance)."""

    dag_id: str
    run_id: str
    state: str
    tasks: dict[str, Task]

    @property
    def is_final(self) -> bool:
        """Whether the scheduler is done with it."""
        return self.state in FINAL_RUN_STATES

    @property
    def states(self) -> dict[str, str | None]:
        """Task id to state."""
        return {task_id: task.state for task_id, task in self.tasks.items()}

    def failed_tasks(self) -> list[Task]:
        """The tasks that failed by themselves."""
        return [task for task in self.tasks.values() if task.state == "failed"]


class AirflowApi:
    """One Airflow, spoken to as one user."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url, self.user, self._password = url, user, password
        # On a busy machine an answer may take long.
        self._http = httpx.Client(base_url=url, timeout=ANSWER_SECONDS, trust_env=False)
        self._token = ""

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Call `/api/v2/<path>` and return the JSON. Raises AirflowApiError with Airflow's own words."""
        answer = self._send(method, path, **options)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._log_in()
            answer = self._send(method, path, **options)
        if answer.is_error:
            raise AirflowApiError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        if not self._token:
            self._log_in()
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        return self._http.request(method, f"/api/v2/{path}", headers=headers, **options)

    def _log_in(self) -> None:
        answer = self._http.post("/auth/token", json={"username": self.user, "password": self._password})
        answer.raise_for_status()
        self._token = answer.json()["access_token"]

    def unhealthy(self) -> list[str]:
        """The components that are not healthy; all of them while nothing answers."""
        try:
            answer = self._http.get("/api/v2/monitor/health")
            answer.raise_for_status()
        except httpx.HTTPError:
            return ["api-server"]
        return [name for name, component in answer.json().items() if component.get("status") != "healthy"]

    def dag_ids(self) -> set[str]:
        """The Dags that Airflow has read and holds active."""
        return {dag["dag_id"] for dag in self.request("GET", "dags", params={"limit": 500})["dags"]}

    def import_errors(self, since: datetime | None = None) -> dict[str, str]:
        """File name to what went wrong in it; `since`: only of files that were parsed no earlier."""
        errors = self.request("GET", "importErrors")["import_errors"]
        return {
            error["filename"]: error["stack_trace"]
            for error in errors
            if since is None or datetime.fromisoformat(error["timestamp"]) >= since
        }

    def trigger(
        self,
        dag_id: str,
        *,
        month: str | None = None,
        wait: bool = False,
        timeout_seconds: float = 180,
        run_id: str | None = None,
        **conf: Any,
    ) -> Run:
        """Start a manual run; `month` and further keywords are its parameters. `wait`: until it has ended."""
        parameters = {**conf, "month": month} if month else conf
        body = {"logical_date": None, "dag_run_id": run_id, "conf": parameters}
        run_id = self.request("POST", f"dags/{dag_id}/dagRuns", json=body)["dag_run_id"]
        return (
            self.wait(dag_id, run_id, timeout_seconds=timeout_seconds) if wait else self.run(dag_id, run_id)
        )

    def run(self, dag_id: str, run_id: str) -> Run:
        """How a run stands now."""
        path = f"dags/{dag_id}/dagRuns/{run_id}"
        state = self.request("GET", path)["state"]
        instances = self.request("GET", f"{path}/taskInstances", params={"limit": 500})["task_instances"]
        tasks = [Task.from_answer(each) for each in instances]
        return Run(dag_id, run_id, state, {task.task_id: task for task in tasks})

    def running(self, dag_id: str) -> list[Run]:
        """The Dag's runs that the scheduler has started and is not done with."""
        found = self.request("GET", f"dags/{dag_id}/dagRuns", params={"state": "running"})["dag_runs"]
        return [self.run(dag_id, each["dag_run_id"]) for each in found]

    def active_tasks(self) -> list[Task]:
        """All task instances, of whatever run, that run or are deferred now."""
        filters = {"state": ["running", "deferred"], "limit": 500}
        answer = self.request("GET", "dags/~/dagRuns/~/taskInstances", params=filters)
        return [Task.from_answer(each) for each in answer["task_instances"]]

    def run_state(self, dag_id: str, run_id: str) -> str:
        """How a run stands now, without its tasks."""
        state: str = self.request("GET", f"dags/{dag_id}/dagRuns/{run_id}")["state"]
        return state

    def wait(self, dag_id: str, run_id: str, *, timeout_seconds: float = 180) -> Run:
        """Wait until a run has ended, well or not. Raises WaitTimeoutError."""

        def look() -> Run | None:
            run = self.run(dag_id, run_id)
            return run if run.is_final else None

        what = f"the end of {dag_id} / {run_id}"
        return wait_until(look, what=what, timeout_seconds=timeout_seconds, poll_seconds=LOOK_SECONDS)

    def wait_for_task(self, run: Run, task_id: str, *states: str, timeout_seconds: float = 120) -> Task:
        """Wait until a task is in one of these states, such as deferred. Raises WaitTimeoutError."""

        def look() -> Task | None:
            task = self.run(run.dag_id, run.run_id).tasks.get(task_id)
            return task if task and task.state in states else None

        what = f"{run.dag_id}.{task_id} in {' or '.join(states)}"
        return wait_until(look, what=what, timeout_seconds=timeout_seconds, poll_seconds=LOOK_SECONDS)

    def log(self, run: Run, task_id: str, *, try_number: int | None = None, map_index: int = -1) -> str:
        """What a task printed in its last (or the given) try, a line an event, tracebacks included."""
        number = try_number or run.tasks[task_id].try_number
        path = f"dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task_id}/logs/{number}"
        answer = self.request("GET", path, params={"map_index": map_index, "full_content": True})
        return "\n".join(_log_line(event) for event in answer["content"])

    def xcom(self, run: Run, task_id: str, key: str = "return_value") -> Any:
        """A value that a task left."""
        path = f"dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task_id}/xcomEntries/{key}"
        return self.request("GET", path, params={"deserialize": "false"})["value"]

    def mark(self, run: Run, task_id: str, state: str) -> None:
        """Set a task to success or failed, as a person does in the UI; a running one is ended."""
        path = f"dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task_id}"
        self.request("PATCH", path, json={"new_state": state})

    def clear(self, run: Run, *task_ids: str, downstream: bool = True) -> None:
        """Let tasks of a run (all without names) run again, with what follows them."""
        body = {
            "dry_run": False,
            "dag_run_id": run.run_id,
            "task_ids": list(task_ids) or None,
            "only_failed": False,
            "include_downstream": downstream,
            "reset_dag_runs": True,
        }
        self.request("POST", f"dags/{run.dag_id}/clearTaskInstances", json=body)

    def asset_events(self, run: Run) -> list[dict[str, Any]]:
        """The asset events of a run, with their extra figures."""
        path = "assets/events"
        filters = {"source_dag_id": run.dag_id, "source_run_id": run.run_id}
        events: list[dict[str, Any]] = self.request("GET", path, params=filters)["asset_events"]
        return events

    def pause(self, dag_id: str, is_paused: bool) -> None:
        """Stop or let go the starting of runs."""
        self.request("PATCH", f"dags/{dag_id}", json={"is_paused": is_paused})


def _log_line(event: Any) -> str:
    if not isinstance(event, dict):
        return str(event)
    errors = [f"{error['exc_type']}: {error['exc_value']}" for error in event.get("error_detail") or ()]
    return "\n".join([str(event.get("event", "")), *errors])
