"""A load whose file is not there yet: what it costs until the file comes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.daily.data import month_file
from benchmarks.daily.load import start_run, wait_for_run
from demo.waiting import wait_until

if TYPE_CHECKING:
    from benchmarks.daily.load import Ways
    from demo.airflow_api import AirflowApi

MISSING_SECONDS = 10.0
LOOK_SECONDS = 0.25
START_SECONDS = 60
# No table's settings call its months late yet.
FIRST_YEAR = 2099


@dataclass(frozen=True)
class Wait:
    """How long a file was missing, the worker-slot-seconds spent meanwhile, and the load's time from its coming."""

    seconds: float
    slot_seconds: float
    afterwards: float


def wait_for_a_missing_file(ways: Ways, way: str, month: str) -> Wait:
    """Start a load without its file, look at Airflow's slots while it waits, deliver the file, wait for the end.

    The wait counts from when the first task waits: what was done before it is part of every load.
    """
    stage = ways.stage
    api = stage.sightline if way == "sightline" else stage.stock
    path = start_run(api, f"load_{way}", month)
    wait_until(lambda: _deferred(api), what=f"{way}: a wait for the file", timeout_seconds=START_SECONDS)
    slots, seconds = _slots_meanwhile(api)
    stage.estate.put_source(stage.account(way), month, month_file(month))
    came = time.monotonic()
    wait_for_run(api, path)
    return Wait(seconds, slots, time.monotonic() - came)


def _slots_meanwhile(api: AirflowApi) -> tuple[float, float]:
    """The sum over time of tasks that have a worker, and the time that was looked at."""
    began = last = time.monotonic()
    slots = 0.0
    while last - began < MISSING_SECONDS:
        time.sleep(LOOK_SECONDS)
        pool = api.request("GET", "pools/default_pool")
        now = time.monotonic()
        slots += (pool["running_slots"] + pool["queued_slots"]) * (now - last)
        last = now
    return slots, last - began


def _deferred(api: AirflowApi) -> bool:
    pool = api.request("GET", "pools/default_pool")
    return bool(pool["deferred_slots"] and not pool["running_slots"] and not pool["queued_slots"])
