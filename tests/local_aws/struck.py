"""Calls of each service, and faults of the wire that strike them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from botocore.config import Config

from tests.local_aws.conftest import Account, Cloud

ONCE = Config(retries={"total_max_attempts": 1}, proxies={"http": "", "https": ""})
CALLS: dict[tuple[str, str], dict[str, Any]] = {
    ("s3", "ListBuckets"): {},
    ("sts", "GetCallerIdentity"): {},
    ("iam", "ListRoles"): {},
    ("athena", "StartQueryExecution"): {"QueryString": "SHOW DATABASES", "WorkGroup": "primary"},
    ("athena", "GetQueryExecution"): {"QueryExecutionId": "none"},
    ("glue", "GetDatabases"): {},
    ("kms", "ListKeys"): {},
    ("quicksight", "ListDataSets"): {},
}


def inject(cloud: Cloud, kind: str, call: tuple[str, str], **more: Any) -> None:
    service, operation = call
    fault = {"kind": kind, "service": service, "operation": operation, **more}
    cloud.control("PUT", "options", {"faults": [fault]})


def left(cloud: Cloud) -> list[dict[str, Any]]:
    return list(cloud.control("GET", "options")["faults"])


def call(account: Account, call: tuple[str, str]) -> Any:
    """Make a call of CALLS as the account's administrator, without retries."""
    service, operation = call
    client = account.admin.client(service, endpoint_url=account.cloud.endpoint, config=ONCE)
    method = next(name for name, api in client.meta.method_to_api_mapping.items() if api == operation)
    parameters = {"AwsAccountId": account.id} if service == "quicksight" else CALLS[call]
    return getattr(client, method)(**parameters)


def once(account: Account, service: str) -> Any:
    return account.admin.client(service, endpoint_url=account.cloud.endpoint, config=ONCE)


def names(calls: Iterable[tuple[str, str]]) -> list[str]:
    return [".".join(each) for each in calls]
