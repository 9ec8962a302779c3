"""Whose access key is it: the keys that STS and IAM gave out, and the management account's administrator."""

from __future__ import annotations

import secrets
import string
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from local_aws.calls import MANAGEMENT_ACCOUNT, AwsError, Caller
from local_aws.iam import store

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_aws.iam.authorizer import Authorizer

ADMINISTRATOR_ARN = f"arn:aws:iam::{MANAGEMENT_ACCOUNT}:user/administrator"
ADMINISTRATOR = Caller(MANAGEMENT_ACCOUNT, ADMINISTRATOR_ARN, ADMINISTRATOR_ARN, is_administrator=True)
SESSION_KEY = "ASIA"
KEY_LETTERS = string.ascii_uppercase + "234567"


def utc_now() -> datetime:
    """Return the present time, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Credentials:
    """What AssumeRole gives out: a key that stands for `caller` until `expiration`."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expiration: datetime
    caller: Caller
    role_id: str


class Callers:
    """The principals behind access keys and role ARNs."""

    def __init__(self, authorizer: Authorizer, clock: Callable[[], datetime] = utc_now) -> None:
        self._authorizer, self._clock = authorizer, clock
        self._lock = threading.Lock()
        self._sessions: dict[str, Credentials] = {}
        self._given_to_users: set[str] = set()

    def of_access_key(self, key: str, token: str = "") -> Caller:
        """Return the principal that an access key belongs to; a key that nobody gave out is the administrator's.

        `token` is a session's. Raises AwsError: ExpiredToken for a session that is over, InvalidClientTokenId for a
        session without its token or whose role is gone, for a session's key (`ASIA…`) that STS did not give out,
        and for a user's key that was deleted or made inactive.
        """
        if (session := self._sessions.get(key)) is not None:
            return self._caller_of_session(session, token)
        if key.startswith(SESSION_KEY):
            raise _invalid_key()
        if (user_key := store.find_user_key(key)) is None and key not in self._given_to_users:
            return ADMINISTRATOR
        if user_key is None or not user_key.active:
            raise _invalid_key()
        return Caller(user_key.account_id, user_key.user_arn, user_key.user_arn)

    def credentials(self, key: str) -> Credentials | None:
        """Return the session that an access key was given out for, or None for a user's key."""
        return self._sessions.get(key)

    def open_session(self, role_arn: str, session_name: str, seconds: int) -> Credentials:
        """Give out a key for a role's session; whether the caller may have it was decided before."""
        found = store.find_principal(role_arn)
        credentials = Credentials(
            access_key_id=f"{SESSION_KEY}{_random_letters(16)}",
            secret_access_key=secrets.token_urlsafe(30),
            session_token=secrets.token_urlsafe(120),
            expiration=self._clock() + timedelta(seconds=seconds),
            caller=_session_caller(role_arn, session_name),
            role_id=_role_id(found, role_arn),
        )
        with self._lock:
            self._sessions[credentials.access_key_id] = credentials
        return credentials

    def end_session(self, key: str) -> None:
        """Let a session be over now; a user's key does not end."""
        with self._lock:
            if (session := self._sessions.get(key)) is not None:
                self._sessions[key] = replace(session, expiration=self._clock())

    def remember(self, key: str) -> None:
        """Remember that a key was given to a user, before he has it: deleted, it is nobody's for ever."""
        self._given_to_users.add(key)

    def role(self, role_arn: str, assumed_by: str | None = None) -> Caller:
        """Return an existing role as principal, as a service uses it.

        `assumed_by` names the service (`quicksight.amazonaws.com`) whose right to assume the role is checked against
        the role's trust policy. Raises AwsError when the role does not exist or does not trust the service.
        """
        found = store.find_principal(role_arn)
        if found is None or ":role/" not in role_arn:
            raise AwsError("AccessDenied", f"Role {role_arn} does not exist", 403)
        trust = found.assume_role_policy_document
        if assumed_by and not self._authorizer.trusts_service(trust, assumed_by, role_arn):
            raise AwsError("AccessDenied", f"{assumed_by} is not authorized to assume role {role_arn}", 403)
        session_name = (assumed_by or "service").split(".", 1)[0]
        return _session_caller(role_arn, session_name)

    def _caller_of_session(self, session: Credentials, token: str) -> Caller:
        if not secrets.compare_digest(token.encode(), session.session_token.encode()):
            raise _invalid_key()
        if self._clock() >= session.expiration:
            raise AwsError("ExpiredToken", "The security token included in the request is expired", 403)
        role_arn = session.caller.principal_arn
        if _role_id(store.find_principal(role_arn), role_arn) != session.role_id:
            raise _invalid_key()
        return session.caller


def _session_caller(role_arn: str, session_name: str) -> Caller:
    account_id, role_name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    arn = f"arn:aws:sts::{account_id}:assumed-role/{role_name}/{session_name}"
    return Caller(account_id, arn, role_arn, is_administrator=store.is_organization_role(role_arn))


def _role_id(role: Any | None, role_arn: str) -> str:
    if role is not None:
        return str(role.id)
    return f"AROA0ORGANIZATION{role_arn.split(':')[4][-4:]}" if store.is_organization_role(role_arn) else ""


def _invalid_key() -> AwsError:
    return AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)


def _random_letters(count: int) -> str:
    return "".join(secrets.choice(KEY_LETTERS) for _ in range(count))
