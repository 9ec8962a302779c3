"""What the documents say is there, is there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.syntax import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TREE_LINE = re.compile(r"^(?P<indent>(?:│   |    )*)(?:├── |└── )(?P<name>[^ ]+)")


def files_on_disk() -> set[str]:
    """Every file of the project, except what .gitignore names."""
    ignored = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()} | {".git"}
    found: set[str] = set()
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in ignored]
        found |= {str((Path(folder) / name).relative_to(ROOT)) for name in files if name not in ignored}
    return found


def tree_in_readme() -> set[str]:
    """The paths that the tree in the README shows; folders end with "/"."""
    shown: set[str] = set()
    folders: list[str] = []
    for line in README.splitlines():
        if match := TREE_LINE.match(line):
            depth = len(match["indent"]) // 4
            folders = [*folders[:depth], match["name"]]
            shown.add("".join(folders))
    return shown


def to_two_levels(files: set[str]) -> set[str]:
    """Files of the top level, and all folders down to the second."""
    paths = {name for name in files if "/" not in name}
    for name in files:
        folders = name.split("/")[:-1][:2]
        paths |= {"/".join(folders[:depth]) + "/" for depth in range(1, len(folders) + 1)}
    return paths


def targets() -> dict[str, str]:
    """The targets of the Makefile with their descriptions."""
    return dict(re.findall(r"^([a-z][a-z-]*):.*?## (.+)$", MAKEFILE, re.MULTILINE))


def test_the_tree_in_the_readme_is_the_tree_on_disk_to_two_levels() -> None:
    on_disk = files_on_disk()

    missing = to_two_levels(on_disk) - tree_in_readme()
    gone = {path for path in tree_in_readme() if not (ROOT / path).exists()}

    assert not missing
    assert not gone


def test_a_folder_that_the_tree_opens_shows_all_of_its_files() -> None:
    shown = tree_in_readme()
    opened = {path.rpartition("/")[0] for path in shown if "/" in path and not path.endswith("/")}

    beside = {
        name
        for name in files_on_disk()
        if name.rpartition("/")[0] in opened and not name.endswith(("/__init__.py", "/.airflowignore"))
    }

    assert beside <= shown


def test_every_make_target_is_described_by_make_and_in_contributing() -> None:
    phony = set(re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[1].split())

    assert phony == set(targets())
    assert {name for name in targets() if f"make {name}" not in CONTRIBUTING} == set()


def test_make_alone_prints_every_target_with_its_line() -> None:
    # `make test` runs this: without its variables and words, this make is as if typed by hand.
    of_an_outer_make = ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")
    by_hand = {name: value for name, value in os.environ.items() if name not in of_an_outer_make}
    make = ["make", "--no-print-directory"]

    printed = subprocess.run(make, cwd=ROOT, env=by_hand, capture_output=True, text=True, check=True).stdout

    assert len(printed.splitlines()) == len(targets())
    for name, description in targets().items():
        assert re.search(rf"make {name} +{re.escape(description)}", printed)


@pytest.mark.parametrize("document", sorted(name for name in files_on_disk() if name.endswith(".md")))
def test_links_between_documents_lead_somewhere(document: str) -> None:
    folder = (ROOT / document).parent
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", (ROOT / document).read_text(encoding="utf-8"))

    assert [link for link in links if not (folder / link).exists()] == []


@pytest.mark.parametrize("document", sorted(name for name in files_on_disk() if name.endswith(".md")))
def test_a_table_is_not_cut(document: str) -> None:
    blocks = re.findall(r"(?:^\|.*(?:\n|\Z))+", (ROOT / document).read_text(encoding="utf-8"), re.MULTILINE)

    without_head = [block for block in blocks if not re.match(r".*\n\|[|: -]+\|(?:\n|\Z)", block)]

    assert without_head == [], "a row after a blank line is shown as text"
