"""Every setting x every hostile text: refused at its place, on one line, and nothing of it gets into the settings.

The settings are read from the types: a new one is tried here by itself, and must be in the full document.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from sightline.errors import Problem, SettingsError, one_line
from sightline.settings import load_settings
from tests.support.hostile import TEXTS
from tests.support.settings_model import (
    FULL,
    Path_,
    name_of,
    required,
    sections,
    settings,
    value_at,
    with_value,
    with_values,
    without,
    written,
)


def problems(folder: Path, document: object) -> Sequence[Problem]:
    """Every mistake of a document, whether it leaves its account out or makes all of the settings useless."""
    return problems_of(written(folder, document))


def problems_of(file: Path) -> Sequence[Problem]:
    """Every mistake of a file."""
    try:
        return load_settings(file).problems
    except SettingsError as error:
        return error.problems


def test_the_full_document_has_every_setting_and_no_mistake(tmp_path: Path) -> None:
    assert not problems(tmp_path, FULL)
    assert len(settings()) >= 44
    assert all(value_at(path) is not None for path in settings())


@pytest.mark.parametrize("path", settings(), ids=name_of)
def test_no_setting_takes_a_hostile_text(tmp_path: Path, path: Path_) -> None:
    for name, text in TEXTS.items():
        allowed = str(value_at(path))
        for value in (text, allowed + text, allowed[:2] + text + allowed[2:]):
            found = problems(tmp_path, with_value(path, value))

            assert [p.path for p in found] == [_place(path, value)], f"{name}: {value!r}: {found}"
            assert str(found[0]).isprintable()
            assert len(str(found[0])) < 1_000


def _place(path: Path_, value: object) -> str:
    """Where the mistake is told: an account whose name is wrong goes by the wrong one."""
    place = name_of(path)
    if path == ("workload_accounts", 0, "name"):
        return place.replace("[one]", f"[{one_line(str(value), 80)}]")
    return place


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_column_has_a_hostile_name(tmp_path: Path, text: str) -> None:
    columns = ("workload_accounts", 0, "tables", 0, "columns")

    found = problems(tmp_path, with_value(columns, {"id": "bigint", text: "int"}))

    assert len(found) == 1
    assert "lower-case letters, digits and _" in found[0].message
    assert str(found[0]).isprintable()


@pytest.mark.parametrize("section", sections(), ids=lambda section: name_of(section) or "the file")
def test_a_setting_that_nobody_knows_is_refused_whatever_it_is_called(tmp_path: Path, section: Path_) -> None:
    for text in ("unheard_of", *TEXTS.values()):
        found = problems(tmp_path, with_value((*section, text), "x"))

        assert len(found) == 1, found
        assert str(found[0]).isprintable()


@pytest.mark.parametrize("path", required(), ids=name_of)
def test_a_required_setting_that_is_missing_is_named(tmp_path: Path, path: Path_) -> None:
    found = problems(tmp_path, without(path))

    assert "is missing. Wanted: " in str(found[0])
    assert name_of(path).rpartition(".")[2] in found[0].path


@pytest.mark.parametrize("path", [path for path in settings() if path[-1] != 0], ids=name_of)
def test_a_setting_that_is_set_twice_is_named(tmp_path: Path, path: Path_) -> None:
    text = json.dumps(with_value(path, "@"))
    once = f"{json.dumps(path[-1])}: {json.dumps(value_at(path))}"
    file = tmp_path / "accounts.yaml"
    file.write_text(text.replace(f'{json.dumps(path[-1])}: "@"', f"{once}, {once}"), encoding="utf-8")

    found = problems_of(file)

    assert [problem.path for problem in found] == [name_of(path)]
    assert "is set twice, first in line" in found[0].message


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    paths = [path for path in settings() if path != ("workload_accounts", 0, "name")]

    found = problems(tmp_path, with_values(paths, TEXTS["a closing quote and a statement"]))

    assert {problem.path for problem in found} == {name_of(path) for path in paths}
