"""Worker processes of a campaign, each with a local AWS of its own."""

from __future__ import annotations

import gc
import os
import signal
import tempfile
import traceback
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from demo.cloud import Cloud, start_cloud
from demo.home import Home, State
from demo.processes import stop
from tests.faults.calls import calls_of, last_calls, with_last_calls
from tests.faults.economy import forget_secrets, share_what_never_changes, shorten_pauses
from tests.faults.plan import Call, Plan, Trial
from tests.faults.scenarios import SCENARIOS
from tests.faults.trial import Result, run_trial
from tests.faults.watch import Watch

# A busy machine takes half a minute for what takes a second.
TRIAL_SECONDS = 180
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


def become_worker(endpoints: Any) -> None:
    """Prepare this process: its cloud, its watch, short pauses, an alarm for trials that hang."""
    shorten_pauses()
    share_what_never_changes()
    _here["cloud"], _here["watch"] = Cloud(endpoints.get()), Watch()
    _here["watch"].install()
    signal.signal(signal.SIGALRM, _hangs)
    # What is imported by now lives as long as the process: no need to look through it again and again.
    gc.freeze()


def _hangs(*_: object) -> None:
    raise TrialTimeout


def work(trial: Trial) -> Result:
    """Run one trial in this worker; what breaks it is a violation with its traceback."""
    forget_secrets()
    signal.alarm(TRIAL_SECONDS)
    try:
        return run_trial(trial, _here["cloud"], _here["watch"])
    except TrialTimeout:
        # A load beside would go on into the next trial.
        _here["watch"].end_other_threads()
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


def results(pool: ProcessPoolExecutor, plan: Plan, wanted: int, jobs: int) -> Iterator[Result]:
    """Run trials from the first on, and give each as it comes, until as many as wanted have struck something."""
    # Whatever the plan, a campaign that strikes nothing ends.
    waiting = (plan.trial(number) for number in range(2 * wanted + 100))
    running: set[Future[Result]] = set()
    while wanted > 0:
        due = min(jobs, wanted) - len(running)
        running |= {pool.submit(work, trial) for trial in islice(waiting, due)}
        if not running:
            return
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            wanted -= future.result().is_trial
            yield future.result()


def read_plan(pool: ProcessPoolExecutor, seed: str) -> Plan:
    """Read the calls of loads, and plan the trials of a seed."""
    last = pool.submit(read_last_calls)
    calls = dict(zip(SCENARIOS, pool.map(read_calls, SCENARIOS), strict=True))
    return Plan(seed, with_last_calls(calls, last.result()))


def read_calls(name: str) -> list[Call]:
    """The calls of an undisturbed load of a scenario, in this worker."""
    return calls_of(name, _here["cloud"], _here["watch"])


def read_last_calls() -> list[Call]:
    """The calls that only a killed load makes, in this worker."""
    return last_calls(_here["cloud"], _here["watch"])
