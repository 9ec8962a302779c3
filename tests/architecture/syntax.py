"""What modules import and define, read from their syntax trees without running them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def python_files(folder: str) -> list[Path]:
    """All Python files below a folder of the project."""
    return sorted((ROOT / folder).rglob("*.py"))


@cache
def functions_of(file: str) -> frozenset[str]:
    """The names of all functions in a file of the project, methods and inner ones among them."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"), file)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def imported_modules(file: Path) -> set[str]:
    """Every module that a file imports, inside functions and for type checking too, relative ones made absolute.

    `from package import name` counts as both `package` and `package.name`: the name may be a module.
    """
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, file)
            modules.update({base, *(f"{base}.{alias.name}" for alias in node.names)})
    return modules


def _absolute(node: ast.ImportFrom, file: Path) -> str:
    if not node.level:
        return node.module or ""
    folder = file.parent
    for _ in range(node.level - 1):
        folder = folder.parent
    package = ".".join(folder.relative_to(ROOT / "plugins" if "plugins" in folder.parts else ROOT).parts)
    return f"{package}.{node.module}" if node.module else package
