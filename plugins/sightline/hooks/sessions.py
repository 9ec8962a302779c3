"""boto3 sessions that share what botocore knows of the services.

botocore reads a service's model (JSON, up to megabytes) anew for every session, which is most of what a short task
costs: 0.1 to 0.3 s of CPU a client. One loader for all sessions of a process reads each model once, and a process that
Airflow forks from one that has read them reads none (`plugins/sightline_plugin.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from typing import Any

import boto3
import botocore.session
from airflow.providers.amazon.aws.hooks.base_aws import BaseSessionFactory
from botocore import UNSIGNED
from botocore.config import Config

# What a load and provisioning speak to.
SERVICES = ("athena", "glue", "quicksight", "s3", "sts")
# Where each client's credentials and endpoint were found, several times a task, between the task's own lines.
CHATTY = ("botocore.credentials", "botocore.configprovider", "aiobotocore.credentials")


class SessionFactory(BaseSessionFactory):
    """The provider's factory of sessions, whose sessions share the models, and which keeps who it became.

    Attributes:
        assumed_role_arn: what AWS called the session (`arn:aws:sts::…:assumed-role/…`); empty before.
    """

    assumed_role_arn: str = ""

    def _assume_role(self, sts_client: Any) -> dict[str, Any]:
        answer: dict[str, Any] = super()._assume_role(sts_client)
        self.assumed_role_arn = answer["AssumedRoleUser"]["Arn"]
        return answer

    def _create_basic_session(self, session_kwargs: dict[str, Any]) -> boto3.session.Session:
        session = boto3.session.Session(botocore_session=_session_with_models(), **session_kwargs)
        _forget_repeated_paths()
        return session

    def create_session(self, deferrable: bool = False) -> Any:
        """Create the session of the connection, with its role assumed; the asynchronous ones are the provider's."""
        session = super().create_session(deferrable)
        if not deferrable:
            # boto3 gives no way to hand a component in: the provider makes this session itself.
            session._session.register_component("data_loader", _loader())
            _forget_repeated_paths()
        return session


def read_models(services: Iterable[str] = SERVICES) -> None:
    """Read the services' models now, so that processes forked from this one need not."""
    session = _session_with_models()
    for service in services:
        # Making a client reads all that a client needs; it calls nothing.
        session.create_client(service, region_name="us-east-1", config=Config(signature_version=UNSIGNED))


def quiet_clients() -> None:
    """Let the clients warn, but not chat, unless somebody has set their level.

    Airflow's own switch for it, `[logging] namespace_levels`, does not reach loggers of the standard library (3.3.2).
    """
    for logger in map(logging.getLogger, CHATTY):
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.WARNING)


@cache
def _loader() -> Any:
    """The one loader of this process; made when the first session is, since parsing a Dag file needs none."""
    return botocore.session.Session().get_component("data_loader")


def _session_with_models() -> botocore.session.Session:
    session = botocore.session.get_session()
    session.register_component("data_loader", _loader())
    return session


def _forget_repeated_paths() -> None:
    """Undo that every boto3 session appends the same folder to the loader's search path."""
    _loader().search_paths[:] = dict.fromkeys(_loader().search_paths)
