"""Imports run one way, from the Dags down to the errors; the local AWS and Sightline know nothing of each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.syntax import ROOT, imported_modules, python_files

PACKAGE = ROOT / "plugins" / "sightline"
# From the bottom up. A module imports from lower layers, and from its own layer without going round in circles.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "polling", "read_ahead"}),
    frozenset({"settings"}),
    frozenset({"connections", "figures", "partitions"}),
    frozenset({"sql"}),
    frozenset({"catalog", "inspection", "ledger", "planning", "publication", "source_grants", "sources"}),
    frozenset({"hooks", "triggers"}),
    frozenset({"operators"}),
    frozenset({"task_groups"}),
    frozenset({"dag_factory"}),
)
RANK = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}
PURE = frozenset().union(*LAYERS[:5])


def part_of(file: Path) -> str:
    """The part of the package that a file belongs to: `hooks` for hooks/athena.py."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def parts_imported_by(file: Path) -> set[str]:
    """The parts of the package that a file imports."""
    names = (module.split(".") for module in imported_modules(file))
    return {name[1] for name in names if name[0] == "sightline" and len(name) > 1}


PACKAGE_FILES = [file for file in python_files("plugins/sightline") if file != PACKAGE / "__init__.py"]
every_file = pytest.mark.parametrize("file", PACKAGE_FILES, ids=lambda file: str(file.relative_to(PACKAGE)))


def test_every_part_of_the_package_has_its_layer() -> None:
    parts = {part_of(file) for file in PACKAGE_FILES}

    assert parts <= set(RANK), f"put {sorted(parts - set(RANK))} into a layer"


@every_file
def test_a_module_imports_only_from_its_own_layer_and_below(file: Path) -> None:
    own = RANK[part_of(file)]

    upwards = {part for part in parts_imported_by(file) & set(RANK) if RANK[part] > own}

    assert not upwards


@every_file
def test_a_pure_module_does_not_import_airflow_or_boto3(file: Path) -> None:
    roots = {module.split(".")[0] for module in imported_modules(file)}

    assert part_of(file) not in PURE or not roots & {"airflow", "boto3", "botocore"}


def test_parts_of_one_layer_do_not_import_each_other_in_a_circle() -> None:
    imports: dict[str, set[str]] = {part: set() for part in RANK}
    for file in PACKAGE_FILES:
        imports[part_of(file)] |= parts_imported_by(file) & set(RANK) - {part_of(file)}

    while imports:
        leaves = {part for part, others in imports.items() if not others & set(imports)}
        assert leaves, f"a circle among {sorted(imports)}"
        imports = {part: others for part, others in imports.items() if part not in leaves}


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("local_aws", {"sightline", "demo", "airflow", "dags"}),
        ("plugins", {"local_aws", "demo", "dags", "moto", "duckdb", "sqlglot"}),
        ("dags", {"local_aws", "demo"}),
        ("demo", {"local_aws", "moto"}),
    ],
)
def test_a_folder_does_not_reach_into_what_it_only_meets_at_an_endpoint(
    folder: str, forbidden: set[str]
) -> None:
    found = {
        f"{file.relative_to(ROOT)}: {module}"
        for file in python_files(folder)
        for module in imported_modules(file)
        if module.split(".")[0] in forbidden
    }

    assert not found


def test_the_demo_knows_of_the_project_only_its_settings_and_connections() -> None:
    allowed = {"settings", "connections"}

    parts = {part for file in python_files("demo") for part in parts_imported_by(file)}

    assert parts <= allowed


@pytest.mark.parametrize("file", python_files("dags"), ids=lambda file: file.name)
def test_a_dag_file_is_a_doorway_of_a_few_lines(file: Path) -> None:
    lines = [line for line in file.read_text().splitlines() if line.strip()]

    assert len(lines) <= 20
    assert parts_imported_by(file) <= {"dag_factory", "errors", "settings"}


@every_file
def test_no_import_hides_in_a_function(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))

    hidden = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert not hidden
