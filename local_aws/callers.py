"""Whose access key is it: the keys that STS and IAM gave out, and the management account's administrator."""

from __future__ import annotations

from local_aws.calls import MANAGEMENT_ACCOUNT, Caller

ADMINISTRATOR = Caller(
    account_id=MANAGEMENT_ACCOUNT,
    arn=f"arn:aws:iam::{MANAGEMENT_ACCOUNT}:user/administrator",
    principal_arn=f"arn:aws:iam::{MANAGEMENT_ACCOUNT}:user/administrator",
    is_administrator=True,
)


class Callers:
    """The principals behind access keys and role ARNs."""

    def of_access_key(self, key: str) -> Caller:
        """Return the principal that an access key belongs to; a key that nobody gave out is the administrator's."""
        raise NotImplementedError

    def role(self, role_arn: str, assumed_by: str | None = None) -> Caller:
        """Return an existing role as principal, as a service uses it.

        `assumed_by` names the service (`quicksight.amazonaws.com`) whose right to assume the role is checked against
        the role's trust policy. Raises AwsError when the role does not exist or does not trust the service.
        """
        raise NotImplementedError
