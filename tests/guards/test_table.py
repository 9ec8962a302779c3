"""The table of guards does not rot: every text is there once, and every test that must fail exists."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.guards.guard import ROOT, Guard
from tests.guards.table import GUARDS
from tests.guards.trial import BITES, Result, scratch_copy, try_guard

IDS = sorted({test for guard in GUARDS for test in guard.tests})


def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"), file)
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guards_text_is_in_its_file_exactly_once_and_its_breaking_is_a_program(guard: Guard) -> None:
    assert not guard.is_stale()
    assert guard.find != guard.put
    ast.parse(guard.broken(ROOT))


def test_names_are_there_once() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


@pytest.mark.parametrize("test", IDS)
def test_a_named_test_exists(test: str) -> None:
    file, _, name = test.partition("::")

    assert (ROOT / file).is_file()
    assert not name or name.partition("[")[0].rpartition("::")[2] in functions_of(file)


def test_every_named_parameter_exists() -> None:
    with_parameter = [test for test in IDS if "[" in test]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *with_parameter]

    collected = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert collected.returncode == 0, collected.stdout[-3_000:]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    """A guard that is easily broken in different ways, each of them quick."""
    return next(guard for guard in GUARDS if guard.name == "objects that no pattern matches")


@pytest.mark.parametrize(
    ("put", "verdict"),
    [
        ("    if False:\n", BITES),
        ("    if list(strays):\n", "DOES NOT BITE: every test passes without it"),
        ("    if unheard_of:\n", "BREAKS THE PROGRAM, which any test notices"),
        ("    if (:\n", "NO TEST RAN: pytest ended with 4, as for an error while collecting"),
    ],
    ids=["a bite", "no bite", "no name", "no syntax"],
)
def test_only_a_test_that_fails_counts_as_a_bite(
    tmp_path_factory: pytest.TempPathFactory, project: Guard, put: str, verdict: str
) -> None:
    copy = scratch_copy(tmp_path_factory.mktemp("copy"))
    broken = Guard(project.name, project.file, project.find, put, project.tests)

    result: Result = try_guard(broken, copy)

    assert result.verdict == verdict
    assert not broken.is_stale(copy), "the copy is whole again"
