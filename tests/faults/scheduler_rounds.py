"""A round of trials: deliver, load all accounts at once, strike, let the loads go on or load again, and judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from demo.airflow_api import FINAL_RUN_STATES, Run, Task
from demo.cloud import Cloud
from demo.waiting import WaitTimeoutError, wait_until
from sightline.settings import WorkloadAccount
from tests.faults.invariants import Scene, running
from tests.faults.scheduler_api import PatientApi
from tests.faults.scheduler_draws import Draws
from tests.faults.scheduler_files import Files
from tests.faults.scheduler_kills import Kill
from tests.faults.scheduler_stage import TrialStage
from tests.faults.scheduler_verdicts import Verdicts

# The tasks that wait for AWS, with what the local AWS's latency calls it.
STATEMENTS = {"add_partition": "ddl", "check_row_count": "select", "ingest_data_set": "ingestion"}
TASKS = ("assume_role", "wait_for_source_object", "inspect_source", *STATEMENTS)
QUICK = {"ddl": 0.2, "select": 0.3, "ingestion": 0.3}
# Long enough to be caught at, short enough to be waited for.
CATCHABLE = {"ddl": 3.0, "select": 3.0, "ingestion": 4.0}
REACH_SECONDS = 300.0
RUN_SECONDS = 600.0
RECOVERIES = 4
LOOK_SECONDS = 0.5
# Why a load was not struck: its time had not come when the round went on, or its run had ended by then.
NOT_REACHED, OVER_BEFORE = "not reached", "over before"


@dataclass
class Trial:
    """One account in one round: what struck it, where that found it, and what came of it."""

    account: WorkloadAccount
    kind: str
    run: Run
    kill: Kill | None = None
    found: str = ""
    missed: str = NOT_REACHED
    recovered: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def dag_id(self) -> str:
        """The account's load."""
        return f"load_{self.account.name}"

    @property
    def is_struck(self) -> bool:
        """Whether anything struck it."""
        return bool(self.found)

    @property
    def met(self) -> str:
        """What the strike found it doing; or why nothing struck it."""
        return self.found or self.missed

    def found_in(self, task: Task | None) -> None:
        """Note what the load was doing when it was struck."""
        self.found = f"{task.task_id.rpartition('.')[2]} {task.state}" if task else "between tasks"


@dataclass(frozen=True)
class CloudAtRest(Cloud):
    """A cloud whose trail is read once: nothing is called any more, and every account asks for it."""

    @cached_property
    def _trail(self) -> Any:
        return super().control("GET", "trail")

    def control(self, method: str, path: str, **options: Any) -> Any:
        """As the cloud's own."""
        return self._trail if (method, path) == ("GET", "trail") else super().control(method, path, **options)


@dataclass
class Round:
    """The accounts of one round. The seed draws what strikes and when; how far a load has come by then, it cannot."""

    stage: TrialStage
    accounts: Sequence[WorkloadAccount]
    files: Files
    draws: Draws
    verdicts: Verdicts = field(default_factory=Verdicts)
    say: Callable[[str], None] = print

    @property
    def api(self) -> PatientApi:
        """The Airflow of the trials."""
        return self.stage.api

    def begin(self, latency: dict[str, float], kinds: Iterable[str]) -> list[Trial]:
        """Deliver a new month to every account, sometimes an old one again, and trigger the loads."""
        # A round that was broken off leaves its faults.
        self.stage.stage.cloud.set_options(latency=latency, faults=[])
        trials = []
        for account, kind in zip(self.accounts, kinds, strict=True):
            month = self.files.deliver(account, self.draws)
            trials.append(Trial(account, kind, self._trigger(f"load_{account.name}", month)))
        return trials

    def load(self, trial: Trial) -> None:
        """Trigger a load once more, as the next daily run would be."""
        trial.run = self._trigger(trial.dag_id, self.files.months(trial.account)[-1])

    def _trigger(self, dag_id: str, month: str) -> Run:
        return self.api.trigger(dag_id, month=month)

    def active(self) -> dict[str, Task]:
        """What runs or is deferred now, a task a Dag."""
        return {task.dag_id: task for task in self.api.active_tasks()}

    def work(self, trial: Trial) -> list[str]:
        """The account's statements and ingestions that have not ended."""
        return running(self._scene(trial, self.stage.stage.cloud))

    def strike(self, trial: Trial, task: Task) -> bool:
        """Kill what a task stands on; False if it was gone by then."""
        if trial.kill is None or not trial.kill.strike(self.stage, trial.run, task):
            return False
        trial.found_in(task)
        return True

    def has_ended(self, trial: Trial) -> bool:
        """Whether the load's run is over."""
        return self.api.run_state(trial.dag_id, trial.run.run_id) in FINAL_RUN_STATES

    def end(self, trials: Iterable[Trial]) -> None:
        """Wait until all loads are over; one that never is, is a violation."""
        for trial in trials:
            try:
                wait_until(
                    lambda: self.has_ended(trial),  # noqa: B023 - it is not called later
                    what="its end",
                    timeout_seconds=RUN_SECONDS,
                    poll_seconds=LOOK_SECONDS,
                )
            except WaitTimeoutError:
                states = self.api.run(trial.dag_id, trial.run.run_id).states
                trial.problems.append(f"the load has not ended after {RUN_SECONDS:.0f} s: {states}")
            trial.run = self.api.run(trial.dag_id, trial.run.run_id)

    def settled(self, trials: list[Trial], **how: bool) -> list[Trial]:
        """Load without further trouble until every account's load has succeeded, and judge it as such a scene."""
        self.stage.stage.cloud.set_options(latency=QUICK, faults=[])
        self.end(trials)
        for count in range(RECOVERIES):
            again = [trial for trial in trials if trial.run.state != "success"]
            for trial in again:
                self._recover(trial, count)
            self.end(again)
        cloud = CloudAtRest(self.stage.stage.cloud.endpoint)
        for trial in trials:
            if trial.run.state != "success":
                trial.problems.append(f"no load succeeds any more: {self.log(trial.run)}")
            trial.problems += self.verdicts.news(self._scene(trial, cloud, **how))
        return trials

    def _recover(self, trial: Trial, count: int) -> None:
        """Load again, in one of the two ways that a person has."""
        how = self.draws.of(f"recovery {count}", trial.account.name).choice(["cleared", "triggered anew"])
        failed = ", ".join(task.task_id.rpartition(".")[2] for task in trial.run.failed_tasks())
        trial.recovered.append(f"{how} after {failed}")
        if how == "cleared":
            self.api.clear(trial.run)
            trial.run = replace(trial.run, state="queued")
        else:
            self.load(trial)

    def log(self, run: Run) -> str:
        """The ends of what a run's failed tasks have printed."""
        return "\n".join(self.api.log(run, task.task_id)[-1500:] for task in run.failed_tasks())

    def _scene(self, trial: Trial, cloud: Cloud, **how: bool) -> Scene:
        stage, months = self.stage.stage, tuple(self.files.months(trial.account))
        return Scene(stage.estate.settings, trial.account.name, stage.evidence, cloud, months, **how)
