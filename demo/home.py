"""The demo's folder: what is running, with which addresses and password, and where the logs are."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from demo import ROOT
from demo.processes import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEFAULT_HOME = ROOT / ".demo"


class HomeBusyError(Exception):
    """Another command works in this folder; the text says what to do."""


@dataclass
class State:
    """What a later command must know to use or to end a demo that is up."""

    marker: str
    services: list[Service] = field(default_factory=list)
    endpoint: str = ""
    airflow_url: str = ""
    user: str = "admin"
    password: str = ""
    accounts_file: str = ""
    # What Airflow was started with: those of accounts.yaml as it was then.
    connections: dict[str, dict[str, Any]] = field(default_factory=dict)
    # The source objects of the last proof, by account and key.
    proved: dict[str, dict[str, str]] = field(default_factory=dict)

    def is_alive(self) -> bool:
        """Whether every service that was started still runs."""
        return bool(self.services) and all(service.is_alive() for service in self.services)


@dataclass(frozen=True)
class Home:
    """A private folder for one demo."""

    folder: Path = DEFAULT_HOME

    @property
    def airflow(self) -> Path:
        """AIRFLOW_HOME."""
        return self.folder / "airflow"

    @property
    def logs(self) -> Path:
        """What the services print, a file each."""
        return self.folder / "logs"

    @property
    def state_file(self) -> Path:
        """The record of what runs."""
        return self.folder / "state.json"

    @property
    def marker(self) -> str:
        """What every process of this folder's demo carries: found by it even when the record is gone."""
        return hashlib.sha256(str(self.folder.resolve()).encode()).hexdigest()[:16]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other commands from making the folder anew meanwhile. Raises HomeBusyError if one keeps this one."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._lock_file.open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise HomeBusyError(
                    f"Another `make demo` is at work in {self.folder}. Wait for its end, or end it with: make stop"
                ) from None
            yield

    @property
    def _lock_file(self) -> Path:
        return self.folder / "lock"

    def create(self) -> None:
        """Make the folder anew, readable by its owner only: it holds passwords. The lock stays, and who holds it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        for old in self.folder.iterdir():
            if old.is_dir() and not old.is_symlink():
                shutil.rmtree(old, ignore_errors=True)
            elif old != self._lock_file:
                old.unlink()
        self.airflow.mkdir()
        self.logs.mkdir()

    def save(self, state: State) -> None:
        """Record what runs; written whole or not at all."""
        new = self.state_file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(asdict(state), indent=2))
        new.replace(self.state_file)

    def load(self) -> State | None:
        """What was recorded, or None when nothing was that can be read."""
        try:
            values = json.loads(self.state_file.read_text())
            return State(**{**values, "services": [Service(**service) for service in values["services"]]})
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None

    def forget(self) -> None:
        """Drop the record; the logs stay until the next start."""
        self.state_file.unlink(missing_ok=True)
