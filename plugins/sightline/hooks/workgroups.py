"""Athena workgroups: made when missing, mended when they differ."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from sightline.hooks.account import AccountHook, error_code
from sightline.settings import AnalyticsAccount, WorkloadAccount


def ensure_workgroup(analytics: AnalyticsAccount, account: WorkloadAccount) -> str:
    """Make the account's workgroup, or mend it; return "created", "updated" or "unchanged".

    Raises:
        AccessRefused: if the role may not.
    """
    hook = AccountHook.of_analytics(analytics)
    client = hook.client("athena")
    wanted = configuration(analytics, account)
    try:
        found = _find(client, account.workgroup)
        if found is None:
            client.create_work_group(Name=account.workgroup, Configuration=wanted)
            return "created"
        if all(found.get(key) == value for key, value in wanted.items()):
            return "unchanged"
        client.update_work_group(WorkGroup=account.workgroup, ConfigurationUpdates=_updates(wanted))
    except ClientError as error:
        raise hook.refused(
            error,
            "athena:GetWorkGroup, athena:CreateWorkGroup, athena:UpdateWorkGroup",
            f"workgroup {account.workgroup}",
            "The role needs these actions on the workgroup.",
        ) from error
    return "updated"


def configuration(analytics: AnalyticsAccount, account: WorkloadAccount) -> dict[str, Any]:
    """Return the configuration as CreateWorkGroup takes it; it overrides what clients ask for."""
    return {
        "ResultConfiguration": {
            "OutputLocation": account.results_location,
            "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
            "ExpectedBucketOwner": analytics.account_id,
        },
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": True,
        "BytesScannedCutoffPerQuery": account.scan_cutoff_bytes,
    }


def _find(client: Any, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = client.get_work_group(WorkGroup=name)["WorkGroup"]["Configuration"]
    except ClientError as error:
        # Athena has no code of its own for a workgroup that does not exist.
        if error_code(error) == "InvalidRequestException" and "not found" in str(error):
            return None
        raise
    return found


def _updates(wanted: dict[str, Any]) -> dict[str, Any]:
    updates = {key: value for key, value in wanted.items() if key != "ResultConfiguration"}
    return {**updates, "ResultConfigurationUpdates": wanted["ResultConfiguration"]}
