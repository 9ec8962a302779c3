"""Connections that are not there, lead elsewhere, or are refused."""

from __future__ import annotations

from dataclasses import dataclass

from sightline.errors.base import Refusal, Transient


@dataclass(eq=False)
class MissingConnection(Refusal):
    """The Airflow connection of an account does not exist; ambient credentials are never used instead."""

    connection_id: str
    MESSAGE = (
        'Airflow has no connection "{connection_id}". Run `make connections` and import the file that '
        "it writes with `airflow connections import`."
    )


@dataclass(eq=False)
class RoleMismatch(Refusal):
    """A connection assumes another role, perhaps of another AWS account, than the settings say; or none."""

    connection_id: str
    expected: str
    found: str
    MESSAGE = (
        'Connection "{connection_id}" assumes {found}, the settings say {expected}. Correct accounts.yaml, or '
        "role_arn in the connection (`make connections` writes it); without one it would work with whatever "
        "credentials the worker finds."
    )


@dataclass(eq=False)
class AccessRefused(Refusal):
    """AWS refused an action; `hint` says which grant is missing, or where to look for it."""

    what: str
    principal: str
    action: str
    resource: str
    hint: str
    MESSAGE = "{what}: AWS refuses {action} on {resource} to {principal}. {hint}"


@dataclass(eq=False)
class ClockSkewed(Transient):
    """AWS refused a signature for its time: the clock of the machine that runs the task is off."""

    connection_id: str
    host: str
    off: str
    answer: str
    MESSAGE = (
        "AWS refuses what connection {connection_id} signs, because the clock of worker {host} is {off} AWS's: {answer}"
        " Nothing was done with it. Set that clock (by NTP: `timedatectl` says whether it is synchronized); a retry on "
        "another worker may do."
    )
