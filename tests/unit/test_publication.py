"""What an ingestion publishes, and what counts as changed under it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sightline.catalog import Partitions
from sightline.figures import Figures
from sightline.ledger import Ledger, Line, Unproved
from sightline.partitions import Month, partition_location
from sightline.publication import Publication, in_words
from sightline.sources import Listing, SourceObject, fingerprint
from tests.support.tables import sales_table

TABLE = sales_table()
JANUARY, FEBRUARY, MARCH = Month(2024, 1), Month(2024, 2), Month(2024, 3)
BEGAN = datetime(2024, 3, 1, 12, 0, 0, 400_000, tzinfo=UTC)


def file(month: Month, etag: str = "etag") -> SourceObject:
    key = f"account1/data/sales/year={month.year}/month={month.month:02d}/sales_data_{month.year}_{month.month:02d}.csv"
    return SourceObject(key, etag, 10)


def listing(*objects: SourceObject, later: tuple[SourceObject, ...] = ()) -> Listing:
    """What the bucket holds: written an hour before the ingestion, or two seconds after it began."""
    written = {each.key: BEGAN - timedelta(hours=1) for each in objects}
    return Listing((*objects, *later), written | {each.key: BEGAN + timedelta(seconds=2) for each in later})


def checked(*months: Month) -> Ledger:
    return Ledger().checked(
        Line(
            month,
            fingerprint=fingerprint(TABLE, [file(month)]),
            figures=Figures(month.month),
            checked_at=BEGAN - timedelta(minutes=1),
        )
        for month in months
    )


def catalog(*months: Month) -> Partitions:
    return Partitions({month: partition_location(TABLE, month) for month in months})


BOTH = checked(JANUARY, FEBRUARY)
BEFORE = listing(file(JANUARY), file(FEBRUARY))


def changed(after: Listing, partitions: Partitions | None = None) -> dict[Month, str]:
    """What has changed since the gate saw both files, written an hour before."""
    publication = Publication.of(BOTH, [JANUARY, FEBRUARY])
    found = partitions or catalog(JANUARY, FEBRUARY)
    return publication.changed_since(TABLE, BOTH, found, after, since=BEGAN, before=BEFORE)


def test_rows_and_revisions_are_those_of_the_covered_months() -> None:
    publication = Publication.of(checked(JANUARY, FEBRUARY, MARCH), [FEBRUARY, MARCH])

    assert (publication.state, publication.rows) == ({FEBRUARY: 1, MARCH: 1}, 5)


def test_nothing_changed_where_everything_is_as_it_was_checked() -> None:
    assert changed(listing(file(JANUARY), file(FEBRUARY))) == {}


def test_a_file_that_holds_something_else_is_named_with_its_month() -> None:
    after = listing(file(JANUARY), later=(file(FEBRUARY, "another"),))

    assert changed(after) == {FEBRUARY: "its source objects changed after the check"}


def test_a_file_that_was_put_back_after_the_ingestion_began_is_named_too() -> None:
    after = listing(file(JANUARY), later=(file(FEBRUARY),))

    assert changed(after) == {FEBRUARY: "its file was written again and holds what it held"}


def test_a_file_put_back_within_the_second_in_which_the_ingestion_began_is_named_too() -> None:
    both = (file(JANUARY), file(FEBRUARY))
    after = Listing(both, {**BEFORE.written_at, both[1].key: BEGAN.replace(microsecond=0)})

    assert list(changed(after)) == [FEBRUARY]


def test_a_partition_that_is_gone_or_moved_is_named() -> None:
    moved = Partitions({JANUARY: partition_location(TABLE, JANUARY), FEBRUARY: "s3://elsewhere/"})
    after = listing(file(JANUARY), file(FEBRUARY))

    assert "gone" in changed(after, catalog(JANUARY))[FEBRUARY]
    assert "another location" in changed(after, moved)[FEBRUARY]


def test_what_others_deliver_and_register_meanwhile_is_not_this_ingestions() -> None:
    after = listing(file(JANUARY), file(FEBRUARY), later=(file(MARCH),))

    assert changed(after, catalog(JANUARY, FEBRUARY, MARCH)) == {}


@pytest.mark.parametrize(
    ("registered", "delivered"),
    [
        ({JANUARY, FEBRUARY}, {JANUARY, FEBRUARY}),
        ({JANUARY}, {JANUARY, FEBRUARY}),
        ({JANUARY, FEBRUARY}, {JANUARY}),
        ({JANUARY, FEBRUARY, MARCH}, {JANUARY, FEBRUARY, MARCH}),
    ],
    ids=["as it was", "a partition gone", "a file gone", "a month more, not checked"],
)
def test_the_ingestion_that_was_begun_is_known_by_its_id_whatever_changed_since(
    registered: set[Month], delivered: set[Month]
) -> None:
    begun = Publication.of(BOTH, [JANUARY, FEBRUARY]).ingestion_id("data-set", 0)

    found = Publication.begun(BOTH, registered, delivered)

    assert found.ingestion_id("data-set", 0) == begun


def test_a_month_whose_owner_has_taken_away_everything_was_not_ingested() -> None:
    found = Publication.begun(BOTH, {FEBRUARY}, {FEBRUARY})

    assert found.state == {FEBRUARY: 1}


def test_the_latest_ingestion_that_is_not_proved_is_the_one_to_tell() -> None:
    first, second = Unproved("one", BEGAN), Unproved("two", BEGAN + timedelta(minutes=1))
    ledger = BOTH.unpublished({JANUARY: 1}, second, "why").unpublished({FEBRUARY: 1}, first, "why")

    assert Publication.of(ledger, [JANUARY, FEBRUARY]).unproved(ledger) == second
    assert Publication.of(BOTH, [JANUARY, FEBRUARY]).unproved(BOTH) is None


def test_months_with_their_reasons_are_one_part_of_a_sentence() -> None:
    assert in_words({FEBRUARY: "gone.", JANUARY: "bad.."}) == "2024-01: bad; 2024-02: gone"
