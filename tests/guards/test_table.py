"""The table of guards does not rot: every text is there once, and every test that must fail exists."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.guards.guard import ROOT, Guard
from tests.guards.table import GUARDS
from tests.guards.trial import BITES, scratch_copy, try_guard

IDS = sorted({test for guard in GUARDS for test in guard.tests})


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guards_text_is_in_its_file_exactly_once_and_its_breaking_is_a_program(guard: Guard) -> None:
    assert not guard.is_stale()
    assert guard.find != guard.put
    ast.parse(guard.broken(ROOT))


def test_names_are_there_once() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


def test_every_named_test_exists() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *IDS]

    collected = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert collected.returncode == 0, collected.stdout[-3_000:]


@pytest.fixture(scope="module")
def project() -> Guard:
    """A guard that is easily broken in different ways, each of them quick."""
    return next(guard for guard in GUARDS if guard.name == "objects that no pattern matches")


@pytest.mark.parametrize(
    ("put", "verdict"),
    [
        ("    if False:\n", BITES),
        ("    if list(strays):\n", "DOES NOT BITE, a test passes without it"),
        ("    if unheard_of:\n", "BREAKS THE PROGRAM, which any test notices"),
        ("    if (:\n", "NO TEST RAN: pytest ended with 4, as for an error while collecting"),
    ],
    ids=["a bite", "no bite", "no name", "no syntax"],
)
def test_only_a_test_that_fails_counts_as_a_bite(
    tmp_path: Path, project: Guard, put: str, verdict: str
) -> None:
    copy = scratch_copy(tmp_path)
    broken = replace(project, put=put)

    result = try_guard(broken, copy)

    assert result.verdict == (BITES if verdict == BITES else f"{verdict}: {project.tests[0]}")
    assert not broken.is_stale(copy), "the copy is whole again"


def test_each_test_of_a_guard_must_notice(tmp_path: Path, project: Guard) -> None:
    other = "tests/unit/test_sources.py::test_strays_of_other_months_do_not_matter"
    broken = replace(project, put="    if False:\n", tests=(*project.tests, other))

    result = try_guard(broken, scratch_copy(tmp_path))

    assert result.verdict == f"DOES NOT BITE, a test passes without it: {other}"


def test_quick_tests_are_tried_first() -> None:
    folders = [{test.split("/")[1] for test in guard.tests} for guard in GUARDS]
    of_one = [folder for found in folders if len(found) == 1 for folder in found]

    assert list(dict.fromkeys(of_one)) == ["unit", "sql", "dags", "local_aws", "demo", "stages", "faults"]
