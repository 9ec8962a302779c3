"""Rounds in which a service ends under all loads and is started again, soon or late; and loads that run at once."""

from __future__ import annotations

from demo.airflow_api import FINAL_RUN_STATES, Run, Task
from demo.waiting import WaitTimeoutError, pause, wait_until
from tests.faults.scheduler_draws import in_turn
from tests.faults.scheduler_kills import SERVICE_KILLS
from tests.faults.scheduler_rounds import (
    CATCHABLE,
    LOOK_SECONDS,
    OVER_BEFORE,
    REACH_SECONDS,
    RUN_SECONDS,
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
    note_what_is_struck(round_, trials)
    try:
        round_.stage.kill_service(kill.service, kill.number, with_children=kill.with_children)
    except WaitTimeoutError as error:
        trials[0].problems.append(str(error))
    pause(seconds)
    round_.stage.restart(kill.service)
    return round_.settled(trials)


def note_what_is_struck(round_: Round, trials: list[Trial]) -> None:
    """Note what each load does, so that the end of a service strikes it: one that is over by now is not struck."""
    active = round_.active()
    for trial in trials:
        task = active.get(trial.dag_id)
        if task is None and round_.has_ended(trial):
            trial.missed = OVER_BEFORE
        else:
            trial.found_in(task)


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
    names = [account.name for account in round_.accounts]
    provision = round_.api.trigger("provision", accounts=names) if is_provisioned else None
    round_.end([*first, *second])
    trials = [_worse(*pair) for pair in zip(first, second, strict=True)]
    if provision:
        trials[0].problems += _failure(round_, provision)
    return round_.settled(trials, is_concurrent=True)


def _failure(round_: Round, run: Run) -> list[str]:
    """What is wrong with how a run of another Dag ends, which has as long as a load."""
    try:
        wait_until(
            lambda: round_.api.run_state(run.dag_id, run.run_id) in FINAL_RUN_STATES,
            what=f"the end of {run.dag_id} beside the loads",
            timeout_seconds=RUN_SECONDS,
            poll_seconds=LOOK_SECONDS,
        )
    except WaitTimeoutError as error:
        return [str(error)]
    ended = round_.api.run(run.dag_id, run.run_id)
    if ended.state == "success":
        return []
    return [f"{run.dag_id} beside the loads has ended as {ended.state}: {round_.log(ended)}"]


def _worse(first: Trial, second: Trial) -> Trial:
    """The run that has failed, if one has: it is loaded again."""
    second.found = f"runs {first.run.state} and {second.run.state}"
    second.problems = [*first.problems, *second.problems]
    second.run = second.run if second.run.state != "success" else first.run
    return second
