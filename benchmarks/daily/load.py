"""One load by each of the three ways: triggered, awaited, timed, counted, and proved right."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from benchmarks.daily.data import COLUMNS
from benchmarks.daily.stage import BenchmarkError, Stage, make_floor
from demo.evidence import Evidence
from demo.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.daily.floor import Floor
    from demo.airflow_api import AirflowApi

LOOK_SECONDS = 0.2
RUN_SECONDS = 240
Record = tuple[str, ...]
POLLS = frozenset({"GetQueryExecution", "DescribeIngestion"})


@dataclass(frozen=True)
class Timing:
    """Seconds of one load: `run` from its start to its end as Airflow records them, `outside` with asking for it."""

    run: float
    outside: float
    slots: float


@dataclass(frozen=True)
class Load:
    """What one load took. `calls` are all calls of AWS, those to STS and the polls among them."""

    timing: Timing
    calls: int
    sts: int
    polls: int
    statements: int
    ingestions: int


class Ways:
    """The three ways on a stage that is up."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.floor: Floor = make_floor(stage.estate, stage.account("floor"))
        self._run: dict[str, Callable[[str], Timing]] = {
            "sightline": lambda month: self._airflow(stage.sightline, "load_sightline", month),
            "stock": lambda month: self._airflow(stage.stock, "load_stock", month),
            "floor": self._bare,
        }
        self._delivered: dict[str, Counter[Record]] = defaultdict(Counter)

    def new_month(self, way: str, month: str, body: bytes) -> Load:
        """Deliver a month and load it. Raises BenchmarkError unless SPICE then holds just what was delivered."""
        self.stage.estate.put_source(self.stage.account(way), month, body)
        load = self._counted(way, month)
        self._delivered[way].update(_records(body))
        self._prove(way)
        return load

    def same_month(self, way: str, month: str) -> Load:
        """Load a month once more whose file has not changed."""
        load = self._counted(way, month)
        self._prove(way)
        return load

    def _counted(self, way: str, month: str) -> Load:
        self.stage.cloud.reset_calls()
        timing = self._run[way](month)
        calls = self.stage.cloud.calls()
        return Load(
            timing,
            calls=_sum(calls),
            sts=_sum(calls, service="sts"),
            polls=sum(_sum(calls, operation=name) for name in POLLS),
            statements=_sum(calls, operation="StartQueryExecution"),
            ingestions=_sum(calls, operation="CreateIngestion"),
        )

    def _airflow(self, api: AirflowApi, dag_id: str, month: str) -> Timing:
        began = time.monotonic()
        path = start_run(api, dag_id, month)
        run = wait_for_run(api, path)
        outside = time.monotonic() - began
        return Timing(_seconds(run), outside, slot_seconds(api, path))

    def _bare(self, month: str) -> Timing:
        began = time.monotonic()
        self.floor.load(month)
        seconds = time.monotonic() - began
        return Timing(seconds, seconds, 0.0)

    def _prove(self, way: str) -> None:
        served, delivered = self._served(way), self._delivered[way]
        if served != delivered:
            raise BenchmarkError(
                f"{way}: of the files' {delivered.total()} records SPICE lacks {(delivered - served).total()}, "
                f"and it holds {(served - delivered).total()} others"
            )

    def _served(self, way: str) -> Counter[Record]:
        """The records that SPICE serves of a way's data set, without the partition's columns."""
        rows = Evidence(self.stage.estate).spice_records(self.stage.account(way))
        return Counter(tuple(str(row[name]) for name in COLUMNS) for row in rows)


def _records(body: bytes) -> list[Record]:
    """The records of a delivered file."""
    return [tuple(record[name] for name in COLUMNS) for record in csv.DictReader(io.StringIO(body.decode()))]


def start_run(api: AirflowApi, dag_id: str, month: str) -> str:
    """Trigger a run and return its path in the REST interface."""
    body = {"logical_date": None, "conf": {"month": month}}
    run_id = api.request("POST", f"dags/{dag_id}/dagRuns", json=body)["dag_run_id"]
    return f"dags/{dag_id}/dagRuns/{run_id}"


def wait_for_run(api: AirflowApi, path: str) -> dict[str, Any]:
    """Wait for a run's end, with few and cheap questions: they are answered by the machine that is measured.

    Raises:
        BenchmarkError: if it fails.
    """

    def look() -> dict[str, Any] | None:
        run: dict[str, Any] = api.request("GET", path)
        return run if run["state"] in {"success", "failed"} else None

    run = wait_until(look, what=path, timeout_seconds=RUN_SECONDS, poll_seconds=LOOK_SECONDS)
    if run["state"] != "success":
        raise BenchmarkError(f"{api.url}/{path} failed")
    return run


def slot_seconds(api: AirflowApi, path: str) -> float:
    """How long tasks of a run had a worker: right for tasks that were not deferred."""
    instances = api.request("GET", f"{path}/taskInstances", params={"limit": 100})["task_instances"]
    return sum(instance["duration"] or 0.0 for instance in instances)


def _seconds(run: dict[str, Any]) -> float:
    begin, end = (datetime.fromisoformat(run[name]) for name in ("start_date", "end_date"))
    return (end - begin).total_seconds()


def _sum(calls: list[dict[str, Any]], **wanted: str) -> int:
    """How many calls there were of this service, operation or both."""
    return sum(call["count"] for call in calls if all(call[key] == value for key, value in wanted.items()))
