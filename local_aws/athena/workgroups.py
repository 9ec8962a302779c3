"""Workgroups: where results go, what a statement may scan, whether a client may say otherwise."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local_aws.calls import AwsError

if TYPE_CHECKING:
    from collections.abc import Mapping

PRIMARY = "primary"
LEAST_CUTOFF = 10_000_000
ENGINE = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
NAME = re.compile(r"[a-zA-Z0-9._-]{1,128}")
RESULT_MEMBERS = ("OutputLocation", "EncryptionConfiguration", "ExpectedBucketOwner", "AclConfiguration")
SETTINGS = (
    "EnforceWorkGroupConfiguration",
    "PublishCloudWatchMetricsEnabled",
    "BytesScannedCutoffPerQuery",
    "RequesterPaysEnabled",
)
# What is kept and does what it says; everything else is refused, unless it says that it is off.
MEMBERS = frozenset(
    {
        *SETTINGS,
        *("ResultConfiguration", "ResultConfigurationUpdates", "EngineVersion"),
        *("RemoveBytesScannedCutoffPerQuery", "RemoveCustomerContentEncryptionConfiguration"),
    }
)
IGNORED_ENGINE_VERSIONS = ("AUTO", "Athena engine version 3")


def invalid(message: str) -> AwsError:
    """Athena's usual refusal."""
    return AwsError("InvalidRequestException", message)


class WorkGroup:
    """One workgroup; its `configuration` is what GetWorkGroup answers."""

    def __init__(self, name: str, description: str, configuration: Mapping[str, Any]) -> None:
        self.name, self.description, self.state = name, description, "ENABLED"
        self.created = datetime.now(UTC)
        self.configuration: dict[str, Any] = {
            "ResultConfiguration": {},
            "EnforceWorkGroupConfiguration": True,
            "PublishCloudWatchMetricsEnabled": True,
            "RequesterPaysEnabled": False,
            "EngineVersion": ENGINE,
        }
        _check_members(configuration)
        _check_engine(configuration)
        result = dict(configuration.get("ResultConfiguration") or {})
        self.configuration["ResultConfiguration"] = checked_result(result)
        self.configuration |= _checked({k: v for k, v in configuration.items() if k in SETTINGS})

    @property
    def cutoff(self) -> int | None:
        """How many bytes one statement may scan, or None."""
        found: int | None = self.configuration.get("BytesScannedCutoffPerQuery")
        return found

    def update(self, updates: Mapping[str, Any]) -> None:
        """Take on a ConfigurationUpdates structure."""
        _check_members(updates)
        _check_engine(updates)
        changed = _checked({k: v for k, v in updates.items() if k in SETTINGS})
        results = dict(self.configuration["ResultConfiguration"])
        of_results = dict(updates.get("ResultConfigurationUpdates") or {})
        for member in RESULT_MEMBERS:
            if of_results.get(f"Remove{member}"):
                results.pop(member, None)
            elif member in of_results:
                results[member] = of_results[member]
        self.configuration["ResultConfiguration"] = checked_result(results)
        self.configuration |= changed
        if updates.get("RemoveBytesScannedCutoffPerQuery"):
            self.configuration.pop("BytesScannedCutoffPerQuery", None)

    def result_configuration(self, requested: Mapping[str, Any]) -> dict[str, Any]:
        """Where a statement's results go: as the workgroup says if it enforces that, else as the client may say."""
        own = dict(self.configuration["ResultConfiguration"])
        enforced = self.configuration["EnforceWorkGroupConfiguration"] and own.get("OutputLocation")
        chosen = own if enforced else {**own, **checked_result(dict(requested))}
        if not chosen.get("OutputLocation"):
            raise invalid(
                "No output location provided. An output location is required either through the Workgroup result "
                "configuration setting or as an API input."
            )
        return chosen

    def summary(self) -> dict[str, Any]:
        """What ListWorkGroups says of it."""
        return {
            "Name": self.name,
            "State": self.state,
            "Description": self.description,
            "CreationTime": self.created,
            "EngineVersion": ENGINE,
        }

    def describe(self) -> dict[str, Any]:
        """What GetWorkGroup says of it."""
        return {
            "Name": self.name,
            "State": self.state,
            "Description": self.description,
            "CreationTime": self.created,
            "Configuration": {**self.configuration},
        }


class WorkGroups:
    """The workgroups of one account and region; `primary` is there from the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = {PRIMARY: WorkGroup(PRIMARY, "", {"EnforceWorkGroupConfiguration": False})}

    def create(self, parameters: Mapping[str, Any]) -> None:
        """CreateWorkGroup."""
        name = str(parameters.get("Name", ""))
        if not NAME.fullmatch(name):
            raise invalid(f"WorkGroup name '{name}' is not valid")
        made = WorkGroup(name, parameters.get("Description") or "", parameters.get("Configuration") or {})
        with self._lock:
            if name in self._held:
                raise invalid("WorkGroup is already created")
            self._held[name] = made

    def get(self, name: str | None) -> WorkGroup:
        """A workgroup, `primary` if no name is given."""
        with self._lock:
            found = self._held.get(name or PRIMARY)
        if not found:
            raise invalid(f"WorkGroup {name} is not found.")
        return found

    def update(self, parameters: Mapping[str, Any]) -> None:
        """UpdateWorkGroup."""
        found, state = self.get(parameters.get("WorkGroup")), parameters.get("State")
        if state not in (None, "ENABLED", "DISABLED"):
            raise invalid(f"The state {state} is not valid")
        with self._lock:
            found.update(parameters.get("ConfigurationUpdates") or {})
            found.state = state or found.state
            found.description = parameters.get("Description", found.description)

    def delete(self, name: str, *, in_use: bool) -> None:
        """DeleteWorkGroup; `in_use`: it has a history, and RecursiveDeleteOption is not set."""
        self.get(name)
        if name == PRIMARY:
            raise invalid("The primary workgroup cannot be deleted")
        if in_use:
            raise invalid(f"WorkGroup {name} is not empty")
        with self._lock:
            self._held.pop(name, None)

    def all(self) -> list[WorkGroup]:
        """All of them by name."""
        with self._lock:
            return [self._held[name] for name in sorted(self._held)]


def checked_result(found: dict[str, Any]) -> dict[str, Any]:
    """A result configuration whose location is a folder in S3; a missing slash at its end is added.

    Encryption is SSE_S3, SSE_KMS with a key, or none: nothing is encrypted by the client here.
    """
    encryption = found.get("EncryptionConfiguration") or {}
    option = encryption.get("EncryptionOption", "SSE_S3")
    if option not in ("SSE_S3", "SSE_KMS"):
        raise invalid(
            f"EncryptionOption {option} is not supported by the local AWS: it has SSE_S3 and SSE_KMS"
        )
    if option == "SSE_KMS" and not encryption.get("KmsKey"):
        raise invalid("KmsKey is required for the EncryptionOption SSE_KMS")
    location = found.get("OutputLocation")
    if location is None:
        return found
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^?*]*)?", location):
        raise invalid(f"outputLocation is not a valid S3 path: {location}")
    return {**found, "OutputLocation": location if location.endswith("/") else f"{location}/"}


def _checked(settings: dict[str, Any]) -> dict[str, Any]:
    cutoff = settings.get("BytesScannedCutoffPerQuery")
    if cutoff is not None and cutoff < LEAST_CUTOFF:
        raise invalid(
            f"BytesScannedCutoffPerQuery {cutoff} must have value greater than or equal to {LEAST_CUTOFF}"
        )
    return settings


def _check_engine(settings: Mapping[str, Any]) -> None:
    wanted = (settings.get("EngineVersion") or {}).get("SelectedEngineVersion", "AUTO")
    if wanted not in IGNORED_ENGINE_VERSIONS:
        raise invalid(f"The engine version {wanted} is not there in the local AWS")


def _check_members(settings: Mapping[str, Any]) -> None:
    for name in sorted(settings.keys() - MEMBERS):
        found = settings[name]
        enabled = found.get("Enabled", True) if isinstance(found, dict) else found
        if enabled:
            raise invalid(f"{name} is not supported by the local AWS")
