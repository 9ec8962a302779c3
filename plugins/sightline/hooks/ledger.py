"""Where the ledger is stored: one object per table, changed only by conditional writes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from sightline.errors import LedgerContended
from sightline.hooks.account import AccountHook, error_code
from sightline.ledger import Ledger
from sightline.settings import AnalyticsAccount, Table, WorkloadAccount

ATTEMPTS = 10
LONGEST_PAUSE = 0.2
_LOST_RACE = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})


@dataclass(frozen=True)
class StoredLedger:
    """A ledger as it was read; `etag` is empty while there is none."""

    ledger: Ledger
    etag: str


class LedgerStore:
    """One table's ledger in the analytics account's ledger bucket."""

    def __init__(
        self,
        analytics: AnalyticsAccount,
        account: WorkloadAccount,
        table: Table,
        hook: AccountHook | None = None,
    ) -> None:
        self.analytics = analytics
        self.hook = hook or AccountHook.of_analytics(analytics)
        self.key = f"ledger/account={account.name}/table={table.name}/months.jsonl"

    @cached_property
    def client(self) -> Any:
        """The S3 client of the pipeline role."""
        return self.hook.client("s3")

    @property
    def uri(self) -> str:
        """The ledger's s3:// address."""
        return f"s3://{self.analytics.ledger_bucket}/{self.key}"

    @property
    def _object(self) -> dict[str, str]:
        return {
            "Bucket": self.analytics.ledger_bucket,
            "Key": self.key,
            "ExpectedBucketOwner": self.analytics.account_id,
        }

    def read(self) -> StoredLedger:
        """Read the ledger; an empty one if nothing was written yet.

        Raises:
            AccessRefused: if the bucket is missing, foreign, or the role may not read it.
            LedgerUnreadable: if a line of it is not one of ours.
        """
        try:
            answer = self.client.get_object(**self._object)
        except ClientError as error:
            if error_code(error) == "NoSuchKey":
                return StoredLedger(Ledger(), "")
            raise self._refused(error, "s3:GetObject") from error
        document = answer["Body"].read().decode()
        return StoredLedger(Ledger.from_json_lines(document, self.uri), answer["ETag"])

    def update(self, change: Callable[[Ledger], Ledger], known: StoredLedger | None = None) -> Ledger:
        """Apply a change to the ledger as it stands now, whoever else writes at the same time.

        The write succeeds only on the very document that the change was applied to (S3's If-Match); else it is read
        again and the change applied anew. A change that alters nothing writes nothing.

        Raises:
            LedgerContended: if that was lost ten times in a row.
        """
        for _ in range(ATTEMPTS):
            stored = known or self.read()
            changed = change(stored.ledger)
            if changed == stored.ledger or self._write(changed, stored.etag):
                return changed
            known = None
            _let_the_other_finish()
        raise LedgerContended(self.uri, ATTEMPTS)

    def _write(self, ledger: Ledger, etag: str) -> bool:
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            self.client.put_object(
                **self._object,
                **condition,
                Body=ledger.to_json_lines().encode(),
                ContentType="application/x-ndjson",
            )
        except ClientError as error:
            if error_code(error) in _LOST_RACE:
                return False
            raise self._refused(error, "s3:PutObject") from error
        return True

    def _refused(self, error: ClientError, action: str) -> Exception:
        return self.hook.refused(
            error,
            action,
            f"arn:aws:s3:::{self.analytics.ledger_bucket}/{self.key}",
            f"The ledger bucket must exist (if not, run the Dag `provision`) and belong to account "
            f"{self.analytics.account_id}; the role needs this action and s3:ListBucket on it.",
        )


def _let_the_other_finish() -> None:
    """Wait a moment of chance length, so that two writers do not lose to each other again and again."""
    time.sleep(random.uniform(0.0, LONGEST_PAUSE))  # noqa: S311 - nothing secret hangs on it
