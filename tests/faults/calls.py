"""The calls that loads make, read from the local AWS: a call that is new is struck by itself."""

from __future__ import annotations

import copy
import tempfile
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.kill import SETTLED_SECONDS
from tests.faults.plan import CANCELS, POLLS, Call, is_wait
from tests.faults.runs import Attempt, Run
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.watch import BEFORE, Point, Watch
from tests.support.world import World, new_world, settings_document

if TYPE_CHECKING:
    from demo.cloud import Cloud

ADMINISTRATORS = "OrganizationAccountAccessRole"


def calls_of(name: str, cloud: Cloud, watch: Watch) -> list[Call]:
    """The calls of an undisturbed load of a scenario."""
    with (
        tempfile.TemporaryDirectory(prefix="sightline-faults-") as folder,
        new_world(cloud, Path(folder), settings_document(**copy.deepcopy(SCENARIOS[name].settings))) as world,
    ):
        return _calls_of(world, name, watch)


def last_calls(cloud: Cloud, watch: Watch) -> list[Call]:
    """The calls that only a load makes whose tasks are told to end, each as it waits for the first time."""
    with (
        tempfile.TemporaryDirectory(prefix="sightline-faults-") as folder,
        new_world(cloud, Path(folder), settings_document()) as world,
    ):
        return _last_calls(world, watch)


def _last_calls(world: World, watch: Watch) -> list[Call]:
    scenario, cloud = SCENARIOS["new month"], world.cloud
    _prepare(world, scenario, watch)
    found: list[Call] = []
    seen = len(cloud.trail())

    def arm(task: Any, try_number: int) -> list[Point]:
        if try_number > 1:
            return []
        polls = (("athena", "GetQueryExecution"), ("quicksight", "DescribeIngestion"))
        return [Point(BEFORE, *poll, 1, lambda: None, task.on_kill) for poll in polls]

    def after(attempt: Attempt) -> None:
        nonlocal seen
        new = cloud.trail()[seen:]
        seen += len(new)
        entries = [entry for entry in new if ADMINISTRATORS not in entry["principal"]]
        names = {(entry["service"], entry["operation"]) for entry in entries if attempt.is_terminated}
        task = attempt.task.rpartition(".")[2]
        found.extend(Call(task, *name) for name in sorted(names) if name[1] in CANCELS)
        if attempt.is_terminated:
            threading.Event().wait(SETTLED_SECONDS)

    Run(world, scenario.month, watch, arm, after).go()
    return found


def with_last_calls(calls: Mapping[str, Iterable[Call]], last: Iterable[Call]) -> dict[str, list[Call]]:
    """Add the calls of killed tasks to those of every scenario in which the task waits as it did."""
    return {
        name: [*known, *(call for call in last if any(is_wait(each, call) for each in known))]
        for name, known in ((name, list(known)) for name, known in calls.items())
    }


def _prepare(world: World, scenario: Scenario, watch: Watch) -> None:
    outcome = world.provision()
    assert not outcome.errors, outcome.error
    scenario.prepare(world, lambda month: _load(world, month, watch))


def _calls_of(world: World, name: str, watch: Watch) -> list[Call]:
    scenario, cloud = SCENARIOS[name], world.cloud
    _prepare(world, scenario, watch)
    if scenario.latency:
        seconds = scenario.latency
        cloud.set_options(latency={"ddl": seconds, "select": seconds, "ingestion": seconds})
    began: list[tuple[str, int]] = []
    cloud.reset_calls()

    def arm(task: Any, _: int) -> list[Point]:
        task_name = task.task_id.rpartition(".")[2]
        began.append((task_name, len(cloud.trail())))
        return scenario.points(world, task_name)

    Run(world, scenario.month, watch, arm).go()
    cloud.set_options(latency="zero")
    return _numbered(began, cloud.trail())


def _load(world: World, month: str, watch: Watch) -> None:
    run = Run(world, month, watch).go()
    assert run.is_success, run.errors


def _numbered(began: list[tuple[str, int]], trail: list[dict[str, Any]]) -> list[Call]:
    found: list[Call] = []
    for (task, first), (_, end) in zip(began, [*began[1:], ("", len(trail))], strict=True):
        for entry in trail[first:end]:
            if ADMINISTRATORS in entry["principal"]:
                continue
            names = (task, entry["service"], entry["operation"])
            ordinal = 1 + sum((call.task, call.service, call.operation) == names for call in found)
            if entry["operation"] not in POLLS or ordinal == 1:
                found.append(Call(*names, ordinal))
    return found
