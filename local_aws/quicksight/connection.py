"""How QuickSight reaches Athena for a data source: in which workgroup, and as which role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_aws.quicksight import refusals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_aws.callers import Callers
    from local_aws.calls import Call, Caller

SERVICE_PRINCIPAL = "quicksight.amazonaws.com"
SERVICE_ROLE = "role/service-role/aws-quicksight-service-role-v0"
DEFAULT_WORKGROUP = "primary"
UNSUPPORTED_PARAMETERS = ("ConsumerAccountRoleArn", "IdentityCenterConfiguration")


@dataclass(frozen=True)
class Connection:
    """The AthenaParameters of a data source; without a RoleArn the account's service role reads."""

    account_id: str
    workgroup: str = DEFAULT_WORKGROUP
    own_role_arn: str | None = None

    @classmethod
    def from_call(cls, call: Call) -> Connection:
        """Read the connection that a CreateDataSource or UpdateDataSource asks for, or refuse it."""
        given = call.parameters.get("DataSourceParameters") or {}
        others = sorted(set(given) - {"AthenaParameters"})
        if others:
            raise refusals.unsupported(f"A data source with {others[0]}")
        athena: Mapping[str, Any] = given.get("AthenaParameters") or {}
        for parameter in UNSUPPORTED_PARAMETERS:
            if athena.get(parameter):
                raise refusals.unsupported(f"AthenaParameters.{parameter}")
        role_arn = athena.get("RoleArn")
        _require_role_of_account(role_arn, call.account_id)
        return cls(call.account_id, athena.get("WorkGroup") or DEFAULT_WORKGROUP, role_arn)

    @property
    def role_arn(self) -> str:
        """The role that Athena's queries run as."""
        return self.own_role_arn or f"arn:aws:iam::{self.account_id}:{SERVICE_ROLE}"

    def principal(self, callers: Callers) -> Caller:
        """Assume the role; AwsError when it does not exist or does not trust QuickSight."""
        return callers.role(self.role_arn, assumed_by=SERVICE_PRINCIPAL)

    def described(self) -> dict[str, Any]:
        """Return the DataSourceParameters as DescribeDataSource answers them."""
        role = {"RoleArn": self.own_role_arn} if self.own_role_arn else {}
        return {"AthenaParameters": {"WorkGroup": self.workgroup, **role}}


def _require_role_of_account(role_arn: str | None, account_id: str) -> None:
    if role_arn and not role_arn.startswith(f"arn:aws:iam::{account_id}:role/"):
        raise refusals.invalid(f"RoleArn {role_arn} is not the ARN of a role in account {account_id}.")
