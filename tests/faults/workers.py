"""Worker processes of a campaign, each with a local AWS of its own."""

from __future__ import annotations

import asyncio
import copy
import gc
import os
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from types import FunctionType
from typing import Any

from botocore import hooks

from demo.cloud import Cloud, start_cloud
from demo.home import Home, State
from demo.processes import stop
from tests.faults.plan import POLLS, Call, Trial
from tests.faults.runs import Run
from tests.faults.scenarios import SCENARIOS
from tests.faults.trial import Result, run_trial
from tests.faults.watch import Point, Watch
from tests.support.world import World, new_world, settings_document

# Pauses between botocore's attempts, between looks at a query, between writers of the ledger: they are made, the code
# that makes them runs, but none is longer than this. No trial depends on how long one is.
LONGEST_PAUSE, LONGEST_OF_TRIGGERS = 0.01, 0.2
TRIAL_SECONDS = 90
ADMINISTRATORS = "OrganizationAccountAccessRole"
_here: dict[str, Any] = {}


class TrialTimeout(BaseException):
    """A trial did not end."""


@contextmanager
def local_clouds(count: int) -> Iterator[list[str]]:
    """Start so many local AWS; ended with the block, whatever happens in it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sightline-faults-")))
        endpoints = []
        for number in range(count):
            home, state = Home(folder / f"cloud{number}"), State(marker=f"faults-{os.getpid()}-{number}")
            home.create()
            home.logs.mkdir(exist_ok=True)
            stack.callback(stop, state.services, state.marker, grace_seconds=2)
            endpoints.append(start_cloud(home, state, dict(os.environ)).endpoint)
        yield endpoints


def spare_time() -> None:
    """Let no pause of this process be longer than LONGEST_PAUSE, and botocore keep what it finds out again and again.

    A trial makes some fifty sessions; for each, botocore asks of its 130 handlers what they are called and take. The
    answers never change, and to find them is a third of a trial.
    """
    pause, pause_of_triggers, names = time.sleep, asyncio.sleep, dict[str, str]()
    time.sleep = lambda seconds: pause(min(seconds, LONGEST_PAUSE))
    asyncio.sleep = lambda seconds, result=None: pause_of_triggers(min(seconds, LONGEST_OF_TRIGGERS), result)
    hooks.accepts_kwargs = _once_a_function(hooks.accepts_kwargs)
    hooks.EventAliaser._alias_name_cache = property(lambda _: names, lambda *_: None)


def _once_a_function(ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Ask once about each function of a module; a client's methods would keep their client in memory."""
    remembered = lru_cache(maxsize=None)(ask)
    return lambda handler: (remembered if isinstance(handler, FunctionType) else ask)(handler)


def become_worker(endpoints: Any) -> None:
    """Prepare this process: its cloud, its watch, short pauses, an alarm for trials that hang."""
    spare_time()
    _here["cloud"], _here["watch"] = Cloud(endpoints.get()), Watch()
    _here["watch"].install()
    signal.signal(signal.SIGALRM, _hangs)
    # What is imported by now lives as long as the process: no need to look through it again and again.
    gc.freeze()


def _hangs(*_: object) -> None:
    raise TrialTimeout


def work(trial: Trial) -> Result:
    """Run one trial in this worker; what breaks it is a violation with its traceback."""
    signal.alarm(TRIAL_SECONDS)
    try:
        return run_trial(trial, _here["cloud"], _here["watch"])
    except TrialTimeout:
        return Result(trial, violations=[f"did not end within {TRIAL_SECONDS} s"])
    except BaseException:  # noqa: BLE001 - whatever it was, it belongs to this trial
        return Result(trial, violations=[f"the trial broke:\n{traceback.format_exc()}"])
    finally:
        signal.alarm(0)


@contextmanager
def workers(endpoints: list[str]) -> Iterator[ProcessPoolExecutor]:
    """As many processes as there are clouds, each with one of its own."""
    context = get_context("spawn")
    queue = context.SimpleQueue()
    for endpoint in endpoints:
        queue.put(endpoint)
    with ProcessPoolExecutor(len(endpoints), context, become_worker, (queue,)) as pool:
        yield pool


def results(pool: ProcessPoolExecutor, trials: Iterable[Trial], jobs: int) -> Iterator[Result]:
    """Run trials, and give each result as it comes."""
    waiting = iter(trials)
    running = {pool.submit(work, trial) for trial in islice(waiting, jobs)}
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            running |= {pool.submit(work, trial) for trial in islice(waiting, 1)}
            yield future.result()


def undisturbed_calls(pool: ProcessPoolExecutor) -> dict[str, list[Call]]:
    """The calls of an undisturbed load of each scenario, task by task, as the local AWS has recorded them."""
    return dict(zip(SCENARIOS, pool.map(read_calls, SCENARIOS), strict=True))


def read_calls(name: str) -> list[Call]:
    """The calls of an undisturbed load of a scenario, in this worker."""
    return calls_of(name, _here["cloud"], _here["watch"])


def calls_of(name: str, cloud: Cloud, watch: Watch) -> list[Call]:
    """The calls of an undisturbed load of a scenario."""
    with (
        tempfile.TemporaryDirectory(prefix="sightline-faults-") as folder,
        new_world(cloud, Path(folder), settings_document(**copy.deepcopy(SCENARIOS[name].settings))) as world,
    ):
        return _calls_of(world, name, watch)


def _calls_of(world: World, name: str, watch: Watch) -> list[Call]:
    scenario, cloud = SCENARIOS[name], world.cloud
    outcome = world.provision()
    assert not outcome.errors, outcome.error
    scenario.prepare(world, lambda month: _load(world, month, watch))
    if scenario.latency:
        seconds = scenario.latency
        cloud.set_options(latency={"ddl": seconds, "select": seconds, "ingestion": seconds})
    began: list[tuple[str, int]] = []
    cloud.reset_calls()

    def arm(task: Any, _: int) -> list[Point]:
        task_name = task.task_id.rpartition(".")[2]
        began.append((task_name, len(_trail(cloud))))
        return scenario.points(world, task_name)

    Run(world, scenario.month, watch, arm).go()
    cloud.set_options(latency="zero")
    return _numbered(began, _trail(cloud))


def _load(world: World, month: str, watch: Watch) -> None:
    run = Run(world, month, watch).go()
    assert run.is_success, run.errors


def _trail(cloud: Cloud) -> list[dict[str, Any]]:
    return list(cloud.control("GET", "trail")["calls"])


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
