"""What the owner of a source bucket has to grant, when Athena or QuickSight may not read it.

Neither says more than which path was refused, and to whom it does not say: the bucket's policy is in another account.
"""

from __future__ import annotations

import re

from sightline.errors import AccessRefused
from sightline.settings import WorkloadAccount

# Athena's own words, and those of S3 that it passes on; a number or a word alone may be about anything.
_DENIED = re.compile(r"Permission denied on S3 path|Access Denied \(Service|Status Code: 403\b")
_BUCKET = re.compile(r"s3://([a-z0-9.-]+)")
_ADDRESS = re.compile(r"s3://\S+")
_ACTIONS = "s3:GetBucketLocation, s3:GetObject, s3:ListBucket"


def source_refused(what: str, reason: str, account: WorkloadAccount, role_arn: str) -> AccessRefused | None:
    """Return what to raise if the reason says that one of the account's source buckets may not be read, else None.

    Args:
        what: whose reason it is, a query execution or an ingestion.
        role_arn: the role that was refused.
    """
    sources = {table.bucket for table in account.tables}
    refused = [bucket for bucket in _BUCKET.findall(reason) if bucket in sources]
    # A key may hold any words.
    if not (refused and _DENIED.search(_ADDRESS.sub("", reason))):
        return None
    return AccessRefused(
        what=f"{what} ({reason})",
        principal=role_arn,
        action=_ACTIONS,
        resource=f"arn:aws:s3:::{refused[0]}",
        hint=f"The bucket is account {account.account_id}'s ({account.name}): its policy must name the role for these "
        "actions, and so must the role's own policy. A role that was deleted and made anew has lost its grants (the "
        "policy shows AROA… in its place): the owner puts the policy again.",
    )
