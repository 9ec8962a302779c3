"""Rounds in which each load is struck once: by a kill, or by a file that is written again while it is being loaded."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from demo.airflow_api import Task
from demo.waiting import WaitTimeoutError, wait_until
from tests.faults.scheduler_draws import Draws, in_turn
from tests.faults.scheduler_kills import KILLS
from tests.faults.scheduler_rounds import (
    CATCHABLE,
    LOOK_SECONDS,
    OVER_BEFORE,
    REACH_SECONDS,
    TASKS,
    Round,
    Trial,
)

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
    kills = [in_turn(KILLS, round_.draws.turn, place) for place in range(len(round_.accounts))]
    trials = round_.begin(CATCHABLE, [kill.kind for kill in kills])
    if round_.draws.of("wire").random() < FAULTY_ROUNDS:
        _disturb_the_wire(round_)
    for trial, kill in zip(trials, kills, strict=True):
        trial.kill = kill
    strike_each(round_, trials, round_.strike)
    return round_.settled(trials)


def redelivered(round_: Round) -> list[Trial]:
    """Write a file again while its load runs. The run may fail; the next one takes up what it has not seen."""
    trials = round_.begin(CATCHABLE, ["redelivered"] * len(round_.accounts))

    def redeliver(trial: Trial, task: Task) -> bool:
        round_.files.redeliver(trial.account, round_.draws)
        trial.found_in(task)
        return True

    strike_each(round_, trials, redeliver)
    round_.end(trials)
    for trial in trials:
        if not trial.is_struck:
            # Which files a seed gives does not depend on how far a load has come.
            round_.files.redeliver(trial.account, round_.draws)
        round_.load(trial)
    # One load at a time: what it does twice, it does twice. Only what it could not see is not held against it.
    return round_.settled(trials, is_overtaken=True)


@dataclass
class Aim:
    """When a load is to be struck: a drawn time after it was first seen in a drawn task, or in one behind that."""

    trial: Trial
    target: str
    delay: float
    due: float | None = None

    @classmethod
    def drawn(cls, trial: Trial, draws: Draws) -> Aim:
        """Draw task and time."""
        draw = draws.of("instant", trial.account.name)
        return cls(trial, draw.choice(TASKS), draw.uniform(0, LONGEST_DELAY))

    def is_due(self, task: Task) -> bool:
        """Tell whether the time has come, now that the load is seen in this task."""
        is_there = TASKS.index(task.task_id.rpartition(".")[2]) >= TASKS.index(self.target)
        if self.due is None and is_there:
            self.due = time.monotonic() + self.delay
        return self.due is not None and time.monotonic() >= self.due


def strike_each(round_: Round, trials: list[Trial], strike: Callable[[Trial, Task], bool]) -> None:
    """Strike each load in whatever it does at its time; one that is over by then is not struck."""
    left = [Aim.drawn(trial, round_.draws) for trial in trials]

    def is_done() -> bool:
        active = round_.active()
        for aim in list(left):
            task = active.get(aim.trial.dag_id)
            if task is None and round_.has_ended(aim.trial):
                aim.trial.missed = OVER_BEFORE
                left.remove(aim)
            elif task and aim.is_due(task) and strike(aim.trial, task):
                left.remove(aim)
        return not left

    try:
        wait_until(is_done, what="strikes", timeout_seconds=REACH_SECONDS, poll_seconds=LOOK_SECONDS)
    except WaitTimeoutError:
        round_.say(f"not every load could be struck: {', '.join(aim.trial.dag_id for aim in left)}")


def _disturb_the_wire(round_: Round) -> None:
    draw = round_.draws.of("faults of the wire")
    faults = [
        {
            "kind": draw.choice(FAULTS),
            "service": service,
            "operation": operation,
            "at": draw.randrange(1, 4 * len(round_.accounts)),
        }
        for service, operation in draw.sample(FAULTY_CALLS, 4)
    ]
    round_.stage.stage.cloud.set_options(faults=faults)
