"""docker-compose.yaml: what a Compose client and a careful reader would object to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.architecture.syntax import ROOT

TEXT = (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
REQUIRED = sorted(set(re.findall(r"\$\{(\w+):\?", TEXT)))


def runs_once(service: dict[str, Any]) -> bool:
    return service.get("restart") == "no" and "ports" not in service


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_that_stays_up_says_when_it_is_healthy(name: str) -> None:
    service = SERVICES[name]

    assert runs_once(service) or service["healthcheck"]["test"]


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_the_loopback_interface_and_from_variables(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\$\{\w+:-\d+\}:\d+", port)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_services_that_exist_until_they_are_ready_or_done(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        done = "service_completed_successfully" if runs_once(SERVICES[other]) else "service_healthy"
        assert wait == {"condition": done}


@pytest.mark.parametrize("name", SERVICES)
def test_every_named_volume_is_declared(name: str) -> None:
    named = {volume.split(":")[0] for volume in SERVICES[name].get("volumes", [])}

    assert named <= set(COMPOSE["volumes"])


def test_secrets_come_from_the_environment_and_stop_compose_when_missing() -> None:
    settings = {
        key: value for service in SERVICES.values() for key, value in service.get("environment", {}).items()
    }

    secret = {
        key: value
        for key, value in settings.items()
        if re.search(r"PASSWORD$|SECRET|_KEY$|ALCHEMY_CONN", key)
    }

    assert len(secret) >= len(REQUIRED) > 0
    assert all(re.search(r"\$\{\w+:\?", value) for value in secret.values())


def test_make_compose_env_writes_every_required_secret_once(tmp_path: Any) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)

    made = subprocess.run(["make", "compose-env"], cwd=tmp_path, capture_output=True, text=True, check=True)
    first = (tmp_path / ".env").read_text()
    subprocess.run(["make", "compose-env"], cwd=tmp_path, capture_output=True, check=True)

    assert sorted(line.partition("=")[0] for line in first.splitlines()) == REQUIRED
    assert all(len(line.partition("=")[2]) >= 20 for line in first.splitlines())
    assert (tmp_path / ".env").read_text() == first
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert not set(first.split()) & set(made.stdout.split())


def has_compose() -> bool:
    docker = shutil.which("docker")
    return (
        bool(docker) and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0
    )


@pytest.mark.skipif(not has_compose(), reason="this machine's docker client has no compose")
def test_compose_itself_accepts_the_file_and_names_a_missing_secret() -> None:
    command = [
        "docker",
        "compose",
        "--project-directory",
        str(ROOT),
        "--env-file",
        os.devnull,
        "config",
        "--quiet",
    ]
    bare = {name: value for name, value in os.environ.items() if name not in REQUIRED}

    with_secrets = subprocess.run(command, env={**bare, **dict.fromkeys(REQUIRED, "x")}, capture_output=True)
    without = subprocess.run(command, env=bare, capture_output=True, text=True)

    assert with_secrets.returncode == 0, with_secrets.stderr
    assert without.returncode != 0
    assert "make compose-env" in without.stderr


def test_what_forgets_everything_is_not_restarted_by_itself() -> None:
    assert SERVICES["local-aws"]["restart"] == "no"


def test_older_engines_know_every_member_of_a_healthcheck_and_every_anchor_is_used() -> None:
    known = {"test", "interval", "timeout", "retries", "start_period"}

    assert {member for service in SERVICES.values() for member in service.get("healthcheck", {})} <= known
    assert set(re.findall(r"&([\w-]+)", TEXT)) == set(re.findall(r"\*([\w-]+)", TEXT))
