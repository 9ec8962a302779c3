"""The Airflow connection of one AWS account."""

from __future__ import annotations

import asyncio
import platform
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from botocore.config import Config
from botocore.exceptions import ClientError

from sightline.errors import AccessRefused, ClockSkewed, MissingConnection, RoleMismatch
from sightline.hooks.sessions import SessionFactory
from sightline.settings import AnalyticsAccount, WorkloadAccount

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

# How a signature's time is refused: by codes of its own, or by texts of codes that other mistakes have too.
CLOCK_CODES = frozenset({"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"})
CLOCK_TEXTS = ("Signature expired", "Signature not yet current")


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

    async def get_async_conn(self) -> Any:
        """Return an asynchronous client to enter.

        A cancellation meanwhile passes through as it is: what makes the client in a thread would drop its message, and
        by that alone Airflow tells a kill from the end of the triggerer.
        """
        return await asyncio.shield(super().get_async_conn())


class AccountHook(NamedConnection):
    """One account's connection; all its clients share one session, so a task assumes the role once.

    Args:
        role_arn: the role that the settings give the account; a connection that assumes another one, or none, is
            refused. Since the ARN names the account, it is also the proof of whose account it is.
    """

    def __init__(self, aws_conn_id: str, region_name: str, role_arn: str) -> None:
        super().__init__(aws_conn_id=aws_conn_id, region_name=region_name)
        self.role_arn = role_arn

    @classmethod
    def of_analytics(cls, analytics: AnalyticsAccount) -> AccountHook:
        """The analytics account, as the pipeline role."""
        return cls(analytics.connection_id, analytics.region, analytics.role_arn)

    @classmethod
    def of_workload(cls, account: WorkloadAccount) -> AccountHook:
        """A workload account, as its reader role."""
        return cls(account.connection_id, account.region, account.reader_role_arn)

    @cached_property
    def _sessions(self) -> SessionFactory:
        found = self.conn_config.role_arn
        if found != self.role_arn:
            raise RoleMismatch(str(self.aws_conn_id), expected=self.role_arn, found=found or "no role")
        return SessionFactory(conn=self.conn_config, region_name=self.region_name, config=self.config)

    @cached_property
    def session(self) -> Any:
        """The session with the connection's role assumed; its credentials refresh themselves.

        Raises:
            MissingConnection: if Airflow has no such connection.
            RoleMismatch: if it assumes another role than the settings say.
            AccessRefused: if the role cannot be assumed.
        """
        try:
            return self._sessions.create_session()
        except ClientError as error:
            raise self.refused(error, "sts:AssumeRole", self.role_arn, _ASSUME_ROLE_HINT) from error

    def identity(self) -> str:
        """Return the ARN that this connection acts as, as AWS said it when the role was assumed.

        Raises:
            As `session`.
        """
        _ = self.session
        return self._sessions.assumed_role_arn

    def client(self, service: str) -> Any:
        """Return a boto3 client of the shared session, with the connection's endpoint, retries and certificates."""
        return self.session.client(
            service,
            endpoint_url=self.conn_config.get_service_endpoint_url(service_name=service),
            # The provider's own config walks the whole stack to name its caller, for each client anew.
            config=self.config.merge(Config(user_agent_extra="Sightline")),
            verify=self.verify,
        )

    def refused(
        self, error: ClientError, action: str, resource: str, hint: str
    ) -> AccessRefused | ClockSkewed | ClientError:
        """Turn a denial into an error that names the missing grant; any other error of AWS is returned as it is.

        A signature that is refused for its time gives the error that says so.
        """
        if _is_about_the_clock(error):
            answer = error.response["Error"].get("Message", "")
            return ClockSkewed(str(self.aws_conn_id), platform.node(), _off(error), answer)
        if error_code(error) not in DENIED:
            return error
        return self.denied(error.response["Error"].get("Message", ""), action, resource, hint)

    def denied(self, message: str, action: str, resource: str, hint: str) -> AccessRefused:
        """Return the error of a denial that AWS gave this message."""
        return AccessRefused(
            what=f"Connection {self.aws_conn_id} ({message})",
            principal=self.role_arn,
            action=action,
            resource=resource,
            hint=hint,
        )


def _is_about_the_clock(error: ClientError) -> bool:
    text = error.response.get("Error", {}).get("Message", "")
    return error_code(error) in CLOCK_CODES or text.startswith(CLOCK_TEXTS)


def _off(error: ClientError) -> str:
    """Tell how far this machine's clock is from AWS's, by the time of the answer."""
    header = error.response["ResponseMetadata"].get("HTTPHeaders", {}).get("date", "")
    if not header:
        return "too far from"
    seconds = (datetime.now(UTC) - parsedate_to_datetime(header)).total_seconds()
    return f"{abs(seconds) / 60:,.0f} minutes {'ahead of' if seconds > 0 else 'behind'}"


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
