"""One of QuickSight's data sets: what it is defined to be, its ingestions, and what SPICE holds of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_aws.quicksight.permissions import Permissions

if TYPE_CHECKING:
    from datetime import datetime

    from local_aws.quicksight.definition import Definition
    from local_aws.quicksight.ingestion import Ingestion
    from local_aws.quicksight.spice import SpiceTable


@dataclass
class DataSet:
    """One data set, its ingestions (oldest first; an id stays used) and the last completed one's rows."""

    arn: str
    data_set_id: str
    account_id: str
    region: str
    definition: Definition
    created: datetime
    updated: datetime
    permissions: Permissions = field(default_factory=Permissions)
    spice: SpiceTable | None = None
    ingestions: dict[str, Ingestion] = field(default_factory=dict)
    manual_starts: list[datetime] = field(default_factory=list)

    def unfinished(self) -> list[Ingestion]:
        """Return the ingestions that run or wait; the first of them is the one that runs."""
        return [ingestion for ingestion in self.ingestions.values() if not ingestion.is_final]

    def described(self) -> dict[str, Any]:
        """Return the data set as DescribeDataSet answers it."""
        return {
            **self.summary(),
            **self.definition.members,
            "OutputColumns": [column.described() for column in self.definition.columns],
            "ConsumedSpiceCapacityInBytes": self.spice.size_in_bytes if self.spice else 0,
        }

    def summary(self) -> dict[str, Any]:
        """Return the data set as ListDataSets answers it."""
        return {
            **self.named(),
            "Name": self.definition.members["Name"],
            "ImportMode": self.definition.members["ImportMode"],
            "CreatedTime": self.created,
            "LastUpdatedTime": self.updated,
        }

    def named(self, arn_member: str = "Arn") -> dict[str, Any]:
        """Return the members that every answer about the data set begins with."""
        return {arn_member: self.arn, "DataSetId": self.data_set_id}
