"""The local AWS from outside: started as a process, used as administrator of each account, controlled."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import httpx
from botocore.config import Config

from demo import ROOT
from demo.processes import StartError, free_ports, start
from demo.waiting import wait_until

if TYPE_CHECKING:
    from demo.home import Home, State

ADMINISTRATOR_ROLE = "arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
# Any key that nobody gave out is the management account's administrator.
ADMINISTRATOR_KEY = ("AKIAADMINISTRATOR000", "administrator")
START_SECONDS = 60
SESSION_SECONDS = 3600
_LOADER = botocore.session.get_session().get_component("data_loader")


class CloudRefusedError(Exception):
    """The local AWS did not do what its controls were asked for."""


class TrailCutError(Exception):
    """The trail has dropped calls, so that nothing can be concluded from what is not on it."""


@dataclass(frozen=True)
class Cloud:
    """An endpoint that behaves as AWS."""

    endpoint: str

    def client(self, service: str, *, account_id: str, region: str) -> Any:
        """A boto3 client as administrator of an account."""
        return _admin_client(self.endpoint, service, account_id, region, _half_hours())

    def client_of(self, session: boto3.Session, service: str) -> Any:
        """A client of a session, at this endpoint."""
        return _client(session, self.endpoint, service)

    def assume(self, key_id: str, secret: str, role_arn: str, region: str) -> boto3.Session:
        """Assume a role with somebody's access key."""
        return _assume(self.endpoint, _session(key_id, secret, region_name=region), role_arn)

    def control(self, method: str, path: str, **options: Any) -> Any:
        """Ask the local AWS itself (not an AWS service): health, calls, options."""
        answer = _control_client().request(method, f"{self.endpoint}/_local_aws/{path}", **options)
        if answer.is_error:
            raise CloudRefusedError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None

    def is_healthy(self) -> bool:
        """Whether it answers."""
        try:
            self.control("GET", "health")
        except (httpx.HTTPError, CloudRefusedError):
            return False
        return True

    def calls(self) -> list[dict[str, Any]]:
        """Calls since the last reset, by service, operation, account and principal."""
        counted: list[dict[str, Any]] = self.control("GET", "calls")["calls"]
        return counted

    def trail(self) -> list[dict[str, Any]]:
        """The calls since the last reset one by one, the oldest first. Raises TrailCutError if some are missing."""
        found = self.control("GET", "trail")
        if found["dropped"]:
            raise TrailCutError(f"{found['dropped']} calls are on the trail no more: reset it more often")
        calls: list[dict[str, Any]] = found["calls"]
        return calls

    def reset_calls(self) -> None:
        """Begin counting anew."""
        self.control("DELETE", "calls")

    def set_options(self, **options: Any) -> None:
        """Change its behaviour: latency, bad_values, second_ingestion, faults."""
        self.control("PUT", "options", json=options)


def start_cloud(
    home: Home, state: State, environment: dict[str, str], *, options: tuple[str, ...] = ()
) -> Cloud:
    """Start the local AWS on a free loopback port, record it in `state` and wait until it answers."""
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "local_aws", "--host", "127.0.0.1", "--port", str(port), *options]
    log = home.logs / "local_aws.log"
    service = start("local_aws", command, environment=environment, marker=state.marker, log=log, folder=ROOT)
    state.services.append(service)
    state.endpoint = f"http://127.0.0.1:{port}"
    home.save(state)
    cloud = Cloud(state.endpoint)
    wait_until(
        lambda: cloud.is_healthy() or _must_live(service.is_alive(), str(log)),
        what=f"an answer of the local AWS (log: {log})",
        timeout_seconds=START_SECONDS,
    )
    return cloud


def _must_live(is_alive: bool, log: str) -> bool:
    if not is_alive:
        raise StartError(f"The local AWS ended while it started. Its log: {log}")
    return False


@lru_cache(maxsize=1)
def _control_client() -> httpx.Client:
    """One for all: each new one reads the machine's certificates first."""
    return httpx.Client(timeout=10, trust_env=False)


def _half_hours() -> int:
    """Which half hour this is: a role's session ends after an hour, so that none is kept for longer than that."""
    return int(time.monotonic() // (SESSION_SECONDS / 2))


@lru_cache(maxsize=64)
def _admin_client(endpoint: str, service: str, account_id: str, region: str, half_hour: int) -> Any:
    return _client(_admin_session(endpoint, account_id, region, half_hour), endpoint, service)


@lru_cache(maxsize=64)
def _admin_session(endpoint: str, account_id: str, region: str, _: int) -> boto3.Session:
    management = _session(*ADMINISTRATOR_KEY, region_name=region)
    return _assume(endpoint, management, ADMINISTRATOR_ROLE.format(account_id=account_id))


def _assume(endpoint: str, caller: boto3.Session, role_arn: str) -> boto3.Session:
    answer = _client(caller, endpoint, "sts").assume_role(RoleArn=role_arn, RoleSessionName="demo")
    credentials = answer["Credentials"]
    return _session(
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials["SessionToken"],
        region_name=caller.region_name,
    )


def _session(key_id: str, secret: str, token: str | None = None, *, region_name: str) -> boto3.Session:
    """A session; all share what botocore has read of the services, since reading it is most of what a client costs."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _LOADER)
    made = boto3.Session(key_id, secret, token, botocore_session=session, region_name=region_name)
    # Every session appends the same folder to the loader's search path.
    _LOADER.search_paths[:] = dict.fromkeys(_LOADER.search_paths)
    return made


def _client(session: Any, endpoint: str, service: str) -> Any:
    """`session` is a boto3.Session, whose typed `client` takes literal names of services only."""
    return session.client(service, endpoint_url=endpoint, config=_CONFIG)


_CONFIG = Config(
    # The endpoint is on this machine or in its own network: no proxy that the environment names may get in between.
    proxies={"http": "", "https": ""},
    # A bucket's own host name resolves nowhere.
    s3={"addressing_style": "path"},
    retries={"max_attempts": 2, "mode": "standard"},
    read_timeout=60,
)
