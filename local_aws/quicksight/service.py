"""QuickSight, as far as the local AWS answers it itself: data sources, data sets, ingestions.

Whatever needs QuickSight's users, sharing or rendering is not here.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local_aws.quicksight import refusals
from local_aws.quicksight.data_sets import DataSets
from local_aws.quicksight.data_sources import DataSources
from local_aws.quicksight.faults import Faults
from local_aws.quicksight.ingestion_queue import IngestionQueue
from local_aws.quicksight.ingestions import Ingestions
from local_aws.quicksight.loading import Loading
from local_aws.quicksight.options import quicksight_options

if TYPE_CHECKING:
    from local_aws.athena.service import AthenaService
    from local_aws.callers import Callers
    from local_aws.calls import Call
    from local_aws.control import Option
    from local_aws.iam.authorizer import Authorizer
    from local_aws.latency import Latency

Operation = Callable[["Call"], dict[str, Any]]


def _now() -> datetime:
    return datetime.now(UTC)


class QuickSightService:
    """Answers QuickSight's calls; ingestions run in threads of their own.

    Args:
        athena: runs the data sets' SQL.
        callers: finds the roles of data sources.
        authorizer: asked for iam:PassRole and quicksight:PassDataSource, which no operation is named after.
        latency: how long an ingestion takes.
        second_ingestion: `queue` or `supersede`, what a second ingestion of a data set does while one runs.
        clock: the time, aware; tests of the quota's rolling window set it.
    """

    name = "quicksight"

    def __init__(
        self,
        athena: AthenaService,
        callers: Callers,
        latency: Latency,
        *,
        authorizer: Authorizer,
        second_ingestion: str = "queue",
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._lock = threading.RLock()
        faults = Faults()
        sources = DataSources(athena, callers, authorizer, clock)
        loading = Loading(athena, callers, latency, sources)
        queue = IngestionQueue(loading, faults, self._lock, clock, second_ingestion)
        self._data_sets = DataSets(sources, queue, clock)
        ingestions = Ingestions(self._data_sets, queue, clock)
        self.options: Mapping[str, Option] = quicksight_options(queue, ingestions, faults)
        answered = {**sources.operations, **self._data_sets.operations, **ingestions.operations}
        self.operations: Mapping[str, Operation] = {
            name: self._answering(operation) for name, operation in answered.items()
        }

    def _answering(self, operation: Operation) -> Operation:
        def answer(call: Call) -> dict[str, Any]:
            if call.parameters["AwsAccountId"] != call.account_id:
                raise refusals.access_denied(
                    f"{call.caller.arn} may not act on account {call.parameters['AwsAccountId']}: "
                    f"it belongs to account {call.account_id}."
                )
            with self._lock:
                return {"Status": 200, "RequestId": str(uuid.uuid4()), **operation(call)}

        return answer

    def spice_rows(self, account_id: str, data_set_id: str) -> dict[str, Any]:
        """Return what SPICE holds of a data set: `{"columns": [name, …], "rows": [[text or None, …], …]}`.

        Both are empty while no ingestion of the data set has completed. There is no such call in QuickSight;
        it is for tests and the demo to prove what a reader would see.
        """
        with self._lock:
            found = self._data_sets.shelf.in_account(account_id, data_set_id)
            if not found:
                raise refusals.not_found("DATA_SET", data_set_id)
            if len(found) > 1:
                raise refusals.invalid(f"Data set {data_set_id} exists in {len(found)} Regions.")
            table = found[0].spice
        if table is None:
            return {"columns": [], "rows": []}
        return {
            "columns": [column.name for column in table.columns],
            "rows": [list(row) for row in table.rows],
        }
