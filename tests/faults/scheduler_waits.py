"""Rounds in which loads are killed while they wait for a statement or an ingestion that never ends.

Whoever can notice the kill must have ended it: what is not cancelled then would still run.
"""

from __future__ import annotations

from demo.airflow_api import Task
from demo.waiting import WaitTimeoutError, pause, wait_until
from sightline.settings import WorkloadAccount
from tests.faults.scheduler_draws import in_turn
from tests.faults.scheduler_kills import KILLS, Kill
from tests.faults.scheduler_rounds import (
    LOOK_SECONDS,
    OVER_BEFORE,
    QUICK,
    REACH_SECONDS,
    STATEMENTS,
    Round,
    Trial,
)

ENDLESS_SECONDS = 3600.0
NOTICE_SECONDS = 60.0
# A triggerer takes up what was deferred about a second later; until then nobody would notice a kill (docs/kills.md).
TAKEN_UP_SECONDS = 3.0


def while_waiting(round_: Round) -> list[Trial]:
    """Kill each load in the same task, which waits, by something that could be noticed."""
    name = in_turn(list(STATEMENTS), round_.draws.turn)
    kills = [_noticed_kill(round_, account) for account in round_.accounts]
    trials = round_.begin({**QUICK, STATEMENTS[name]: ENDLESS_SECONDS}, [kill.kind for kill in kills])
    caught = _wait_for_all(round_, trials, name)
    # What waits already keeps its time; what is started anew after the kill is quick.
    round_.stage.stage.cloud.set_options(latency=QUICK)
    for trial, kill in zip(trials, kills, strict=True):
        trial.kill = kill
        if trial.dag_id in caught:
            _kill_and_look(round_, trial, caught[trial.dag_id])
        if not trial.is_struck:
            _blame_what_is_not_struck(round_, trial, name)
    for trial in trials:
        _end_what_waits(round_, trial)
    return round_.settled(trials)


def _noticed_kill(round_: Round, account: WorkloadAccount) -> Kill:
    """A kill that could be noticed; a task that is deferred has no process to strike."""
    kills = [kill for kill in KILLS if kill.is_noticed and not (_defers(account) and kill.needs_process)]
    return round_.draws.of("kill", account.name).choice(kills)


def _defers(account: WorkloadAccount) -> bool:
    return account.tables[0].defer_after_seconds < REACH_SECONDS


def _wait_for_all(round_: Round, trials: list[Trial], name: str) -> dict[str, Task]:
    """Wait until every load waits in this task, and for a moment longer; or return those that do."""
    expected = {trial.dag_id: "deferred" if _defers(trial.account) else "running" for trial in trials}

    def waiting() -> dict[str, Task]:
        active = round_.active()
        return {
            trial.dag_id: active[trial.dag_id]
            for trial in trials
            if trial.dag_id in active
            and active[trial.dag_id].task_id.endswith(name)
            and active[trial.dag_id].state == expected[trial.dag_id]
            and round_.work(trial)
        }

    try:
        wait_until(
            lambda: len(waiting()) == len(trials),
            what="loads that wait",
            timeout_seconds=REACH_SECONDS,
            poll_seconds=1,
        )
    except WaitTimeoutError:
        round_.say("not every load has come to wait")
    pause(TAKEN_UP_SECONDS)
    return waiting()


def _kill_and_look(round_: Round, trial: Trial, task: Task) -> None:
    before = set(round_.work(trial))
    if not round_.strike(trial, task):
        return
    try:
        wait_until(
            lambda: not before & set(round_.work(trial)),
            what="its end",
            timeout_seconds=NOTICE_SECONDS,
            poll_seconds=LOOK_SECONDS,
        )
    except WaitTimeoutError:
        left = "; ".join(sorted(before & set(round_.work(trial))))
        trial.problems.append(f"{NOTICE_SECONDS:.0f} s after the kill: {left}")


def _blame_what_is_not_struck(round_: Round, trial: Trial, name: str) -> None:
    """What waits for what never ends is there to be struck: one that is not has proved nothing."""
    if round_.has_ended(trial):
        trial.missed = OVER_BEFORE
    trial.problems.append(f"it was not struck while it waited in {name}: {trial.met}")


def _end_what_waits(round_: Round, trial: Trial) -> None:
    """Stop, as a person would, what nobody has ended: the next rounds need not wait for it."""
    estate = round_.stage.stage.estate
    for work in round_.work(trial):
        kind, name = work.partition(" is left ")[0].split()
        if kind == "query":
            estate.admin("athena").stop_query_execution(QueryExecutionId=name)
        else:
            estate.admin("quicksight").cancel_ingestion(
                AwsAccountId=estate.settings.analytics.account_id,
                DataSetId=trial.account.tables[0].quicksight.data_set_id,
                IngestionId=name,
            )
