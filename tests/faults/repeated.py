"""Nothing is done twice: no statement, ingestion or check of the same content; and no write of the ledger is undone.

Work is known by its content: which months, what their files held, where their partitions stood. The ledger's revisions
are not asked: a load that raised them for no reason would do everything again, and each time as new work.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from demo.evidence import month_folder
from tests.faults.timeline import Delivery, Event, Ingestion, LedgerWrite, Lines, Look, Scene, Statement

if TYPE_CHECKING:
    from sightline.settings import Table

OURS = "sightline-"
FAILED = ("FAILED", "CANCELLED")
PLACED = re.compile(r"year = (\d+), month = (\d+)\)\s+(?:SET )?LOCATION '([^']*)'")
Line = Mapping[str, Any]


class Turns:
    """How often each month became something else, so that what was done for it must be done anew.

    `looked`: a load saw other files; `recorded`: the ledger holds another content; `disturbed`: somebody dropped or
    moved its partition, or the ledger tells of a failure, or of an ingestion that proved nothing.
    """

    def __init__(self, table: Table) -> None:
        self.looked, self.recorded, self.disturbed = Counter[str](), Counter[str](), Counter[str]()
        self._table = table
        self._sources: dict[str, str] = {}
        self._seen: dict[str, dict[str, str]] = {}
        self._lines: Lines = {}

    def follow(self, event: Event) -> None:
        """Take in what has happened."""
        match event:
            case Delivery(key, etag):
                self._sources[key] = etag
            case Look():
                self._look()
            case LedgerWrite(lines):
                self._write(lines)
            case Statement(state="SUCCEEDED"):
                self.disturbed.update(_displaced(event, self._table))

    def _look(self) -> None:
        now: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for key, etag in self._sources.items():
            if etag and (month := month_of(self._table, key)):
                now[month][key] = etag
        self.looked.update(month for month in {*now, *self._seen} if now.get(month) != self._seen.get(month))
        self._seen = dict(now)

    def _write(self, lines: Lines) -> None:
        for month, line in lines.items():
            before = self._lines.get(month, {})
            has_failed = line["failure"] and line["revision"] > before.get("revision", 0)
            is_unproved = line.get("unproved") and line["unproved"] != before.get("unproved")
            self.disturbed[month] += bool(has_failed or is_unproved)
            self.recorded[month] += line["fingerprint"] != before.get("fingerprint")
        self._lines = lines

    def of_statement(self, statement: Statement) -> object:
        """Say what a statement does, and for which content."""
        months = ((month, self.looked[month], self.disturbed[month]) for month in statement.months)
        return statement.sql, tuple(months)

    def of_ingestion(self) -> object:
        """Say what an ingestion publishes that begins now."""
        return tuple(
            (month, line["fingerprint"], self.recorded[month], self.disturbed[month])
            for month, line in self._lines.items()
            if line["checked_at"]
        )


def month_of(table: Table, key: str) -> str:
    """The month of a source object's folder; empty if it is in none."""
    folder = re.escape(table.prefix + table.objects.rpartition("/")[0] + "/")
    pattern = folder.replace(r"\{year\}", r"(\d{4})").replace(r"\{month\}", r"(\d{2})")
    found = re.match(pattern, key)
    return f"{found[1]}-{found[2]}" if found else ""


def _displaced(statement: Statement, table: Table) -> Iterator[str]:
    """The months whose partition a statement has dropped, or put where their files are not."""
    if " DROP " in statement.sql:
        yield from statement.months
    for year, number, location in PLACED.findall(statement.sql):
        month = f"{int(year):04}-{int(number):02}"
        if location != f"s3://{table.bucket}/{month_folder(table, month)}":
            yield month


def repeated(events: Iterable[Event], table: Table, scene: Scene) -> Iterator[str]:
    """The same work is one statement and one ingestion; another one follows only when all before had ended in failure.

    Of two loads at once each may have begun what it had decided before the other was done.
    """
    turns, may_stand = Turns(table), 2 if scene.is_concurrent else 1
    works: defaultdict[object, list[Statement | Ingestion]] = defaultdict(list)
    seen: set[str] = set()
    for event in events:
        if isinstance(event, Statement | Ingestion) and _is_work(event) and event.id not in seen:
            seen.add(event.id)
            work = turns.of_statement(event) if isinstance(event, Statement) else turns.of_ingestion()
            standing = [each for each in works[work] if not _had_failed(each, event)]
            works[work].append(event)
            if len(standing) >= may_stand:
                what = "statements" if isinstance(event, Statement) else "ingestions"
                told = ", ".join(f"{each.id} {each.state}" for each in (*standing, event))
                yield f"{len(standing) + 1} {what} of the same work: {told} ({str(work)[:200]})"
        turns.follow(event)


def _is_work(event: Statement | Ingestion) -> bool:
    return bool(event.months) if isinstance(event, Statement) else event.id.startswith(OURS)


def _had_failed(earlier: Statement | Ingestion, later: Statement | Ingestion) -> bool:
    is_over = earlier.ended is None or later.began is None or earlier.ended <= later.began
    return earlier.state in FAILED and is_over


def ledger_history(events: Iterable[Event], table: Table, scene: Scene) -> Iterator[str]:
    """No write of the ledger undoes another: no line lost, no revision set back or written twice, no check repeated."""
    before: Mapping[str, Line] = {}
    for event in events:
        if isinstance(event, LedgerWrite):
            for month, old in before.items():
                yield from _changed(month, old, event.lines.get(month))
            before = event.lines
    yield from _checked_again(events, table, 2 if scene.is_concurrent else 1)


def _changed(month: str, old: Line, new: Line | None) -> Iterator[str]:
    if new is None:
        yield f"{month}: a write of the ledger lost its line"
    elif new["revision"] < old["revision"]:
        yield f"{month}: a write of the ledger set revision {old['revision']} back to {new['revision']}"
    elif new["revision"] == old["revision"]:
        kept = ("checked_at", "fingerprint", "figures", "query_execution_id")
        if any(new[member] != old[member] for member in kept):
            yield f"{month}: revision {old['revision']} of the ledger was written twice, with other content"
        if old["published_at"] and not new["published_at"]:
            yield f"{month}: revision {old['revision']} was published, and a later write lost that"


def _checked_again(events: Iterable[Event], table: Table, allowed: int) -> Iterator[str]:
    """Nothing but a partition that somebody touched, or a recorded failure, makes a second check necessary.

    A second load may record one more: it had decided on it before the first one was done.
    """
    turns, known, checks = Turns(table), set[tuple[str, str]](), Counter[tuple[str, int, int]]()
    for event in events:
        turns.follow(event)
        for month, line in event.lines.items() if isinstance(event, LedgerWrite) else ():
            if not line["checked_at"] or (month, line["checked_at"]) in known:
                continue
            known.add((month, line["checked_at"]))
            check = month, turns.recorded[month], turns.disturbed[month]
            checks[check] += 1
            if checks[check] > allowed:
                which = f"{line['fingerprint']}, again at {line['checked_at']}"
                yield f"{month}: checked {checks[check]} times for the same fingerprint {which}"
