"""Rounds under a real scheduler tell a load that was struck from one that was not, and judge what runs beside it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from demo.airflow_api import Run, Task
from sightline.settings import WorkloadAccount, load_settings
from tests.faults import scheduler_services, scheduler_strikes, scheduler_waits
from tests.faults.scheduler_draws import Draws
from tests.faults.scheduler_files import Files
from tests.faults.scheduler_rounds import Round, Trial
from tests.faults.scheduler_services import at_once, note_what_is_struck
from tests.faults.scheduler_stage import settings_document
from tests.faults.scheduler_strikes import redelivered, strike_each
from tests.faults.scheduler_verdicts import Verdicts
from tests.faults.scheduler_waits import while_waiting

LOG = "the workgroup is not there"


class Airflow:
    """An Airflow in which every load stands as the test says: `active` by Dag, and `states` of runs by Dag."""

    def __init__(self) -> None:
        self.active: dict[str, Task] = {}
        self.states: dict[str, str] = {}

    def trigger(self, dag_id: str, **_: Any) -> Run:
        return Run(dag_id, "run", "queued", {})

    def run(self, dag_id: str, run_id: str) -> Run:
        task = Task("create_workgroup", self.run_state(dag_id), 1)
        return Run(dag_id, run_id, self.run_state(dag_id), {task.task_id: task})

    def run_state(self, dag_id: str, _: str = "") -> str:
        return self.states.get(dag_id, "success")

    def active_tasks(self) -> list[Task]:
        return list(self.active.values())

    def log(self, *_: Any) -> str:
        return LOG

    def shows(self, trial: Trial, state: str) -> None:
        """Let a load be in its first task."""
        self.active[trial.dag_id] = Task("load.assume_role", state, 1, dag_id=trial.dag_id)
        self.states[trial.dag_id] = "running"


@pytest.fixture
def accounts(tmp_path: Path) -> Any:
    """Three accounts."""
    file = tmp_path / "accounts.yaml"
    file.write_text(yaml.safe_dump(settings_document(range(3)), sort_keys=False), encoding="utf-8")
    return load_settings(file).workload_accounts


@pytest.fixture
def round_(accounts: Any) -> Round:
    """A round of these accounts, whose loads have all ended well unless a test says otherwise; nothing is wrong."""
    written: dict[tuple[str, str], bytes] = {}

    def put(account: WorkloadAccount, month: str, body: bytes) -> None:
        written[account.name, month] = body

    cloud = SimpleNamespace(set_options=lambda **_: None, endpoint="")
    estate = SimpleNamespace(put_source=put, settings=None)
    stage: Any = SimpleNamespace(
        api=Airflow(), stage=SimpleNamespace(cloud=cloud, estate=estate, evidence=None), written=written
    )
    return Round(stage, accounts, Files(stage.stage.estate), Draws("1", 0), Verdicts(lambda _: []))


def begun(round_: Round) -> list[Trial]:
    return round_.begin({}, ["any"] * len(round_.accounts))


def test_the_end_of_a_service_strikes_a_load_between_its_tasks_but_none_that_is_over(round_: Round) -> None:
    trials, airflow = begun(round_), round_.api
    airflow.shows(trials[0], "running")
    airflow.states[trials[1].dag_id] = "running"

    note_what_is_struck(round_, trials)

    assert [trial.met for trial in trials] == ["assume_role running", "between tasks", "over before"]
    assert [trial.is_struck for trial in trials] == [True, True, False]


def test_a_load_whose_time_has_not_come_was_not_reached_and_one_that_has_ended_was_over_before(
    round_: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody waits five minutes for a load that does not move.
    monkeypatch.setattr(scheduler_strikes, "REACH_SECONDS", 0)
    trials = begun(round_)
    round_.api.shows(trials[0], "running")
    monkeypatch.setattr(scheduler_strikes.Aim, "is_due", lambda *_: False)

    strike_each(round_, trials, lambda *_: True)

    assert [trial.met for trial in trials] == ["not reached", "over before", "over before"]


def test_a_load_that_never_comes_to_wait_for_what_never_ends_is_a_violation(
    round_: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler_waits, "REACH_SECONDS", 0)
    monkeypatch.setattr(scheduler_waits, "TAKEN_UP_SECONDS", 0)
    monkeypatch.setattr(Round, "work", lambda *_: [])

    trials = while_waiting(round_)

    assert [trial.met for trial in trials] == ["over before"] * 3
    assert [trial.problems for trial in trials] == [
        ["it was not struck while it waited in add_partition: over before"]
    ] * 3


def test_a_file_is_written_again_after_a_load_that_was_over_before_it_too(round_: Round) -> None:
    trials = redelivered(round_)

    first = {(account.name, "2022-01") for account in round_.accounts}
    after = dict(round_.stage.written)
    for account in round_.accounts:
        round_.files.redeliver(account, round_.draws)
    assert [trial.met for trial in trials] == ["over before"] * 3
    assert after.keys() == first
    assert after == round_.stage.written


@pytest.mark.parametrize(
    ("state", "problems"),
    [
        ("success", []),
        ("failed", [f"provision beside the loads has ended as failed: {LOG}"]),
        ("running", ["the end of provision beside the loads: not so after 0 s"]),
    ],
)
def test_provision_beside_two_loads_must_end_well(
    round_: Round, monkeypatch: pytest.MonkeyPatch, state: str, problems: list[str]
) -> None:
    monkeypatch.setattr(scheduler_services, "PROVISIONED_TOO", 1)
    monkeypatch.setattr(scheduler_services, "RUN_SECONDS", 0)
    round_.api.states["provision"] = state

    trials = at_once(round_)

    assert [problem for trial in trials for problem in trial.problems] == problems
