"""A Dag's run as Airflow makes it: tasks in their order, tried again, killed, cleared; XComs kept.

Each try has operators of its own, as it has a process of its own in Airflow.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from sightline.dag_factory.load import build_load_dag
from tests.faults.watch import Killed, Point, Watch
from tests.support.stages import Outcome, TaskInstance, run_task, state_before
from tests.support.world import DagRun as AirflowRun
from tests.support.world import World

FAILED = ("failed", "upstream_failed")


@dataclass(frozen=True)
class Attempt:
    """One try of a task: how it ended, and with which sessions it spoke to AWS."""

    task: str
    try_number: int
    state: str
    error: BaseException | None
    session_keys: frozenset[str]
    is_terminated: bool

    @property
    def is_refusal(self) -> bool:
        """Whether the task said that a retry cannot help."""
        return isinstance(self.error, AirflowFailException)


@dataclass
class Run:
    """One run of a load.

    `arm` is asked, as a task's try begins, at which of its calls something is to be done; `after` is told how it ended,
    before anything else is done.
    """

    world: World
    month: str
    watch: Watch
    arm: Callable[[Any, int], list[Point]] = lambda task, try_number: []
    after: Callable[[Attempt], None] = lambda attempt: None
    retries: int = 2
    xcoms: dict[tuple[str, str], Any] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    _tries: Counter[str] = field(default_factory=Counter)
    _max_tries: dict[str, int] = field(default_factory=dict)
    _dag_run: AirflowRun = field(default_factory=lambda: AirflowRun(f"run-{secrets.token_hex(4)}"))

    @property
    def is_success(self) -> bool:
        """Whether no task failed."""
        return bool(self.states) and not any(state in FAILED for state in self.states.values())

    @property
    def errors(self) -> list[str]:
        """What the tries failed with, in their order."""
        return [
            f"{each.task} (try {each.try_number}): {type(each.error).__name__}: {each.error}"
            for each in self.attempts
            if each.error
        ]

    def go(self) -> Run:
        """Run every task that has no state yet."""
        dag = self._dag()
        for task in dag.topological_sort():
            if task.task_id not in self.states:
                before = state_before(task, self.states)
                self.states[task.task_id] = before or self._with_retries(task.task_id, dag)
        return self

    def clear_failed(self) -> Run:
        """Clear what failed with what follows it, as somebody does in the UI, and go on."""
        for task_id in [task_id for task_id, state in self.states.items() if state in FAILED]:
            del self.states[task_id]
            self._max_tries[task_id] = self._tries[task_id] + self.retries
        return self.go()

    def _dag(self) -> DAG:
        return build_load_dag(self.world.settings.analytics, self.world.account)

    def _with_retries(self, task_id: str, dag: DAG) -> str:
        while True:
            attempt = self._try(dag.get_task(task_id))
            self.attempts.append(attempt)
            self.after(attempt)
            if attempt.state != "failed" or attempt.is_refusal:
                return attempt.state
            if attempt.try_number > self._max_tries.get(task_id, self.retries):
                return "failed"
            dag = self._dag()

    def _try(self, task: Any) -> Attempt:
        self._tries[task.task_id] += 1
        number = self._tries[task.task_id]
        for key in [key for key in self.xcoms if key[0] == task.task_id]:
            del self.xcoms[key]
        max_tries = self._max_tries.get(task.task_id, self.retries)
        instance, outcome = TaskInstance(task.task_id, self.xcoms, number, max_tries), Outcome()
        context: dict[str, Any] = {"params": {"month": self.month}, "dag_run": self._dag_run}
        error: BaseException | None
        with self.watch.over(self.arm(task, number)) as passage:
            try:
                state = run_task(task, instance, context, outcome, self.states)
                error = next(iter(outcome.errors.values()), None)
            except Killed as killed:
                state, error = "failed", killed
        if passage.is_terminated:
            # However far it came in its last seconds, Airflow calls it failed.
            state, error = "failed", error or Killed()
            self.xcoms.pop((task.task_id, "return_value"), None)
        keys = frozenset(passage.session_keys)
        return Attempt(task.task_id, number, state, error, keys, passage.is_terminated)
