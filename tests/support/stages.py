"""Runs a Dag's real operators in this process, one after the other, deferrals and triggers included.

What a scheduler adds (processes, retries, time) is tested in tests/end_to_end; here the stages themselves are.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowSkipException, DownstreamTasksSkipped, TaskDeferred
from airflow.sdk.execution_time.context import OutletEventAccessors


@dataclass
class TaskInstance:
    """As much of a task instance as operators see."""

    task_id: str
    xcoms: dict[tuple[str, str], Any]
    try_number: int = 1
    max_tries: int = 0
    map_index: int = -1

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[self.task_id, key] = value

    def xcom_pull(self, task_ids: str, key: str = "return_value", **_: Any) -> Any:
        return self.xcoms.get((task_ids, key))


@dataclass
class Outcome:
    """How every task of a run ended, by its id without the groups."""

    states: dict[str, str] = field(default_factory=dict)
    errors: dict[str, BaseException] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    deferred: dict[str, int] = field(default_factory=dict)

    @property
    def error(self) -> str:
        """The text of the one error of the run; empty if there was none."""
        return "\n".join(str(error) for error in self.errors.values())


def run_dag(dag: DAG, *, only: str = "", try_number: int = 1, max_tries: int = 0, **context: Any) -> Outcome:
    """Run all tasks in their order, as a scheduler would order and skip them.

    Args:
        only: run just this task (its last part), with what earlier runs of the same `xcoms` left.
        context: `params`, `data_interval_end`, `xcoms` (kept between calls), `dag_run`.
    """
    xcoms = context.pop("xcoms", {})
    outcome = Outcome()
    states: dict[str, str] = {}
    for task in dag.topological_sort():
        name = task.task_id.rpartition(".")[2]
        if only and name != only:
            continue
        state = states.get(task.task_id) or state_before(task, states)
        if state is None:
            instance = TaskInstance(task.task_id, xcoms, try_number, max_tries)
            state = run_task(task, instance, context, outcome, states)
        states[task.task_id] = outcome.states[name] = state
    return outcome


def state_before(task: Any, states: dict[str, str]) -> str | None:
    """Say what the task's trigger rule makes of the tasks before it; None: it runs."""
    before = [states[up] for up in task.upstream_task_ids if up in states]
    if any(state in {"failed", "upstream_failed"} for state in before):
        return "upstream_failed"
    if task.trigger_rule == "all_success" and "skipped" in before:
        return "skipped"
    return None


def run_task(
    task: Any, instance: TaskInstance, context: dict[str, Any], outcome: Outcome, states: dict[str, str]
) -> str:
    """Run one task and return its state; what it skips downstream is noted in `states`."""
    name = task.task_id.rpartition(".")[2]
    full = {
        "params": {},
        **context,
        "ti": instance,
        "task": task,
        "outlet_events": OutletEventAccessors(),
    }
    try:
        result = _execute(task, full, name, outcome)
    except AirflowSkipException:
        return "skipped"
    except DownstreamTasksSkipped as skipped:
        states.update(dict.fromkeys(skipped.tasks, "skipped"))
        return "success"
    except Exception as error:  # noqa: BLE001 - whatever a task raises is its outcome
        outcome.errors[name] = error
        return "failed"
    instance.xcom_push("return_value", result)
    outcome.results[name] = result
    return "success"


def _execute(task: Any, context: dict[str, Any], name: str, outcome: Outcome) -> Any:
    task.render_template_fields(context)
    method, kwargs = task.execute, {}
    while True:
        try:
            return method(context, **kwargs)
        except TaskDeferred as deferred:
            outcome.deferred[name] = outcome.deferred.get(name, 0) + 1
            event = asyncio.run(_first_event(deferred.trigger))
            method = getattr(task, deferred.method_name)
            kwargs = {**(deferred.kwargs or {}), "event": event}


async def _first_event(trigger: Any) -> Any:
    """Build the trigger anew from its serialized form, as a triggerer does, and wait for its event."""
    _, fields = trigger.serialize()
    async for event in type(trigger)(**fields).run():
        return event.payload
    raise AssertionError("a trigger ended without an event")
