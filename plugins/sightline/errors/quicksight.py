"""Ingestions that failed, were held or are not to be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sightline.errors.base import Refusal, Transient

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(eq=False)
class IngestionFailed(Transient):
    """QuickSight ended an ingestion as FAILED or CANCELLED."""

    data_set_id: str
    ingestion_id: str
    error_type: str
    message: str
    advice: str
    MESSAGE = (
        "Ingestion {ingestion_id} of data set {data_set_id} failed: {error_type}: {message}. SPICE stays "
        "as it was. {advice}"
    )


@dataclass(eq=False)
class IngestionRefused(Refusal):
    """QuickSight ended an ingestion as FAILED, for a reason that stays until somebody mends it."""

    data_set_id: str
    ingestion_id: str
    error_type: str
    message: str
    advice: str
    MESSAGE = IngestionFailed.MESSAGE


@dataclass(eq=False)
class DataSourceFailed(Refusal):
    """QuickSight could not connect to Athena with a data source."""

    data_source_id: str
    error_type: str
    message: str
    MESSAGE = (
        "QuickSight cannot connect with data source {data_source_id}: {error_type}: {message}. Look at its role (it "
        "must exist and trust quicksight.amazonaws.com) and its workgroup, then clear this task."
    )


@dataclass(eq=False)
class RowsDropped(Refusal):
    """SPICE does not have every row of the data set."""

    data_set_id: str
    ingestion_id: str
    expected: int
    ingested: int
    dropped: int
    MESSAGE = (
        "Ingestion {ingestion_id} of data set {data_set_id}: {expected:,} rows are in the checked files, "
        "{ingested:,} in SPICE, {dropped:,} were dropped. The data set's refresh history in QuickSight "
        "names the rows; correct the types of its columns."
    )


@dataclass(eq=False)
class GateHeld(Refusal):
    """An ingestion that was not started: a month under the data set is not checked, or was found bad."""

    data_set_id: str
    why: str
    spice: str = "SPICE keeps its last good state"
    MESSAGE = (
        "Data set {data_set_id} was not refreshed. {spice}. Held by {why}. Once that is right, the next load checks it "
        "and refreshes."
    )


def may_hold(ingestion_id: str, since: datetime) -> str:
    """Say that SPICE is not known to hold only what was checked, without a full stop."""
    return (
        f"SPICE may hold what ingestion {ingestion_id} has read since {since:%Y-%m-%d %H:%M:%S %Z}, unchecked"
    )


@dataclass(eq=False)
class ChangedDuringIngestion(Refusal):
    """Files, partitions or the table were changed after an ingestion had begun; `what` says how."""

    data_set_id: str
    what: str
    spice: str
    MESSAGE = (
        "Data set {data_set_id} was changed under an ingestion. {spice}. Its months do not count as published: clear "
        "inspect_source with what follows it, or wait for the next load, which checks what is there and ingests it. "
        "Changed: {what}"
    )


@dataclass(eq=False)
class QuotaSpent(Refusal):
    """QuickSight takes no further manual ingestion of this data set for now."""

    data_set_id: str
    limit: int
    MESSAGE = (
        "Data set {data_set_id} has spent its {limit} ingestions of the last 24 hours. The next one is free within 24 "
        "hours; the next load after that makes up for it."
    )
