"""QuickSight: the action on the thing that the call is about.

Lists are one question about everything of their kind (`dataset/*`). Passing a role to a data source and a data source
to a data set (iam:PassRole, quicksight:PassDataSource) is asked by the service itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_aws.iam.needs import Need, arn, text

if TYPE_CHECKING:
    from local_aws.calls import Call

KINDS = {
    "DataSourceId": "datasource",
    "DataSetId": "dataset",
    "AnalysisId": "analysis",
    "DashboardId": "dashboard",
    "TemplateId": "template",
}
LISTS = {"ListDataSources": "datasource", "ListDataSets": "dataset"}


def quicksight_needs(call: Call) -> list[Need]:
    """Return what a QuickSight operation needs."""
    return [Need(f"quicksight:{call.operation}", arn(call, "quicksight", _resource(call)))]


def _resource(call: Call) -> str:
    kind, name = next(
        ((kind, text(call, member)) for member, kind in KINDS.items() if member in call.parameters),
        (LISTS.get(call.operation, "account"), "*"),
    )
    ingestion = text(call, "IngestionId")
    if ingestion or call.operation == "ListIngestions":
        return f"{kind}/{name}/ingestion/{ingestion or '*'}"
    return f"{kind}/{name}"
