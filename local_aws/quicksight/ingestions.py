"""The operations on ingestions, with the quota of manual refreshes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from local_aws.quicksight import refusals
from local_aws.quicksight.names import require_ingestion_id
from local_aws.quicksight.shelf import page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from local_aws.calls import Call
    from local_aws.quicksight.data_set import DataSet
    from local_aws.quicksight.data_sets import DataSets
    from local_aws.quicksight.ingestion import Ingestion
    from local_aws.quicksight.ingestion_queue import IngestionQueue

MANUAL_REFRESHES = {"ENTERPRISE": 32, "STANDARD": 8}  # a data set, in a rolling 24 hours
QUOTA_WINDOW = timedelta(hours=24)
DEFAULT_EDITION = "ENTERPRISE"


class Ingestions:
    """CreateIngestion, DescribeIngestion, ListIngestions and CancelIngestion; `editions` is by account id."""

    def __init__(self, data_sets: DataSets, queue: IngestionQueue, clock: Callable[[], datetime]) -> None:
        self._data_sets, self._queue, self._clock = data_sets, queue, clock
        self.editions: dict[str, str] = {}
        self.operations: Mapping[str, Callable[[Call], dict[str, Any]]] = {
            "CreateIngestion": self._create,
            "DescribeIngestion": self._describe,
            "ListIngestions": self._list,
            "CancelIngestion": self._cancel,
        }

    def _create(self, call: Call) -> dict[str, Any]:
        data_set = self._data_sets.of(call)
        ingestion_id = require_ingestion_id(call.parameters["IngestionId"])
        if ingestion_id in data_set.ingestions:
            raise refusals.exists("INGESTION", ingestion_id)
        _require_full_refresh(call, data_set)
        self._count_manual_refresh(data_set)
        ingestion = self._queue.add(data_set, ingestion_id, "FULL_REFRESH")
        return {**_named(ingestion), "IngestionStatus": ingestion.status, "Status": 201}

    def _count_manual_refresh(self, data_set: DataSet) -> None:
        """AWS does not say whether failed ones count: here they do, refused ones do not."""
        now = self._clock()
        data_set.manual_starts = [at for at in data_set.manual_starts if at > now - QUOTA_WINDOW]
        edition = self.editions.get(data_set.account_id, DEFAULT_EDITION)
        quota = MANUAL_REFRESHES[edition]
        if len(data_set.manual_starts) >= quota:
            message = (
                f"Data set {data_set.data_set_id} has had {quota} manual refreshes within 24 hours, the quota"
            )
            raise refusals.limit_exceeded("INGESTION", f"{message} of {edition.lower()} edition.")
        data_set.manual_starts.append(now)

    def _describe(self, call: Call) -> dict[str, Any]:
        data_set = self._data_sets.of(call)
        return {"Ingestion": _of(call, data_set).described(_running(data_set))}

    def _list(self, call: Call) -> dict[str, Any]:
        data_set = self._data_sets.of(call)
        newest_first = reversed(data_set.ingestions.values())
        running = _running(data_set)
        return page(call, "Ingestions", [ingestion.described(running) for ingestion in newest_first])

    def _cancel(self, call: Call) -> dict[str, Any]:
        data_set = self._data_sets.of(call)
        ingestion = _of(call, data_set)
        if ingestion.is_final:
            raise refusals.invalid(f"Ingestion {ingestion.ingestion_id} is {ingestion.status} already.")
        self._queue.cancel(data_set, ingestion)
        return _named(ingestion)


def _require_full_refresh(call: Call, data_set: DataSet) -> None:
    if not data_set.definition.is_spice:
        raise refusals.invalid(f"Data set {data_set.data_set_id} is not a SPICE data set.")
    if call.parameters.get("IngestionType", "FULL_REFRESH") != "FULL_REFRESH":
        raise refusals.invalid(
            f"Data set {data_set.data_set_id} has no refresh properties: only a full refresh is possible."
        )


def _of(call: Call, data_set: DataSet) -> Ingestion:
    ingestion_id = call.parameters["IngestionId"]
    if ingestion_id not in data_set.ingestions:
        raise refusals.not_found("INGESTION", ingestion_id)
    return data_set.ingestions[ingestion_id]


def _running(data_set: DataSet) -> Ingestion | None:
    return next(iter(data_set.unfinished()), None)


def _named(ingestion: Ingestion) -> dict[str, Any]:
    return {"Arn": ingestion.arn, "IngestionId": ingestion.ingestion_id}
