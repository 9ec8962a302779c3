"""Which ingestion of a data set runs, and which wait: one at a time runs, in a thread of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from local_aws.quicksight import refusals
from local_aws.quicksight.causes import IngestionFailed
from local_aws.quicksight.ingestion import Ingestion
from local_aws.quicksight.spice import SpiceTable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from local_aws.quicksight.data_set import DataSet
    from local_aws.quicksight.faults import Faults
    from local_aws.quicksight.loading import Loading

MODES = ("queue", "supersede")


class IngestionQueue:
    """Starts ingestions; `second_ingestion` says what happens to a second one of a data set while one runs.

    `queue`: it waits, and says on which. `supersede`: those before it end FAILED with INGESTION_SUPERSEDED.
    AWS documents both. The public methods are called with the service's lock held; the threads take it.
    """

    def __init__(
        self,
        loading: Loading,
        faults: Faults,
        lock: threading.RLock,
        clock: Callable[[], datetime],
        second_ingestion: str,
    ) -> None:
        self._loading, self._faults, self._lock, self._clock = loading, faults, lock, clock
        self.second_ingestion = second_ingestion

    def add(self, data_set: DataSet, ingestion_id: str, request_type: str) -> Ingestion:
        """Take in a new ingestion of a data set and start it, now or when those before it have ended."""
        if ingestion_id in data_set.ingestions:
            raise refusals.exists("INGESTION", ingestion_id)
        if self.second_ingestion == "supersede":
            self.end_all(data_set, "INGESTION_SUPERSEDED", f"Ingestion {ingestion_id} superseded it.")
        arn = f"{data_set.arn}/ingestion/{ingestion_id}"
        fault = self._faults.take(data_set.account_id, data_set.data_set_id)
        ingestion = Ingestion(arn, ingestion_id, request_type, self._clock(), fault=fault)
        if data_set.unfinished():
            ingestion.status = "QUEUED"
        data_set.ingestions[ingestion_id] = ingestion
        self._start_first(data_set)
        return ingestion

    def make_way_for_edit(self, data_set: DataSet) -> None:
        """Before a data set is updated: a running ingestion makes that a conflict, or is given up for it."""
        running = data_set.unfinished()
        if running and self.second_ingestion == "queue":
            raise refusals.conflict(
                f"Data set {data_set.data_set_id} cannot be updated while its ingestion "
                f"{running[0].ingestion_id} is {running[0].status}."
            )
        self.end_all(data_set, "REFRESH_SUPPRESSED_BY_EDIT", f"Data set {data_set.data_set_id} was updated.")

    def end_all(self, data_set: DataSet, error_type: str, message: str) -> None:
        """Fail all ingestions of a data set that run or wait."""
        for ingestion in data_set.unfinished():
            ingestion.fail(error_type, message, self._clock())

    def cancel(self, data_set: DataSet, ingestion: Ingestion) -> None:
        """Cancel an ingestion that runs or waits; those that wait on it go on."""
        ingestion.cancel(self._clock())
        self._start_first(data_set)

    def _start_first(self, data_set: DataSet) -> None:
        for ingestion in data_set.unfinished()[:1]:
            if not ingestion.started:
                ingestion.started = True
                name = f"ingestion {ingestion.ingestion_id}"
                threading.Thread(target=self._run, args=(data_set, ingestion), name=name, daemon=True).start()

    def _run(self, data_set: DataSet, ingestion: Ingestion) -> None:
        outcome: SpiceTable | IngestionFailed
        outcome = IngestionFailed("INTERNAL_SERVICE_ERROR", "The local AWS failed here; its log says why.")
        try:
            self._move(ingestion, "QUEUED")
            self._move(ingestion, "RUNNING")
            outcome = self._loading.outcome(data_set, ingestion)
        finally:
            with self._lock:
                self._end(data_set, ingestion, outcome)

    def _move(self, ingestion: Ingestion, status: str) -> None:
        with self._lock:
            if not ingestion.is_final:
                ingestion.status = status

    def _end(self, data_set: DataSet, ingestion: Ingestion, outcome: SpiceTable | IngestionFailed) -> None:
        """Only a completed ingestion replaces what SPICE holds; one ended meanwhile changes nothing."""
        if ingestion.is_final:
            return
        if isinstance(outcome, SpiceTable):
            data_set.spice = outcome
            ingestion.complete(outcome, self._clock())
        else:
            ingestion.fail(outcome.error_type, outcome.message, self._clock())
        self._start_first(data_set)
