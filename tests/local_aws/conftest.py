"""The endpoint that the tests of the local AWS speak to, and how they become somebody in an account.

SIGHTLINE_TEST_ENDPOINT names an endpoint that is there already; else a local AWS is started on a free port.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).parents[2]
REGION = "ap-northeast-1"
CONFIG = Config(retries={"max_attempts": 0}, proxies={"http": "", "https": ""})
# A session of boto3 takes longer to be made than a call takes: the clients of all keys come from this one.
BOTO = boto3.Session(region_name=REGION)
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def policy(*statements: dict[str, Any]) -> str:
    """The JSON of a policy; Effect is Allow unless said."""
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]}
    )


def trust(*principals: str, **more: Any) -> str:
    """The JSON of a trust policy for principals' ARNs."""
    return policy({"Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole", **more})


def code_of(failure: pytest.ExceptionInfo[ClientError]) -> str:
    """The error code of a refusal."""
    return failure.value.response["Error"]["Code"]


def status_of(failure: pytest.ExceptionInfo[ClientError]) -> int:
    """The HTTP status of a refusal."""
    return failure.value.response["ResponseMetadata"]["HTTPStatusCode"]


def on(bucket: str, *actions: str, **more: Any) -> dict[str, Any]:
    """A statement about a bucket and all of its objects; about all of S3's actions unless some are named."""
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return {"Action": list(actions) or "s3:*", "Resource": resources, **more}


@dataclass(frozen=True)
class Session:
    """Somebody's keys."""

    access_key: str
    secret_key: str = "any"
    token: str | None = None

    @classmethod
    def of(cls, credentials: dict[str, Any]) -> Session:
        """The keys in an answer of STS or IAM."""
        return cls(
            credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials.get("SessionToken")
        )

    def client(self, service: str, **options: Any) -> Any:
        """A client of a service that signs with these keys; the options are those of boto3's `client`."""
        return BOTO.client(
            service,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            aws_session_token=self.token,
            **options,
        )


ADMINISTRATOR = Session("AKIAADMINISTRATOR000")


@lru_cache(maxsize=64)
def _client(session: Session, service: str, endpoint: str) -> Any:
    return session.client(service, endpoint_url=endpoint, config=CONFIG)


@dataclass(frozen=True)
class Cloud:
    """An endpoint and its accounts."""

    endpoint: str

    def client_of(self, session: Session, service: str) -> Any:
        """A session's client of a service at this endpoint, without retries."""
        return _client(session, service, self.endpoint)

    def assume(self, role_arn: str, *, by: Session = ADMINISTRATOR, **parameters: Any) -> Session:
        """The session of a role, assumed by another session, else by the management account's administrator."""
        sts = self.client_of(by, "sts")
        assumed = sts.assume_role(RoleArn=role_arn, **{"RoleSessionName": "test", **parameters})
        return Session.of(assumed["Credentials"])

    def admin(self, account_id: str) -> Session:
        """The session of an account's administrator."""
        return self.assume(f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole")

    def client(self, service: str, account_id: str, role: str | None = None) -> Any:
        """A client of an account's administrator, or of a role in it that the administrator may assume."""
        session = self.admin(account_id)
        if role is not None:
            session = self.assume(f"arn:aws:iam::{account_id}:role/{role}", by=session)
        return self.client_of(session, service)

    def calls(self) -> list[dict[str, Any]]:
        """What was counted since the last reset."""
        return self.control("GET", "calls")["calls"]

    def reset_calls(self) -> None:
        """Count from nothing again."""
        self.control("DELETE", "calls")

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask one of the control endpoints."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_local_aws/{path}", data, method=method)
        with OPENER.open(request, timeout=10) as answer:
            return json.load(answer)


class Account:
    """An account that no other test has, and what its administrator makes in it."""

    def __init__(self, cloud: Cloud, account_id: str) -> None:
        self.cloud, self.id = cloud, account_id
        self.admin = cloud.admin(account_id)

    @property
    def admin_role(self) -> str:
        """The ARN of the administrator's role."""
        return f"arn:aws:iam::{self.id}:role/OrganizationAccountAccessRole"

    @property
    def iam(self) -> Any:
        """The administrator's client of IAM."""
        return self.client("iam")

    @property
    def s3(self) -> Any:
        """The administrator's client of S3."""
        return self.client("s3")

    def client(self, service: str) -> Any:
        """A client of the account's administrator."""
        return self.cloud.client_of(self.admin, service)

    def bucket(self, name: str, policy: str | None = None, **objects: bytes) -> str:
        """Make a bucket, its objects, and its policy; return the bucket's full name."""
        full = f"{name}-{self.id}"
        self.s3.create_bucket(Bucket=full, CreateBucketConfiguration={"LocationConstraint": REGION})
        for key, body in objects.items():
            self.s3.put_object(Bucket=full, Key=key, Body=body)
        if policy is not None:
            self.s3.put_bucket_policy(Bucket=full, Policy=policy)
        return full

    def role(self, name: str, trusts: str, *statements: dict[str, Any], path: str = "/", **more: Any) -> str:
        """Make a role with a trust policy, and an inline policy of these statements; return its ARN."""
        made = self.iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trusts, **more)
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=policy(*statements))
        return made["Role"]["Arn"]

    def session(self, name: str, *statements: dict[str, Any]) -> Session:
        """The session of a new role that may do what the statements say; the administrator assumes it."""
        return self.cloud.assume(self.role(name, trust(self.id), *statements), by=self.admin)

    def user(self, name: str, *statements: dict[str, Any]) -> Session:
        """The session of a new user that may do what the statements say."""
        self.iam.create_user(UserName=name)
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=policy(*statements))
        return Session.of(self.iam.create_access_key(UserName=name)["AccessKey"])


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The endpoint."""
    if endpoint := os.environ.get("SIGHTLINE_TEST_ENDPOINT"):
        yield Cloud(endpoint)
        return
    with local_aws() as process:
        yield Cloud(endpoint_of(process))


@contextmanager
def local_aws(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A local AWS of its own on a free port."""
    command = [sys.executable, "-m", "local_aws", "--port", "0", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=10)


def endpoint_of(process: subprocess.Popen[str]) -> str:
    """Wait until a local AWS is ready, and return its endpoint."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if ready := re.search(r"local AWS ready at (http://\S+)", line):
            return ready[1]
    pytest.fail(f"the local AWS did not start: {''.join(seen)}")


def poll(look: Callable[[], Any], done: Callable[[Any], bool], seconds: float = 30) -> Any:
    """Look until it is done, ever less often, and return what was seen then."""
    deadline, pause = time.monotonic() + seconds, 0.002
    while not done(found := look()):
        assert time.monotonic() < deadline, f"still {found} after {seconds} s"
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    return found


@pytest.fixture
def account(cloud: Cloud) -> Account:
    """A fresh account."""
    return Account(cloud, fresh_id())


@pytest.fixture
def other_account(cloud: Cloud) -> Account:
    """Another fresh account."""
    return Account(cloud, fresh_id())


def fresh_id() -> str:
    """The id of an account that nothing was done in yet."""
    return str(random.randrange(10**11, 10**12))
