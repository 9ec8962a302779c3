"""Other people's clients: what the document says was tried is what is pinned, and every pin has its hashes."""

from __future__ import annotations

import re

import pytest

from tests.architecture.syntax import ROOT

DOCUMENT = (ROOT / "docs" / "local_aws.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(?P<name>[\w-]+)` \| (?P<version>\d+\.\d+\.\d+) \|", re.MULTILINE)
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^ ;]+)(?P<rest>.*(?:\n +.*)*)", re.MULTILINE)
CLIENTS = sorted(file.parent.name for file in (ROOT / "tests" / "clients").glob("*/requirements.txt"))
PROVIDER = "apache-airflow-providers-amazon"


def pins(file: str) -> list[re.Match[str]]:
    """The pins of a lock file."""
    return list(PIN.finditer((ROOT / file).read_text(encoding="utf-8")))


def pinned(file: str, name: str) -> str:
    """The version of a package in a lock file."""
    (found,) = {pin["version"] for pin in pins(file) if pin["name"] == name}
    return found


def test_the_versions_in_the_document_are_those_that_are_pinned() -> None:
    of_clients = {name: pinned(f"tests/clients/{name}/requirements.txt", name) for name in CLIENTS}

    tried = {row["name"]: row["version"] for row in ROW.finditer(DOCUMENT)}

    assert tried == {**of_clients, PROVIDER: pinned("requirements.txt", PROVIDER)}


def test_make_installs_every_client() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    installed = re.search(r"^CLIENTS := (.+)$", makefile, re.MULTILINE)

    assert installed
    assert sorted(installed[1].split()) == CLIENTS


@pytest.mark.parametrize("client", CLIENTS)
def test_every_pin_of_a_client_has_hashes(client: str) -> None:
    assert [
        pin["name"]
        for pin in pins(f"tests/clients/{client}/requirements.txt")
        if "--hash=sha256:" not in pin["rest"]
    ] == []
