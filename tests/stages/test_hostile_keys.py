"""Keys full of metacharacters, as anybody may deliver them: loaded exactly or refused by name, and never acted on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stages.conftest import MakeWorld
from tests.support.hostile import TEXTS
from tests.support.refusals import FEBRUARY, refused, standing
from tests.support.world import JANUARY, World

# A key has at most 1,024 bytes, and a slash is a folder's. The local AWS takes no line break in a key: such a key is
# tried in tests/unit/test_sources.py.
IN_A_KEY = {name: text.replace("/", ":")[:200] for name, text in TEXTS.items() if "\n" not in text}
FOLDER = "data/sales/year=2024/month={month}/"


@pytest.fixture
def several(make_world: MakeWorld) -> World:
    """A table whose months have several files, called as their owner likes."""
    world = make_world(retries=0, table={"objects": "year={year}/month={month}/sales_*.csv"})
    assert not world.provision().errors
    return world


def queries(world: World) -> list[str]:
    """The text of every statement that the workgroup has seen."""
    athena = world.estate.admin("athena")
    found = (
        athena.get_query_execution(QueryExecutionId=each) for each in world.evidence.query_ids(world.account)
    )
    return [each["QueryExecution"]["Query"] for each in found]


def test_files_called_like_statements_templates_and_commands_are_loaded_and_reach_no_statement(
    several: World,
) -> None:
    # Airflow renders templates in what travels between tasks: there are several months' files in one plan.
    for text in IN_A_KEY.values():
        several.put_object(f"{FOLDER.format(month='01')}sales_{text}.csv", JANUARY.encode())

    outcome = several.load()

    assert not outcome.errors, outcome.error
    assert several.evidence.spice_rows(several.account) == 3 * len(IN_A_KEY)
    keys = {each["key"] for each in several.ledger()["objects"]}
    assert keys == {f"{FOLDER.format(month='01')}sales_{text}.csv" for text in IN_A_KEY.values()}
    statements = queries(several)
    assert statements
    assert not [text for text in IN_A_KEY.values() for statement in statements if text in statement]
    again = several.load()
    assert again.states["ingest_data_set"] == "skipped", "the ledger gives the keys back as they are"


def test_files_that_no_pattern_matches_are_named_on_one_line_each_and_nothing_is_loaded(
    loaded: World,
) -> None:
    loaded.put(FEBRUARY, "2024-02")
    before = standing(loaded)
    for text in IN_A_KEY.values():
        loaded.put_object(f"{FOLDER.format(month='02')}{text}")

    outcome = loaded.load("2024-02")

    refused(outcome, "inspect_source", "do not match the pattern")
    assert outcome.error.isprintable(), "no key writes a line of its own into the log"
    for text in IN_A_KEY.values():
        assert _printed(text) in outcome.error
    assert standing(loaded) == before


def _printed(text: str) -> str:
    """A text as `repr` and a terminal agree on: what cannot be printed is escaped."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def test_a_bad_file_with_a_hostile_name_is_refused_and_the_ledger_stays_readable(several: World) -> None:
    for name in ("a line separator", "a next line", "an expression"):
        body = JANUARY.replace("75", "x7")
        several.put_object(f"{FOLDER.format(month='01')}sales_{IN_A_KEY[name]}.csv", body.encode())

    first, second = several.load(), several.load()

    for outcome in (first, second):
        refused(outcome, "inspect_source", "quantity", "'x7'")
    assert several.ledger()["failure"]


def test_a_header_with_line_separators_leaves_a_readable_ledger(loaded: World) -> None:
    loaded.put(FEBRUARY.replace("product", "pro\u2028du\x85ct"), "2024-02")

    first, second = loaded.load("2024-02"), loaded.load("2024-02")

    for outcome in (first, second):
        refused(outcome, "inspect_source", "the header is not the declared columns")
    assert "pro" in _failure(loaded.ledger("2024-02"))


def _failure(line: dict[str, Any]) -> str:
    return str(line["failure"])
