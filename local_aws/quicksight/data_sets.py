"""The operations on QuickSight's data sets."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from local_aws.quicksight.data_set import DataSet
from local_aws.quicksight.definition import Definition
from local_aws.quicksight.names import require_resource_id, resource_arn
from local_aws.quicksight.permissions import Permissions
from local_aws.quicksight.shelf import Shelf, page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from local_aws.calls import Call
    from local_aws.quicksight.data_sources import DataSources
    from local_aws.quicksight.ingestion_queue import IngestionQueue


class DataSets:
    """The operations on data sets; creating and updating a SPICE data set starts an ingestion."""

    def __init__(self, sources: DataSources, queue: IngestionQueue, clock: Callable[[], datetime]) -> None:
        self.shelf: Shelf[DataSet] = Shelf("DATA_SET")
        self._sources, self._queue, self._clock = sources, queue, clock
        self.operations: Mapping[str, Callable[[Call], dict[str, Any]]] = {
            "CreateDataSet": self._create,
            "DescribeDataSet": lambda call: {"DataSet": self.of(call).described()},
            "UpdateDataSet": self._update,
            "DeleteDataSet": self._delete,
            "ListDataSets": self._list,
            "DescribeDataSetPermissions": self._describe_permissions,
            "UpdateDataSetPermissions": self._update_permissions,
        }

    def of(self, call: Call) -> DataSet:
        """Return the data set that a call is about, or raise ResourceNotFoundException."""
        return self.shelf.get(call, call.parameters["DataSetId"])

    def _create(self, call: Call) -> dict[str, Any]:
        data_set_id, now = require_resource_id("DataSetId", call.parameters["DataSetId"]), self._clock()
        data_set = DataSet(
            arn=resource_arn(call, f"dataset/{data_set_id}"),
            data_set_id=data_set_id,
            account_id=call.account_id,
            region=call.region,
            definition=self._definition(call),
            created=now,
            updated=now,
            permissions=Permissions(call.parameters.get("Permissions") or ()),
        )
        self.shelf.add(call, data_set_id, data_set)
        return {**data_set.named(), **self._ingest(data_set, "INITIAL_INGESTION"), "Status": 201}

    def _update(self, call: Call) -> dict[str, Any]:
        data_set = self.of(call)
        definition = self._definition(call)
        self._queue.make_way_for_edit(data_set)
        data_set.definition, data_set.updated = definition, self._clock()
        if not definition.is_spice:
            data_set.spice = None
        return {**data_set.named(), **self._ingest(data_set, "EDIT")}

    def _definition(self, call: Call) -> Definition:
        definition = Definition.from_call(call)
        source = self._sources.by_arn(call, definition.data_source_arn)
        self._sources.require(call, "quicksight:PassDataSource", source.arn)
        return definition

    def _ingest(self, data_set: DataSet, request_type: str) -> dict[str, Any]:
        if not data_set.definition.is_spice:
            return {}
        ingestion = self._queue.add(data_set, str(uuid.uuid4()), request_type)
        return {"IngestionArn": ingestion.arn, "IngestionId": ingestion.ingestion_id}

    def _delete(self, call: Call) -> dict[str, Any]:
        data_set = self.shelf.remove(call, call.parameters["DataSetId"])
        self._queue.end_all(data_set, "DATA_SET_DELETED", f"Data set {data_set.data_set_id} was deleted.")
        return data_set.named()

    def _list(self, call: Call) -> dict[str, Any]:
        return page(call, "DataSetSummaries", [data_set.summary() for data_set in self.shelf.all(call)])

    def _describe_permissions(self, call: Call) -> dict[str, Any]:
        data_set = self.of(call)
        return {**data_set.named("DataSetArn"), "Permissions": data_set.permissions.described()}

    def _update_permissions(self, call: Call) -> dict[str, Any]:
        data_set = self.of(call)
        data_set.permissions.update(
            call.parameters.get("GrantPermissions") or (), call.parameters.get("RevokePermissions") or ()
        )
        return data_set.named("DataSetArn")
