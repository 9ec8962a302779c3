"""The Airflow connection of one AWS account."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from botocore.config import Config
from botocore.exceptions import ClientError

from sightline.errors import AccessRefused, AccountMismatch, MissingConnection
from sightline.hooks.sessions import SessionFactory

# What cannot be reached, as S3, STS, Athena, Glue and QuickSight say it: not allowed, or not there to be allowed.
DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "403",
        "NoSuchBucket",
        "InvalidClientTokenId",
        "ResourceNotFoundException",
    }
)


def error_code(error: ClientError) -> str:
    """Return AWS's code of an error, such as `AccessDenied`."""
    code: str = error.response.get("Error", {}).get("Code", "")
    return code


class NamedConnection(AwsGenericHook[Any]):
    """An AWS hook that never falls back to ambient credentials.

    The provider only warns about a connection that is missing and goes on with whatever credentials the worker finds,
    which across accounts may be the wrong account's.
    """

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """Return the connection.

        Raises:
            MissingConnection: instead of the provider's warning.
        """
        try:
            return super().get_connection(conn_id)
        except AirflowNotFoundException as error:
            raise MissingConnection(conn_id) from error


class AccountHook(NamedConnection):
    """One account's connection; all its clients share one session, so a task assumes the role once."""

    def __init__(self, aws_conn_id: str, region_name: str) -> None:
        super().__init__(aws_conn_id=aws_conn_id, region_name=region_name)

    @cached_property
    def session(self) -> Any:
        """The session with the connection's role assumed; its credentials refresh themselves.

        Raises:
            MissingConnection: if Airflow has no such connection.
            AccessRefused: if the role cannot be assumed.
        """
        factory = SessionFactory(conn=self.conn_config, region_name=self.region_name, config=self.config)
        try:
            return factory.create_session()
        except ClientError as error:
            raise self.refused(
                error, "sts:AssumeRole", str(self.conn_config.role_arn), _ASSUME_ROLE_HINT
            ) from error

    def client(self, service: str) -> Any:
        """Return a boto3 client of the shared session, with the connection's endpoint, retries and certificates."""
        return self.session.client(
            service,
            endpoint_url=self.conn_config.get_service_endpoint_url(service_name=service),
            # The provider's own config walks the whole stack to name its caller, for each client anew.
            config=self.config.merge(Config(user_agent_extra="Sightline")),
            verify=self.verify,
        )

    def require_account(self, account_id: str) -> str:
        """Return the ARN that this connection acts as.

        Raises:
            AccountMismatch: if it belongs to another account than `account_id`.
        """
        identity = self.client("sts").get_caller_identity()
        if identity["Account"] != account_id:
            raise AccountMismatch(str(self.aws_conn_id), expected=account_id, found=identity["Account"])
        arn: str = identity["Arn"]
        return arn

    def refused(
        self, error: ClientError, action: str, resource: str, hint: str
    ) -> AccessRefused | ClientError:
        """Turn a denial into an error that names the missing grant; any other error of AWS is returned as it is."""
        if error_code(error) not in DENIED:
            return error
        return AccessRefused(
            what=f"Connection {self.aws_conn_id} ({error.response['Error'].get('Message', '')})",
            principal=self.conn_config.role_arn or "the caller of this connection",
            action=action,
            resource=resource,
            hint=hint,
        )


class SharedSession(NamedConnection):
    """A provider's hook that works with an account's session instead of assuming the role once more."""

    def __init__(self, account: AccountHook, **kwargs: Any) -> None:
        super().__init__(aws_conn_id=account.aws_conn_id, region_name=account.region_name, **kwargs)
        self.account = account

    @cached_property
    def client(self) -> Any:
        """The boto3 client of the account's session; a triggerer's asynchronous one is the provider's."""
        return self.account.client(self.service_name)

    @property
    def conn(self) -> Any:
        """The same client, under the name by which the provider's own methods use it."""
        return self.client


_ASSUME_ROLE_HINT = (
    "The caller is the principal that Airflow runs as. The role must exist, its trust policy must name that principal "
    "and ask for the ExternalId in accounts.yaml, and the principal needs sts:AssumeRole on the role."
)
