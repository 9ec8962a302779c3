"""A resource's policy keeps the unique ids of the users and roles that it names, as AWS does.

See "IAM JSON policy elements: Principal" in the IAM user guide. Whoever is deleted and made anew has another id: the
grant is dead, and the policy shows the old id where the ARN was.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from local_aws.iam import store
from local_aws.iam.policy import as_list


def pin(document: str) -> str:
    """Return a policy's text with the ids of its principals in place of their ARNs."""
    return _with_principals(document, lambda arn: store.unique_id(arn) or arn)


def unpin(document: str) -> str:
    """Return a kept policy's text with ARNs again; the id of one who is gone stays."""
    return _with_principals(document, lambda kept: store.arn_of_unique_id(kept) or kept)


def _with_principals(document: str, name: Callable[[str], str]) -> str:
    found = json.loads(document)
    statements = found["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        _rename(statement.get("Principal"), name)
    return json.dumps(found)


def _rename(principal: Any, name: Callable[[str], str]) -> None:
    if isinstance(principal, dict) and "AWS" in principal:
        named = [name(str(each)) for each in as_list(principal["AWS"])]
        principal["AWS"] = named if isinstance(principal["AWS"], list) else named[0]
