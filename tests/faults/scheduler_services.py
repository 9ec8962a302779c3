"""Rounds in which a service ends under all loads and is started again, soon or late; and loads that run at once."""

from __future__ import annotations

from demo.airflow_api import Task
from demo.waiting import WaitTimeoutError, pause, wait_until
from tests.faults.scheduler_draws import in_turn
from tests.faults.scheduler_kills import SERVICE_KILLS
from tests.faults.scheduler_rounds import (
    CATCHABLE,
    LOOK_SECONDS,
    REACH_SECONDS,
    STATEMENTS,
    TASKS,
    Round,
    Trial,
)
from tests.faults.scheduler_strikes import LONGEST_DELAY

LATEST_RESTART = 12.0
PROVISIONED_TOO = 0.5


def service_ends(round_: Round) -> list[Trial]:
    """End the triggerer or the scheduler while all loads run."""
    kill = in_turn(SERVICE_KILLS, round_.draws.turn)
    draw = round_.draws.of("restart")
    seconds = draw.choice([0.0, draw.uniform(0, LATEST_RESTART)])
    when = "late" if seconds else "at once"
    trials = round_.begin(CATCHABLE, [f"{kill.kind}, back {when}"] * len(round_.accounts))
    _wait_for_a_load(round_, trials, kill.service)
    active = round_.active()
    for trial in trials:
        trial.found_in(active.get(trial.dag_id))
    try:
        round_.stage.kill_service(kill.service, kill.number, with_children=kill.with_children)
    except WaitTimeoutError as error:
        trials[0].problems.append(str(error))
    pause(seconds)
    round_.stage.restart(kill.service)
    return round_.settled(trials)


def _wait_for_a_load(round_: Round, trials: list[Trial], service: str) -> None:
    """Wait until a load is in a task that was drawn, or has ended unseen; and a drawn time longer.

    What a triggerer does is in its hands from a deferral on, and only tasks that wait for AWS are deferred here.
    """
    draw, is_triggerer = round_.draws.of("instant"), service == "triggerer"
    name, longer = draw.choice(list(STATEMENTS) if is_triggerer else TASKS), draw.uniform(0, LONGEST_DELAY)

    def is_there(task: Task) -> bool:
        return task.task_id.endswith(name) and (task.state == "deferred" or not is_triggerer)

    def is_reached() -> bool:
        in_it = any(is_there(task) for task in round_.active().values())
        return in_it or all(round_.has_ended(trial) for trial in trials)

    wait_until(is_reached, what=f"a load in {name}", timeout_seconds=REACH_SECONDS, poll_seconds=LOOK_SECONDS)
    pause(longer)


def at_once(round_: Round) -> list[Trial]:
    """Load two months of each table by two runs at once, whose plans overlap; half of them while provision runs."""
    is_provisioned = round_.draws.of("provision").random() < PROVISIONED_TOO
    kind = "two loads at once" + (" and provision" if is_provisioned else "")
    first = round_.begin(CATCHABLE, [kind] * len(round_.accounts))
    second = round_.begin(CATCHABLE, [kind] * len(round_.accounts))
    if is_provisioned:
        names = [account.name for account in round_.accounts]
        round_.api.trigger("provision", accounts=names)
    round_.end([*first, *second])
    trials = [_worse(*pair) for pair in zip(first, second, strict=True)]
    return round_.settled(trials, is_concurrent=True)


def _worse(first: Trial, second: Trial) -> Trial:
    """The run that has failed, if one has: it is loaded again."""
    second.found = f"runs {first.run.state} and {second.run.state}"
    second.problems = [*first.problems, *second.problems]
    second.run = second.run if second.run.state != "success" else first.run
    return second
