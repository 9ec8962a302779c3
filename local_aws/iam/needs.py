"""What a call needs: one action on one resource, in a context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from local_aws.calls import Call


@dataclass(frozen=True)
class Need:
    """An IAM action that the caller must be allowed on a resource (an ARN, or `*`)."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


NeedsOf = Callable[[Call], list[Need]]


def arn(call: Call, service: str, resource: str, *, region: str | None = None) -> str:
    """Return the ARN of a resource in the caller's account and the call's region."""
    return f"arn:aws:{service}:{call.region if region is None else region}:{call.account_id}:{resource}"


def text(call: Call, name: str) -> str:
    """Return a parameter as text, empty when the call does not have it."""
    return str(call.parameters.get(name) or "")
