"""The clients' own environments, and how their programs are run as ana, who sees nothing of this process's own."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clients.shop import EXTERNAL_ID, Shop
from tests.local_aws.conftest import REGION, ROOT

ENVIRONMENTS = ROOT / ".venv-clients"
SECONDS = 120


@dataclass(frozen=True)
class Ana:
    """A user with a configuration file that has a profile for each role, at the local AWS."""

    shop: Shop
    home: Path

    @classmethod
    def at_home(cls, shop: Shop, home: Path) -> Ana:
        """Write her configuration, as the AWS CLI and boto3 read it."""
        assert shop.user
        profiles = [f"[profile ana]\nregion = {REGION}\n"]
        profiles += [_profile(name, arn, EXTERNAL_ID) for name, arn in shop.roles.items()]
        profiles.append(_profile("stranger", shop.roles["analyst"], "another-external-id"))
        (home / "config").write_text("\n".join(profiles))
        (home / "credentials").write_text(
            f"[ana]\naws_access_key_id = {shop.user.access_key}\naws_secret_access_key = {shop.user.secret_key}\n"
        )
        return cls(shop, home)

    def environment(self, profile: str) -> dict[str, str]:
        """What a program of hers sees."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "AWS_ENDPOINT_URL": self.shop.cloud.endpoint,
            "AWS_CONFIG_FILE": str(self.home / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home / "credentials"),
            "AWS_PROFILE": profile,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
        }

    def run(self, client: str, program: str, *arguments: str, profile: str, **how: Any) -> Run:
        """Run a program of a client's environment to its end."""
        executable = ENVIRONMENTS / client / "bin" / program
        if not executable.exists():
            pytest.fail(f"{client} is not installed: make test-clients installs it")
        done = subprocess.run(
            [executable, *arguments],
            env=self.environment(profile),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            **how,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def drive(self, client: str, flow: str, profile: str, **parameters: Any) -> Any:
        """Run a flow of a client's driver; return what it found, or {"error": …} for the client's own error."""
        driver = Path(__file__).parent / client / "driver.py"
        done = self.run(client, "python", str(driver), flow, json.dumps(parameters), profile=profile)
        assert done.code == 0, done.errors
        return json.loads(done.output)


@dataclass(frozen=True)
class Run:
    """How a program ended."""

    code: int
    output: str
    errors: str


def _profile(name: str, role_arn: str, external_id: str) -> str:
    return (
        f"[profile {name}]\nregion = {REGION}\nsource_profile = ana\n"
        f"role_arn = {role_arn}\nexternal_id = {external_id}\n"
    )
