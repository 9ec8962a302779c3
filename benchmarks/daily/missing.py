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

MISSING_SECONDS = 20.0
LOOK_SECONDS = 0.25
START_SECONDS = 60
# No table's settings call it late yet.
MONTH = "2099-01"


@dataclass(frozen=True)
class Wait:
    """How long a file was missing, the worker-slot-seconds spent meanwhile, and what followed when it came."""

    seconds: float
    slot_seconds: float
    afterwards: float

    def cells(self) -> tuple[str, str, str]:
        """The cells of its row."""
        return f"{self.seconds:.0f}", f"{self.slot_seconds:.2f}", f"{self.afterwards:.1f}"


def wait_for_a_missing_file(ways: Ways, way: str) -> Wait:
    """Start a load without its file, look at Airflow's slots while it waits, deliver the file, wait for the end.

    The wait counts from when the first task waits: what was done before it is part of every load.
    """
    stage = ways.stage
    api = stage.sightline if way == "sightline" else stage.stock
    path = start_run(api, f"load_{way}", MONTH)
    wait_until(lambda: _deferred(api), what=f"{way}: a wait for the file", timeout_seconds=START_SECONDS)
    slots, seconds = _slots_meanwhile(api)
    stage.estate.put_source(stage.account(way), MONTH, month_file(MONTH))
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
