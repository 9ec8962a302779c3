"""The ids and ARNs of QuickSight's resources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local_aws.quicksight import refusals

if TYPE_CHECKING:
    from local_aws.calls import Call


def resource_arn(call: Call, path: str) -> str:
    """Return the ARN of a resource in the call's account and Region; `path` is like `dataset/sales`."""
    return f"arn:aws:quicksight:{call.region}:{call.account_id}:{path}"


def require_resource_id(member: str, value: str) -> str:
    """Return the id of a new data source or data set, or refuse it: 96 letters, digits, `-`, `_` at most."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,96}", value):
        raise refusals.invalid(f"{member} {value!r} must be 1 to 96 letters, digits, hyphens or underscores.")
    return value


def require_ingestion_id(value: str) -> str:
    """Return the id of a new ingestion, or refuse it: letters, digits, `-` and `_`, 128 at most."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", value):
        raise refusals.invalid(
            f"IngestionId {value!r} must be 1 to 128 letters, digits, hyphens or underscores."
        )
    return value
