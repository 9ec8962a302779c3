"""What every part of the local AWS passes about: who calls, what is called, and how a call is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

MANAGEMENT_ACCOUNT = "000000000000"


@dataclass(frozen=True)
class Caller:
    """The principal that signed a request, as IAM sees it.

    `principal_arn` is what policies name (`arn:aws:iam::<account>:role/path/name` or `…:user/name`); `arn` is what
    GetCallerIdentity answers (`arn:aws:sts::<account>:assumed-role/name/session` for a role).
    """

    account_id: str
    arn: str
    principal_arn: str
    is_administrator: bool = False


@dataclass(frozen=True)
class Call:
    """One request, already parsed: `parameters` are named as in the service's API reference."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    caller: Caller
    region: str

    @property
    def account_id(self) -> str:
        """The account whose resources the call is about: the caller's own."""
        return self.caller.account_id


class AwsError(Exception):
    """An answer that AWS would give instead of a result; the dispatcher writes it in the service's protocol."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.members = code, message, status, members


class Service(Protocol):
    """A service that the local AWS answers itself; what it does not list goes to moto, if the dispatcher knows it."""

    name: str
    operations: Mapping[str, Callable[[Call], dict[str, Any]]]
