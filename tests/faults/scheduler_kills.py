"""What may strike a load under a real scheduler: a table of kinds, each with how it strikes and who could notice it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from demo.airflow_api import AirflowApiError, Run, Task
from tests.faults.scheduler_stage import TrialStage, send

Strike = Callable[[TrialStage, Run, Task], bool]


@dataclass(frozen=True)
class Kill:
    """One kind of kill of a task.

    Attributes:
        is_noticed: whether the task, or its trigger, gets the chance to end what it waits for.
        needs_process: whether it strikes a process; a deferred task has none.
        strike: does it; False if there was nothing to strike any more.
    """

    kind: str
    strike: Strike
    is_noticed: bool = False
    needs_process: bool = True


def _signalled(
    number: signal.Signals, find: Callable[[TrialStage, str], list[psutil.Process | None]]
) -> Strike:
    def strike(stage: TrialStage, _: Run, task: Task) -> bool:
        struck = [send(process, number) for process in find(stage, task.instance_id)]
        return any(struck)

    return strike


def _task(stage: TrialStage, instance_id: str) -> list[psutil.Process | None]:
    return [stage.task(instance_id)]


def _worker(stage: TrialStage, instance_id: str) -> list[psutil.Process | None]:
    return [stage.worker(instance_id)]


def _both(stage: TrialStage, instance_id: str) -> list[psutil.Process | None]:
    return [stage.worker(instance_id), stage.task(instance_id)]


def _marked_failed(stage: TrialStage, run: Run, task: Task) -> bool:
    return _asked(lambda: stage.api.mark(run, task.task_id, "failed"))


def _cleared(stage: TrialStage, run: Run, task: Task) -> bool:
    return _asked(lambda: stage.api.clear(run, task.task_id))


def _asked(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except AirflowApiError:
        # Airflow refuses what the task has just made impossible by ending: a kill that came too late.
        return False
    return True


KILLS = (
    Kill("task SIGTERM", _signalled(signal.SIGTERM, _task), is_noticed=True),
    Kill("worker SIGTERM", _signalled(signal.SIGTERM, _worker), is_noticed=True),
    Kill("marked failed", _marked_failed, is_noticed=True, needs_process=False),
    Kill("cleared", _cleared, is_noticed=True, needs_process=False),
    Kill("task SIGKILL", _signalled(signal.SIGKILL, _task)),
    Kill("worker SIGKILL", _signalled(signal.SIGKILL, _worker)),
    Kill("worker and task SIGKILL", _signalled(signal.SIGKILL, _both)),
)


@dataclass(frozen=True)
class ServiceKill:
    """One kind of kill of a service; `with_children` as a container's end does it, or a control group's."""

    kind: str
    service: str
    number: signal.Signals
    with_children: bool = False


SERVICE_KILLS = (
    ServiceKill("triggerer SIGTERM", "triggerer", signal.SIGTERM),
    ServiceKill("triggerer SIGKILL", "triggerer", signal.SIGKILL),
    ServiceKill("triggerer and runner SIGKILL", "triggerer", signal.SIGKILL, with_children=True),
    ServiceKill("scheduler SIGTERM", "scheduler", signal.SIGTERM),
    ServiceKill("scheduler SIGKILL", "scheduler", signal.SIGKILL),
    ServiceKill("scheduler and workers SIGKILL", "scheduler", signal.SIGKILL, with_children=True),
)
