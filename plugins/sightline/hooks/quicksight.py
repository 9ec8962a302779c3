"""QuickSight: ingestions started once, waited for, and read."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from airflow.providers.amazon.aws.hooks.quicksight import QuickSightHook as ProviderQuickSightHook
from botocore.exceptions import ClientError

from sightline.errors import AccessRefused, IngestionFailed, IngestionRefused, QuotaSpent, SightlineError
from sightline.hooks.account import SharedSession, error_code
from sightline.polling import poll
from sightline.settings import AnalyticsAccount, WorkloadAccount
from sightline.source_grants import source_refused

# Whether a retry may help after a kind of QuickSight's ErrorInfo (API reference, "ErrorInfo"), and what to do about it.
_KINDS: dict[str, tuple[type[IngestionFailed | IngestionRefused], str]] = {
    "INGESTION_SUPERSEDED": (
        IngestionFailed,
        "Another ingestion of the data set was started after it, by hand or by a schedule in QuickSight. A retry "
        "ingests again; leave the refreshes to the loads.",
    ),
    "INGESTION_CANCELED": (
        IngestionFailed,
        "Somebody cancelled it, in QuickSight or by ending a task. A retry ingests again.",
    ),
    "REFRESH_SUPPRESSED_BY_EDIT": (
        IngestionFailed,
        "The data set was edited meanwhile. A retry ingests again.",
    ),
    "IAM_ROLE_NOT_AVAILABLE": (
        IngestionRefused,
        "Make the role {role} again, with its grants, then clear this task.",
    ),
    "FAILURE_TO_ASSUME_ROLE": (
        IngestionRefused,
        "The role {role} must trust quicksight.amazonaws.com; then clear this task.",
    ),
    "PERMISSION_DENIED": (
        IngestionRefused,
        "The role {role} lacks what the message names; grant it, then clear this task.",
    ),
    "SQL_TABLE_NOT_FOUND": (IngestionRefused, "Run the Dag `provision`, then the load again."),
    "INVALID_DATA_SOURCE_CONFIG": (
        IngestionRefused,
        "Run the Dag `provision`: it mends workgroup and data source. Then clear this task.",
    ),
    "ACCOUNT_CAPACITY_LIMIT_EXCEEDED": (
        IngestionRefused,
        "SPICE is full in this region: buy capacity or delete data sets, then clear this task.",
    ),
    "DATA_SET_SIZE_LIMIT_EXCEEDED": (
        IngestionRefused,
        "The data set is larger than SPICE takes: divide the table.",
    ),
}
_ANY_OTHER = (IngestionFailed, "If a retry fails too, look at the data set's refresh history in QuickSight.")

FINAL_STATES = frozenset({"COMPLETED", "FAILED", "CANCELLED"})
# CreateIngestion's documented quota: manual refreshes of one data set in 24 hours.
QUOTA = {"enterprise": 32, "standard": 8}


@dataclass(frozen=True)
class Ingestion:
    """QuickSight's answer about one ingestion, wrapped once."""

    id: str
    state: str
    request_type: str
    created_at: datetime
    rows_ingested: int
    rows_dropped: int
    error_type: str
    error_message: str

    @classmethod
    def from_response(cls, answer: Mapping[str, Any]) -> Ingestion:
        """Wrap DescribeIngestion's answer."""
        ingestion = answer["Ingestion"]
        rows = ingestion.get("RowInfo", {})
        error = ingestion.get("ErrorInfo", {})
        return cls(
            id=ingestion["IngestionId"],
            state=ingestion["IngestionStatus"],
            request_type=ingestion.get("RequestType", ""),
            created_at=ingestion["CreatedTime"],
            rows_ingested=rows.get("RowsIngested", 0),
            rows_dropped=rows.get("RowsDropped", 0),
            error_type=error.get("Type", ""),
            error_message=error.get("Message", ""),
        )

    @property
    def is_final(self) -> bool:
        """Tell whether the state changes no more."""
        return self.state in FINAL_STATES

    @property
    def has_failed(self) -> bool:
        """Tell whether it ended without success."""
        return self.state in {"FAILED", "CANCELLED"}

    @property
    def is_empty_start(self) -> bool:
        """Tell whether it is the one by which a data set of an empty table began: SPICE held nothing before, either."""
        return self.is_final and self.request_type == "INITIAL_INGESTION" and not self.rows_ingested

    def error(self, data_set_id: str, account: WorkloadAccount, role_arn: str) -> SightlineError:
        """Return what to raise for a failed ingestion of a data set that reads as this role."""
        what = f"Ingestion {self.id} of data set {data_set_id}, {self.state} as {self.error_type}"
        if denial := source_refused(what, self.error_message, account, role_arn):
            return denial
        kind, advice = _KINDS.get(self.error_type, _ANY_OTHER)
        message = self.error_message.rstrip(".")
        return kind(
            data_set_id, self.id, self.error_type or self.state, message, advice.format(role=role_arn)
        )


class QuickSightHook(SharedSession, ProviderQuickSightHook):
    """The provider's hook, extended by idempotent starts and adaptive waiting."""

    def start(
        self,
        data_set_id: str,
        ingestion_id: Callable[[int], str],
        analytics: AnalyticsAccount,
        awaited: str = "",
    ) -> Ingestion:
        """Start an ingestion, or attach to the one that the same work already has.

        An ingestion's id is used once, for a failed one too: "exists already" means to attach to it, and only past
        one that failed before this start does the attempt go up.

        Args:
            ingestion_id: gives the id of an attempt, a hash of the state that the ingestion publishes.
            awaited: an ingestion whose end the caller waited for; it is never passed over.

        Raises:
            QuotaSpent: if QuickSight takes no more ingestions of the data set for now.
            AccessRefused: if the role may not start it, or not ask how it stands.
        """
        attempt = 0
        while True:
            wanted = ingestion_id(attempt)
            is_new = self._create(data_set_id, wanted, analytics)
            ingestion = self.look(data_set_id, wanted, analytics)
            if is_new or not ingestion.has_failed or wanted == awaited:
                return ingestion
            self.log.info("Attempt %d had ended %s (%s)", attempt, ingestion.state, wanted)
            attempt += 1

    def _create(self, data_set_id: str, ingestion_id: str, analytics: AnalyticsAccount) -> bool:
        try:
            self.create_ingestion(
                data_set_id, ingestion_id, "FULL_REFRESH", False, aws_account_id=analytics.account_id
            )
        except ClientError as error:
            if error_code(error) == "ResourceExistsException":
                return False
            if error_code(error) == "LimitExceededException":
                raise QuotaSpent(data_set_id, QUOTA[analytics.quicksight.edition]) from error
            raise self._refused(error, "quicksight:CreateIngestion", data_set_id, analytics) from error
        return True

    def begun(
        self,
        data_set_id: str,
        ingestion_id: Callable[[int], str],
        analytics: AnalyticsAccount,
        awaited: str = "",
    ) -> Ingestion | None:
        """Return the ingestion that some work has; None if it has none, or only failed ones: SPICE took nothing then.

        Args:
            ingestion_id, awaited: as for `start`; the ingestion that was waited for is looked at first.

        Raises:
            AccessRefused: if the role may not ask.
        """
        wanted = iter([awaited] if awaited else []), map(ingestion_id, itertools.count())
        for each in itertools.chain(*wanted):
            found = self._find(data_set_id, each, analytics)
            if found is None or not found.has_failed:
                return found
        return None

    def _find(self, data_set_id: str, ingestion_id: str, analytics: AnalyticsAccount) -> Ingestion | None:
        try:
            return self.look(data_set_id, ingestion_id, analytics)
        except AccessRefused as error:
            # "Not there" is told like "not allowed", since a data set that is missing is.
            cause = error.__cause__
            if isinstance(cause, ClientError) and error_code(cause) == "ResourceNotFoundException":
                return None
            raise

    def newest(self, data_set_id: str, analytics: AnalyticsAccount) -> Ingestion | None:
        """Return the data set's latest ingestion that SPICE may hold, whoever started it; None if it may hold none.

        Raises:
            AccessRefused: if the role may not ask.
        """
        pages = self.client.get_paginator("list_ingestions").paginate(
            AwsAccountId=analytics.account_id, DataSetId=data_set_id
        )
        try:
            found = [
                Ingestion.from_response({"Ingestion": each}) for page in pages for each in page["Ingestions"]
            ]
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise self._refused(error, "quicksight:ListIngestions", data_set_id, analytics) from error
        held = (each for each in found if not (each.has_failed or each.is_empty_start))
        return max(held, key=lambda each: each.created_at, default=None)

    def look(self, data_set_id: str, ingestion_id: str, analytics: AnalyticsAccount) -> Ingestion:
        """Ask once how an ingestion stands.

        Raises:
            AccessRefused: if the role may not ask.
        """
        try:
            answer = self.client.describe_ingestion(
                AwsAccountId=analytics.account_id, DataSetId=data_set_id, IngestionId=ingestion_id
            )
        except ClientError as error:
            raise self._refused(error, "quicksight:DescribeIngestion", data_set_id, analytics) from error
        return Ingestion.from_response(answer)

    def wait(
        self, data_set_id: str, ingestion: Ingestion, analytics: AnalyticsAccount, seconds: float
    ) -> Ingestion:
        """Wait up to `seconds` for the final state and return the last answer.

        Raises:
            AccessRefused: if the role may not ask.
        """
        return poll(
            lambda: self.look(data_set_id, ingestion.id, analytics),
            lambda answer: answer.is_final,
            seconds,
            ingestion,
        )

    def _refused(
        self, error: ClientError, action: str, data_set_id: str, analytics: AnalyticsAccount
    ) -> Exception:
        return self.account.refused(
            error,
            action,
            f"arn:aws:quicksight:{analytics.region}:{analytics.account_id}:dataset/{data_set_id}",
            "The role needs this action on the data set; if the data set is missing, run the Dag `provision`.",
        )
