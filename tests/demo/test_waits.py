"""What the demo says while it waits for Airflow: for what, and for how long an error is one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo import airflow
from demo.airflow_api import AirflowApi, Run, Task
from demo.processes import StartError
from demo.progress import Progress
from demo.story import Story

NOBODY: Any = None
BROKEN = {"filename": "load.py", "stack_trace": "SettingsError: 1 mistake in the settings"}


def parsed(when: datetime) -> dict[str, str]:
    """Airflow's answer about a file that could not be imported then."""
    return {**BROKEN, "timestamp": when.isoformat()}


class Answers(AirflowApi):
    """An Airflow that gives these import errors, look by look, and then none."""

    def __init__(self, *errors: list[dict[str, str]]) -> None:
        self.errors = list(errors)

    def request(self, method: str, path: str, **options: Any) -> Any:
        if path == "importErrors":
            return {"import_errors": self.errors.pop(0) if self.errors else []}
        return {"dags": [{"dag_id": "provision"}]}


def test_an_import_error_of_an_earlier_parse_is_waited_away() -> None:
    earlier = [parsed(datetime.now(UTC) - timedelta(seconds=8))]
    api = Answers(earlier, earlier)

    airflow.wait_for_dags(api, {"provision"})

    assert not api.errors


def test_an_import_error_of_a_parse_since_then_ends_the_wait() -> None:
    api = Answers([parsed(datetime.now(UTC) + timedelta(seconds=8))])

    with pytest.raises(StartError, match=r"load\.py cannot be imported"):
        airflow.wait_for_dags(api, {"provision"})


@dataclass
class OneAtATime:
    """An Airflow where the account's earlier run waits, and ends when it has been looked at this often."""

    looks: int
    url: str = "http://airflow"
    before: Run = field(
        default_factory=lambda: Run(
            "load_account1",
            "nightly",
            "running",
            {
                "assume_role": Task("assume_role", "success", 1),
                "wait_for_source_object": Task("wait_for_source_object", "deferred", 1),
            },
        )
    )

    def run(self, dag_id: str, run_id: str) -> Run:
        return Run(dag_id, run_id, "queued" if self.looks else "success", {})

    def running(self, dag_id: str) -> list[Run]:
        self.looks -= 1
        return [replace(self.before, dag_id=dag_id)]


def test_a_run_that_is_queued_behind_another_says_behind_which_and_what_that_waits_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    api: Any = OneAtATime(looks=2)
    story = Story(api, NOBODY, Progress(), is_fresh=True, proved={})

    story._follow([Run("load_account1", "ours", "queued", {})])

    (said,) = capsys.readouterr().out.splitlines()
    assert "load_account1: queued behind nightly, which is at wait_for_source_object." in said
    assert "http://airflow/dags/load_account1/runs/nightly" in said
