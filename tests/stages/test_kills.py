"""A kill that a task can notice leaves nothing running, at whatever moment it comes.

Airflow calls `on_kill` out of a signal's handler, in the midst of whatever the task does; here it is called there.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.jobs.triggerer_job_runner import _USER_ACTION_CANCEL_MSG, TriggerRunner
from airflow.triggers.base import BaseTrigger

from sightline.dag_factory.load import build_load_dag
from sightline.errors import Killed
from sightline.hooks.account import NamedConnection
from sightline.hooks.athena import AthenaHook
from sightline.hooks.quicksight import QuickSightHook
from sightline.triggers import base
from tests.stages.conftest import MakeWorld
from tests.support.stages import Outcome, run_dag
from tests.support.world import JANUARY, World

CHAIN = ["assume_role", "inspect_source", "add_partition", "check_row_count", "ingest_data_set"]
WAITING = CHAIN[2:]
# So long that what ends earlier was cancelled.
LONG = {"ddl": 10, "select": 10, "ingestion": 10}


class Load:
    """A load whose tasks are run one by one."""

    def __init__(self, world: World) -> None:
        self.world, self.dag = world, build_load_dag(world.settings.analytics, world.account)
        world.put(JANUARY)

    def task_after_the_others(self, name: str) -> Any:
        """Run what comes before a task, and let what is started from now on take long."""
        for before in CHAIN[: CHAIN.index(name)]:
            assert not self.run(before).errors
        self.world.cloud.set_options(latency=LONG)
        return self.dag.get_task(f"sales.{name}")

    def run(self, name: str, max_tries: int = 1) -> Outcome:
        run = SimpleNamespace(run_id="load", run_type="manual", run_after=datetime.now(UTC))
        month = {"month": "2024-01"}
        return run_dag(
            self.dag, only=name, params=month, xcoms=self.world.xcoms, dag_run=run, max_tries=max_tries
        )

    def started(self) -> list[str]:
        """The states of all statements and ingestions that the account has had."""
        ids = sorted(self.world.evidence.query_ids(self.world.account))
        queries = self.world.estate.admin("athena").batch_get_query_execution(QueryExecutionIds=ids)
        ingestions = self.world.evidence.ingestions(self.world.account)
        states = [each["Status"]["State"] for each in queries["QueryExecutions"]]
        return states + [each["IngestionStatus"] for each in ingestions]


@pytest.fixture
def load(world: World) -> Iterator[Load]:
    """The load of a fresh account."""
    yield Load(world)
    world.cloud.set_options(latency="zero")


@pytest.mark.parametrize("name", WAITING)
def test_a_kill_before_the_start_keeps_it_from_being_started(load: Load, name: str) -> None:
    task = load.task_after_the_others(name)
    before = load.started()
    task.on_kill()

    outcome = load.run(name)

    assert isinstance(outcome.errors[name], Killed)
    assert load.started() == before


@pytest.mark.parametrize("name", WAITING)
def test_a_kill_while_the_start_is_being_answered_cancels_what_was_started(
    load: Load, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    task = load.task_after_the_others(name)
    before = load.started()
    _kill_around(monkeypatch, name, "start", after=task.on_kill)

    outcome = load.run(name)

    assert isinstance(outcome.errors[name], Killed)
    assert sorted(load.started()) == sorted([*before, "CANCELLED"])


@pytest.mark.parametrize("name", WAITING)
def test_a_kill_while_it_waits_cancels_what_it_waits_for(
    load: Load, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    task = load.task_after_the_others(name)
    before = load.started()
    _kill_around(monkeypatch, name, "wait", before=task.on_kill)

    outcome = load.run(name)

    assert "CANCEL" in outcome.error
    assert sorted(load.started()) == sorted([*before, "CANCELLED"])


@pytest.mark.parametrize("moment", ["start", "wait"])
def test_a_check_that_is_killed_on_its_last_try_starts_nothing_any_more(
    load: Load, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    task = load.task_after_the_others("check_row_count")
    before = load.started()
    ledger = load.world.ledger()
    original = getattr(AthenaHook, moment)

    def be_killed(*arguments: Any) -> Any:
        task.on_kill()
        return original(*arguments)

    monkeypatch.setattr(AthenaHook, moment, be_killed)  # a signal cannot be timed so well from outside

    outcome = load.run("check_row_count", max_tries=0)

    assert outcome.errors
    assert sorted(load.started()) == sorted([*before, "CANCELLED"])
    assert load.world.ledger() == ledger, "a kill says nothing of the file"


@pytest.fixture
def deferring_load(make_world: MakeWorld) -> Iterator[Load]:
    """The load of a fresh account whose tasks defer after one look; provisioning is not made to wait."""
    world = make_world(table={"defer_after_seconds": 0}, retries=0)
    assert not world.provision().errors
    yield Load(world)
    world.cloud.set_options(latency="zero")


async def kill_impatiently(trigger: BaseTrigger) -> None:
    """As a triggerer kills: it cancels the trigger anew for as long as it is there, far more often here."""
    killed = asyncio.ensure_future(trigger.on_kill())
    while not killed.done():
        await asyncio.sleep(0.001)
        killed.cancel()
    with suppress(asyncio.CancelledError):
        await killed


@pytest.mark.parametrize("name", WAITING)
def test_a_trigger_that_is_killed_cancels_what_it_waits_for(
    deferring_load: Load, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    task = deferring_load.task_after_the_others(name)
    before = deferring_load.started()

    def be_killed(**deferred: Any) -> None:
        asyncio.run(kill_impatiently(deferred["trigger"]))
        raise Killed("in a triggerer")

    monkeypatch.setattr(task, "defer", be_killed)  # in a triggerer's place: none is here

    deferring_load.run(name)

    assert sorted(deferring_load.started()) == sorted([*before, "CANCELLED"])


async def kill_while_it_connects(trigger: BaseTrigger, is_connecting: threading.Event) -> None:
    """Let Airflow's own runner of triggers begin it, and kill it as Airflow does, just then."""
    runner = TriggerRunner()
    runner.triggers[1] = {"name": "the trigger", "events": 0, "task": None, "is_watcher": False}
    running = asyncio.ensure_future(runner.run_trigger(1, trigger))
    await asyncio.to_thread(is_connecting.wait, 30)
    running.cancel(_USER_ACTION_CANCEL_MSG)
    with suppress(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("name", WAITING)
def test_a_trigger_that_is_killed_while_it_connects_cancels_what_it_waits_for(
    deferring_load: Load, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    task = deferring_load.task_after_the_others(name)
    before, is_connecting = deferring_load.started(), threading.Event()
    connect = NamedConnection._get_async_conn

    def slowly(hook: NamedConnection) -> Any:
        is_connecting.set()
        threading.Event().wait(0.3)
        return connect(hook)

    def be_killed(**deferred: Any) -> None:
        monkeypatch.setattr(NamedConnection, "_get_async_conn", slowly)  # the moment is too short to be met
        asyncio.run(kill_while_it_connects(deferred["trigger"], is_connecting))
        raise Killed("in a triggerer")

    monkeypatch.setattr(base, "SETTLING_DELAY", 0)
    monkeypatch.setattr(task, "defer", be_killed)  # in a triggerer's place: none is here

    deferring_load.run(name)

    assert sorted(deferring_load.started()) == sorted([*before, "CANCELLED"])


def _kill_around(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    method: str,
    before: Callable[[], None] = lambda: None,
    after: Callable[[], None] = lambda: None,
) -> None:
    """Kill just before or after a hook's method: a signal cannot be timed so well from outside."""
    hook: Any = QuickSightHook if name == "ingest_data_set" else AthenaHook
    run = getattr(hook, method)

    def with_a_kill(*arguments: Any) -> Any:
        before()
        answer = run(*arguments)
        after()
        return answer

    monkeypatch.setattr(hook, method, with_a_kill)
