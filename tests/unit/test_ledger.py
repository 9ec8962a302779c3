"""The ledger's rules: what a line means, and which changes make it the next revision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sightline.errors import LedgerUnreadable
from sightline.figures import ColumnFigures, Figures
from sightline.ledger import Ledger, Line, Unproved
from sightline.partitions import Month
from sightline.sources import SourceObject

JANUARY, FEBRUARY = Month(2024, 1), Month(2024, 2)
NOW = datetime(2024, 2, 1, 0, 15, tzinfo=UTC)
SECOND = Unproved("ingestion-2", NOW)
LINE = Line(
    month=JANUARY,
    objects=(SourceObject("data/sales/year=2024/month=01/a.csv", "etag-1", 302),),
    fingerprint="content-1",
    figures=Figures(7, {"product": ColumnFigures(0, None)}),
    bytes_scanned=302,
    query_execution_id="query-1",
    checked_at=NOW,
)


def test_a_ledger_reads_back_what_it_wrote() -> None:
    ledger = Ledger().checked([LINE, replace(LINE, month=FEBRUARY)])

    again = Ledger.from_json_lines(ledger.to_json_lines())

    assert again == ledger
    assert ledger.to_json_lines().count("\n") == 2


def test_lines_are_written_in_the_order_of_the_months() -> None:
    ledger = Ledger().checked([replace(LINE, month=FEBRUARY), LINE])

    assert [line.month for line in Ledger.from_json_lines(ledger.to_json_lines())] == [JANUARY, FEBRUARY]


def test_a_check_makes_the_next_revision_and_is_not_published() -> None:
    published = Ledger().checked([LINE]).published({JANUARY: 1}, "data-set", "ingestion-1", NOW)

    checked = published.checked([replace(LINE, fingerprint="content-2", revision=1)])

    assert checked.line(JANUARY).revision == 2
    assert not checked.line(JANUARY).is_published_in("data-set")


def test_a_check_recorded_twice_is_one_check() -> None:
    once = Ledger().checked([LINE]).published({JANUARY: 1}, "data-set", "ingestion-1", NOW)

    assert once.checked([LINE]) == once


def test_a_failure_keeps_the_last_good_figures_and_makes_the_next_attempt_new_work() -> None:
    good = Ledger().checked([LINE]).published({JANUARY: 1}, "data-set", "ingestion-1", NOW)

    failed = good.failed({JANUARY: 1}, "header differs").line(JANUARY)

    assert failed == replace(good.line(JANUARY), revision=2, failure="header differs")
    assert failed.is_checked("content-1")
    assert not failed.is_checked("content-2")


def test_publishing_an_older_revision_publishes_nothing() -> None:
    ledger = Ledger().checked([LINE]).checked([replace(LINE, fingerprint="content-2", revision=1)])

    assert ledger.published({JANUARY: 1}, "data-set", "ingestion-1", NOW) == ledger


def test_a_month_is_published_in_the_data_set_that_the_ingestion_was_for_and_in_no_other() -> None:
    line = Ledger().checked([LINE]).published({JANUARY: 1}, "data-set", "ingestion-1", NOW).line(JANUARY)

    assert line.is_published_in("data-set")
    assert not line.is_published_in("another")


def test_a_publication_recorded_twice_is_one() -> None:
    once = Ledger().checked([LINE]).published({JANUARY: 1}, "data-set", "ingestion-1", NOW)

    assert once.published({JANUARY: 1}, "data-set", "ingestion-1", NOW.replace(year=2025)) == once


def test_what_spice_no_longer_holds_is_published_no_more() -> None:
    published = Ledger().checked([LINE]).published({JANUARY: 1}, "data-set", "ingestion-1", NOW)

    line = published.unpublished({JANUARY: 1}, SECOND, "rows dropped").line(JANUARY)

    assert line.is_checked("content-1")
    assert not line.is_published_in("data-set")
    assert (line.revision, line.failure, line.unproved) == (2, "rows dropped", SECOND)


def test_what_spice_may_hold_unchecked_is_known_until_something_is_published_whatever_is_checked_meanwhile() -> (
    None
):
    unproved = Ledger().checked([LINE]).unpublished({JANUARY: 1}, SECOND, "changed")

    checked = unproved.checked([replace(LINE, fingerprint="content-2", revision=2)])

    assert checked.line(JANUARY).unproved == SECOND
    assert checked.published({JANUARY: 3}, "data-set", "ingestion-3", NOW).line(JANUARY).unproved is None


def test_a_month_that_was_refused_keeps_its_own_reason() -> None:
    refused = Ledger().checked([LINE]).failed({JANUARY: 1}, "header differs")

    assert (
        refused.unpublished({JANUARY: 2}, SECOND, "another changed").line(JANUARY).failure == "header differs"
    )


def test_what_another_load_has_proved_in_the_same_ingestion_stays_published() -> None:
    proved = Ledger().checked([LINE]).published({JANUARY: 1}, "data-set", SECOND.ingestion_id, NOW)

    assert proved.unpublished({JANUARY: 1}, SECOND, "changed since") == proved


def test_a_reopened_month_is_checked_and_published_anew_and_only_once_reopened() -> None:
    published = Ledger().checked([LINE]).published({JANUARY: 1}, "data-set", "ingestion-1", NOW)

    reopened = published.reopened([JANUARY, FEBRUARY])

    assert not reopened.line(JANUARY).is_checked("content-1")
    assert reopened.line(JANUARY).revision == 2
    assert reopened.reopened([JANUARY]) == reopened
    assert FEBRUARY not in reopened.lines


def test_a_month_that_is_as_it_was_checked_again_forgets_its_refusal() -> None:
    good = Ledger().checked([LINE])

    assert good.failed({JANUARY: 1}, "header differs").settled([JANUARY]).line(JANUARY).failure == ""
    assert good.settled([JANUARY, FEBRUARY]) == good


def test_revisions_never_go_back() -> None:
    failed_often = Ledger().failed({JANUARY: 0}, "one").failed({JANUARY: 1}, "two")

    assert failed_often.checked([LINE]).line(JANUARY).revision == 3


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r", "\n", "{{ x }}"])
def test_a_line_separator_in_a_key_or_a_reason_does_not_end_a_line(sign: str) -> None:
    line = replace(
        LINE, objects=(SourceObject(f"data/a{sign}b.csv", "etag-1", 302),), failure=f"{sign}why{sign}"
    )
    ledger = Ledger().with_lines([line, replace(line, month=FEBRUARY)])

    again = Ledger.from_json_lines(ledger.to_json_lines())

    assert again == ledger


def test_a_foreign_line_is_refused_by_its_number() -> None:
    document = Ledger().checked([LINE]).to_json_lines() + '{"rows": 7}\n'

    with pytest.raises(LedgerUnreadable, match=r"Line 2 of s3://ledger/months\.jsonl.*month"):
        Ledger.from_json_lines(document, "s3://ledger/months.jsonl")
