"""Every error says what happened, to what, and what to do next, and survives the way between Airflow's processes."""

from __future__ import annotations

import dataclasses
import pickle
import re
from datetime import UTC, datetime
from string import Formatter
from typing import get_type_hints

import pytest

from sightline import errors
from sightline.errors import (
    CatalogMismatch,
    FiguresDiffer,
    LateSource,
    PlanOutdated,
    Problem,
    QuotaSpent,
    Refusal,
    RoleMismatch,
    SettingsError,
    SightlineError,
    Transient,
    UnknownAccount,
    did_you_mean,
)
from sightline.partitions import Month

FAMILIES = {SightlineError, Refusal, Transient}
KINDS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SightlineError)
]
WITH_FACTS = [kind for kind in KINDS if dataclasses.is_dataclass(kind) and "MESSAGE" in vars(kind)]


def test_the_tree_at_the_top_is_the_tree_below() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for branch, name in re.findall(r"^([│├└─ ]*)([A-Z]\w+)(?= {2,}|$)", errors.__doc__ or "", re.MULTILINE):
        depth = len(branch) // 4
        above[depth:] = [name]
        drawn[name] = above[depth - 1] if depth else ""

    assert drawn == {
        kind.__name__: "" if kind is SightlineError else kind.__bases__[0].__name__ for kind in KINDS
    }


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in FAMILIES])
def test_an_error_is_of_one_family_and_described(kind: type[SightlineError]) -> None:
    assert issubclass(kind, Refusal) != issubclass(kind, Transient)
    assert kind.__doc__


@pytest.mark.parametrize("kind", WITH_FACTS)
def test_a_message_names_every_fact(kind: type[SightlineError]) -> None:
    facts = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]

    assert {name for _, name, _, _ in Formatter().parse(kind.MESSAGE) if name} == facts


def test_a_late_source_says_when_it_was_due_and_what_to_do() -> None:
    due = datetime(2024, 2, 6, tzinfo=UTC)

    error = LateSource("account1", "bucket-1", "a/b.csv", Month(2024, 1), due)

    assert str(error) == (
        "account1: s3://bucket-1/a/b.csv for 2024-01 was due by 2024-02-06 00:00 UTC and is not there. Ask the "
        "account's owner for it, or look whether the month is the right one. Daily runs look again as long as the "
        "month is within look_back_months; clear this task once the file is there."
    )


def test_figures_that_differ_stand_side_by_side() -> None:
    error = FiguresDiffer(
        "account1_data.account1_table",
        [("2024-01", "rows", 7, 6), ("2024-01", "total_sales", "18665.40", None)],
    )

    assert str(error).splitlines()[1:4] == [
        "  month    figure          files  Athena",
        "  2024-01  rows                7       6",
        "  2024-01  total_sales  18665.40    None",
    ]


def test_a_catalog_that_differs_comes_with_the_statement_that_mends_it() -> None:
    error = CatalogMismatch("db.t", ["column a: int, declared bigint"], "DROP TABLE `db`.`t`")

    assert "\n  column a: int, declared bigint\n" in str(error)
    assert str(error).endswith("load its months again:\n  DROP TABLE `db`.`t`")


def test_several_of_something_are_written_with_commas() -> None:
    assert "knows of 2024-01, 2024-02. Clear" in str(PlanOutdated([Month(2024, 1), Month(2024, 2)]))


def test_a_spent_quota_says_no_more_than_is_known_of_when_it_is_free_again() -> None:
    # AWS does not say which ingestions count, so the list of them does not tell the hour.
    assert {field.name for field in dataclasses.fields(QuotaSpent)} == {"data_set_id", "limit"}
    assert "spent its 32 ingestions" in str(QuotaSpent("d", 32))
    assert "free within 24 hours;" in str(QuotaSpent("d", 32))


def test_mistakes_in_the_settings_are_counted_and_listed() -> None:
    one, two = Problem("f.yaml", 3, "a.b", "is wrong."), Problem("f.yaml", 1, "", "is no file.")

    assert (
        str(SettingsError([one]))
        == "1 mistake in the settings; mend the lines named.\nf.yaml:3: a.b: is wrong."
    )
    assert str(SettingsError([one, two])).endswith("\nf.yaml:1: is no file.")


def test_a_braced_fact_is_not_a_placeholder() -> None:
    assert "{expected}" in str(RoleMismatch("{expected}", "1", "2"))


@pytest.mark.parametrize(
    "error",
    [
        RoleMismatch(connection_id="aws_a", expected="1", found="2"),
        UnknownAccount("a", ("b",)),
        Refusal("plain words"),
    ],
)
def test_an_error_travels_between_processes(error: SightlineError) -> None:
    copy = pickle.loads(pickle.dumps(error))

    assert (type(copy), str(copy)) == (type(error), str(error))


@pytest.mark.parametrize(("word", "answer"), [("acount", ' Did you mean "account"?'), ("zzz", ""), (12, "")])
def test_only_a_close_word_is_proposed(word: object, answer: str) -> None:
    assert did_you_mean(word, ["account", "region"]) == answer


def test_facts_have_types() -> None:
    assert get_type_hints(RoleMismatch)["expected"] is str
