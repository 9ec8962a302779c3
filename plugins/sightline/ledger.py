"""The ledger: what is known of each month of a table, one JSON line a month.

It is the only memory of a load: nothing is decided from Airflow's history. The document is small, human-readable and
can be queried by Athena itself. How it is stored, and kept from being overwritten by a second writer, is in
`hooks/ledger.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from sightline.errors import LedgerUnreadable
from sightline.figures import Figures
from sightline.partitions import Month
from sightline.sources import SourceObject


@dataclass(frozen=True)
class Unproved:
    """An ingestion that SPICE may hold although what it read, since this moment, was not all as it was checked."""

    ingestion_id: str
    since: datetime


@dataclass(frozen=True)
class Line:
    """One month of one table.

    Attributes:
        revision: grows with every change of what the month holds or of what is known about it, so that work done for
            an older state is never taken for work done for this one.
        fingerprint: of the objects and settings that the figures belong to (`sources.fingerprint`).
        figures: what the files hold and Athena returned, equal.
        checked_at: when files and Athena were last found equal.
        bytes_scanned, query_execution_id: of the query that checked it, together with the months checked beside it.
        published_at, data_set_id: when SPICE was last found to hold it, in which data set; `published_at` is None from
            the moment at which that is no longer known.
        ingestion_id: the ingestion that last proved it, of whatever content.
        unproved: the ingestion that SPICE may hold unchecked, until another one is published.
        failure: why the latest attempt was refused; empty after a success.
    """

    month: Month
    revision: int = 0
    objects: tuple[SourceObject, ...] = ()
    fingerprint: str = ""
    figures: Figures | None = None
    bytes_scanned: int = 0
    query_execution_id: str = ""
    checked_at: datetime | None = None
    published_at: datetime | None = None
    data_set_id: str = ""
    ingestion_id: str = ""
    unproved: Unproved | None = None
    failure: str = ""

    @property
    def is_known(self) -> bool:
        """Tell whether the month was ever found equal, of whatever content: then SPICE may hold it, and must again.

        A month that was reopened stays known: a load that ends before it is checked anew must not lose it.
        """
        return bool(self.fingerprint)

    def is_checked(self, fingerprint: str) -> bool:
        """Tell whether files and Athena were found equal for just this content."""
        return self.checked_at is not None and self.fingerprint == fingerprint

    def is_published_in(self, data_set_id: str) -> bool:
        """Tell whether an ingestion into this data set completed after the last check."""
        return (
            self.checked_at is not None and self.published_at is not None and self.data_set_id == data_set_id
        )

    def reopened(self) -> Line:
        """Return the line of a month that must be checked and published anew, whatever it held."""
        return replace(self, revision=self.revision + 1, checked_at=None, published_at=None)


_LINE = TypeAdapter(Line)


def _read_line(text: str, uri: str, number: int) -> Line:
    try:
        return _LINE.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise LedgerUnreadable(uri, number, f"{where} {first['msg']}".strip()) from error


@dataclass(frozen=True)
class Ledger:
    """All lines of one table. Changes give a new ledger; nothing is altered in place."""

    lines: Mapping[Month, Line] = field(default_factory=dict)

    @classmethod
    def from_json_lines(cls, document: str, uri: str = "ledger") -> Ledger:
        """Read the stored form; `uri` is where it was, for the error.

        Raises:
            LedgerUnreadable: naming the line that is not one of ours.
        """
        lines = [
            _read_line(text, uri, number)
            # Not splitlines: a key or a reason may hold other line ends (U+2028), which JSON leaves as they are.
            for number, text in enumerate(document.split("\n"), 1)
            if text.strip()
        ]
        return cls({line.month: line for line in lines})

    def to_json_lines(self) -> str:
        """Write the stored form: a line a month, in the order of the months."""
        return "".join(f"{_LINE.dump_json(line).decode()}\n" for line in self)

    def __iter__(self) -> Iterator[Line]:
        return (self.lines[month] for month in sorted(self.lines))

    def line(self, month: Month) -> Line:
        """Return the month's line; an empty one of revision 0 for a month never seen."""
        return self.lines.get(month, Line(month))

    def rows(self, months: Iterable[Month]) -> int:
        """Add up the checked rows of these months: what SPICE must hold when it covers them."""
        figures = [self.line(month).figures for month in months]
        return sum(found.rows for found in figures if found is not None)

    def with_lines(self, lines: Iterable[Line]) -> Ledger:
        """Return a ledger in which these lines replace those of their months."""
        return Ledger({**self.lines, **{line.month: line for line in lines}})

    def checked(self, lines: Iterable[Line]) -> Ledger:
        """Record checks: each given line becomes the month's next revision, not yet published.

        A month that already stands checked at the same content and a later revision is left alone: somebody else, or
        this task before it was killed, has recorded the same check.
        """
        return self.with_lines(
            replace(
                line,
                revision=self._next_revision(line),
                published_at=None,
                ingestion_id=self.line(line.month).ingestion_id,
                unproved=self.line(line.month).unproved,
                failure="",
            )
            for line in lines
            if not self._has_later_check(line)
        )

    def _next_revision(self, line: Line) -> int:
        return max(line.revision, self.line(line.month).revision) + 1

    def _has_later_check(self, line: Line) -> bool:
        known = self.line(line.month)
        return known.revision > line.revision and known.is_checked(line.fingerprint)

    def published(
        self, state: Mapping[Month, int], data_set_id: str, ingestion_id: str, at: datetime
    ) -> Ledger:
        """Record that an ingestion completed for the months' given revisions; later revisions stay unpublished.

        The same ingestion recorded twice is recorded once.
        """

        def change(line: Line) -> Line:
            if line.is_published_in(data_set_id) and line.ingestion_id == ingestion_id:
                return line
            return replace(
                line,
                published_at=at,
                data_set_id=data_set_id,
                ingestion_id=ingestion_id,
                unproved=None,
                failure="",
            )

        return self._changed(state, change)

    def failed(self, state: Mapping[Month, int], failure: str) -> Ledger:
        """Record why the months' given revisions were refused; the last good figures stay.

        The revision grows, so that the next attempt is new work for Athena and QuickSight.
        """
        return self._changed(state, lambda line: replace(line, revision=line.revision + 1, failure=failure))

    def unpublished(self, state: Mapping[Month, int], unproved: Unproved, failure: str) -> Ledger:
        """Record that SPICE may hold what an ingestion has read of these months, and why that is not proved.

        A month that was refused for a reason of its own keeps it; one that another load has proved in this very
        ingestion stays published.
        """

        def change(line: Line) -> Line:
            if line.published_at and line.ingestion_id == unproved.ingestion_id:
                return line
            return replace(
                line,
                revision=line.revision + 1,
                published_at=None,
                unproved=unproved,
                failure=line.failure or failure,
            )

        return self._changed(state, change)

    def reopened(self, months: Iterable[Month]) -> Ledger:
        """Let these months be checked and published anew; those that are open already are left alone."""
        lines = (self.line(month) for month in months)
        return self.with_lines(line.reopened() for line in lines if line.checked_at)

    def settled(self, months: Iterable[Month]) -> Ledger:
        """Forget why these months were refused: they stand as they were checked again."""
        lines = (self.line(month) for month in months)
        return self.with_lines(replace(line, failure="") for line in lines if line.failure)

    def _changed(self, state: Mapping[Month, int], change: Callable[[Line], Line]) -> Ledger:
        lines = (self.line(month) for month in state)
        return self.with_lines(change(line) for line in lines if line.revision == state[line.month])
