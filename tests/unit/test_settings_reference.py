"""The schema for editors and docs/settings.md say what the types say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from sightline.settings.__main__ import main
from sightline.settings.document import ROOT
from sightline.settings.reference import reference_text, schema_text
from tests.support.settings_files import ANALYTICS, THIRD_ACCOUNT, accounts, settings_file

VALIDATOR = Draft202012Validator(json.loads(schema_text()))


@pytest.mark.parametrize(
    ("file", "command", "text"),
    [
        ("include/accounts.schema.json", "schema", schema_text()),
        ("docs/settings.md", "docs", reference_text()),
    ],
)
def test_what_is_generated_is_current(file: str, command: str, text: str) -> None:
    stale = f"{file} is stale: PYTHONPATH=plugins python -m sightline.settings {command} {file}"

    assert (ROOT / file).read_text(encoding="utf-8") == text, stale


def test_the_shipped_file_names_the_schema_and_keeps_to_it() -> None:
    text = (ROOT / "include/accounts.yaml").read_text()

    assert text.startswith("# yaml-language-server: $schema=accounts.schema.json\n")
    assert not list(VALIDATOR.iter_errors(yaml.safe_load(text)))


def test_the_schema_accepts_what_the_settings_accept() -> None:
    for text in (
        accounts("one", "two"),
        ANALYTICS + "workload_accounts:\n" + THIRD_ACCOUNT.replace("2023-07-01", '"2023-07-01"'),
    ):
        assert not list(VALIDATOR.iter_errors(yaml.safe_load(text.replace("no:", '"no":'))))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("external_id", "externalid"),
        ("bigint", "integer"),
        ("id: bigint", "month: int"),
        ("prefix: data/", "prefix: data"),
        ("year={year}/month={month}/sales.csv", "'{year}_{month}.csv'"),
        ("database: one_data", "database: One"),
        ('"111111111111"', "111111111111"),
    ],
)
def test_the_schema_refuses_mistakes(old: str, new: str) -> None:
    assert list(VALIDATOR.iter_errors(yaml.safe_load(accounts("one").replace(old, new))))


def test_the_schemas_patterns_are_of_the_dialect_that_editors_read() -> None:
    patterns = re.findall(r'"pattern": "(.*)"', schema_text())

    assert patterns
    assert not [pattern for pattern in patterns if re.search(r"\\\\[AZ]|\(\?[iP]", pattern)]


def test_check_names_every_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir(), bad.mkdir()

    codes = [
        main(["check", str(settings_file(good, accounts("one")))]),
        main(["check", str(settings_file(bad, accounts("one", "two").replace("one_data", "One")))]),
        main(["check", str(tmp_path / "none.yaml")]),
    ]

    said = capsys.readouterr().out
    assert codes == [0, 1, 1]
    assert "accounts without mistakes: one\n" in said
    assert "workload_accounts[one].database" in said
    assert "cannot be read" in said


def test_a_file_of_the_project_is_named_alike_in_every_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SIGHTLINE_ACCOUNTS", raising=False)

    main(["check"])

    assert capsys.readouterr().out == "include/accounts.yaml: accounts without mistakes: account1, account2\n"


def test_what_is_generated_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    main(["schema", str(tmp_path / "schema.json")])

    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == schema_text()
