"""Rounds in which each load is struck once: by a kill, or by a file that is written again while it is being loaded."""

from __future__ import annotations

import time
from collections.abc import Callable

from demo.airflow_api import Task
from tests.faults.scheduler_kills import KILLS
from tests.faults.scheduler_rounds import CATCHABLE, LOOK_SECONDS, REACH_SECONDS, TASKS, Round, Trial

LONGEST_DELAY = 4.0
# A call of each service that a load makes, and how it goes wrong; most of them are met beside some kill.
FAULTY_CALLS = (
    ("athena", "StartQueryExecution"),
    ("athena", "GetQueryExecution"),
    ("athena", "GetQueryResults"),
    ("glue", "GetPartitions"),
    ("quicksight", "CreateIngestion"),
    ("quicksight", "DescribeIngestion"),
    ("s3", "PutObject"),
    ("s3", "ListObjectsV2"),
)
FAULTS = ("throttled", "error_500", "reset", "lost")
FAULTY_ROUNDS = 0.5


def at_any_instant(round_: Round) -> list[Trial]:
    """Kill each load once, at an instant after it has reached a drawn task; sometimes with faults of the wire."""
    kills = [round_.draw.choice(KILLS) for _ in round_.accounts]
    trials = round_.begin(CATCHABLE, [kill.kind for kill in kills])
    if round_.draw.random() < FAULTY_ROUNDS:
        _disturb_the_wire(round_)
    for trial, kill in zip(trials, kills, strict=True):
        trial.kill = kill
    strike_each(round_, trials, round_.strike)
    return round_.settled(trials)


def redelivered(round_: Round) -> list[Trial]:
    """Write a file again while its load runs. The run may fail; the next one takes up what it has not seen."""
    trials = round_.begin(CATCHABLE, ["redelivered"] * len(round_.accounts))

    def redeliver(trial: Trial, task: Task) -> bool:
        month = round_.draw.choice(round_.files.months(trial.account))
        round_.files.redeliver(trial.account, month, round_.draw)
        trial.found_in(task)
        return True

    strike_each(round_, trials, redeliver)
    round_.end(trials)
    for trial in trials:
        round_.load(trial)
    # A check may have begun for what had been inspected before the file was written again.
    return round_.settled(trials, is_concurrent=True)


def strike_each(round_: Round, trials: list[Trial], strike: Callable[[Trial, Task], bool]) -> None:
    """Strike each load a drawn time after a drawn task was first seen; in whatever it does by then."""
    targets = {trial.dag_id: round_.draw.choice(TASKS) for trial in trials}
    delays = {trial.dag_id: round_.draw.uniform(0, LONGEST_DELAY) for trial in trials}
    due: dict[str, float] = {}
    left = {trial.dag_id: trial for trial in trials}
    deadline = time.monotonic() + REACH_SECONDS
    while left and time.monotonic() < deadline:
        active = round_.active()
        for dag_id, task in active.items():
            if task.task_id.endswith(targets.get(dag_id, "no load of this round")):
                due.setdefault(dag_id, time.monotonic() + delays[dag_id])
            is_due = dag_id in left and time.monotonic() >= due.get(dag_id, deadline)
            if is_due and strike(left[dag_id], task):
                del left[dag_id]
        left = {name: trial for name, trial in left.items() if name in active or not round_.has_ended(trial)}
        time.sleep(LOOK_SECONDS)


def _disturb_the_wire(round_: Round) -> None:
    faults = [
        {
            "kind": round_.draw.choice(FAULTS),
            "service": service,
            "operation": operation,
            "at": round_.draw.randrange(1, 4 * len(round_.accounts)),
        }
        for service, operation in round_.draw.sample(FAULTY_CALLS, 4)
    ]
    round_.stage.stage.cloud.set_options(faults=faults)
