"""Ledger = catalog = SPICE = file, month by month, once nothing runs any more; files are read by csv and Decimal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from demo.evidence import column_total, month_folder
from tests.faults.timeline import Event, LedgerWrite, Scene

if TYPE_CHECKING:
    from sightline.settings import Table

WHOLE = {"tinyint", "smallint", "int", "bigint"}
NUMBERS = WHOLE | {"decimal"}
Figures = dict[str, Any]
Records = list[Mapping[str, str | None]]
Rows = Counter[tuple[object, ...]]
# As many rows as a violation shows.
SHOWN = 3


def at_rest(scene: Scene, table: Table, events: Iterable[Event]) -> Iterator[str]:
    """Compare what stands. Beside a bad month the others need not be published yet, but what is must be right."""
    look, account = scene.evidence, scene.account
    ledger, partitions = look.ledger_lines(account, table), look.partitions(account, table)
    served, proved = _served(scene, table), _proved(events, table)
    files = {month: _file_records(scene, table, month) for month in scene.months}
    something_is_bad = None in files.values()
    for month in sorted({*scene.months, *ledger, *partitions, *served}):
        line, spice = ledger.get(month, {}), _figures(served[month], table)
        if line.get("published_at") and spice != _held(line, table):
            yield f"{month}: SPICE holds {_text(spice)}, the ledger says {_text(_held(line, table))}"
        if spice["rows"] and spice not in proved[month]:
            yield f"{month}: SPICE holds {_text(spice)}, which was never proved"
        file, as_delivered = files.get(month, []), is_checked(line, _objects(scene, table, month))
        if file is None:
            if as_delivered:
                yield f"{month}: its file is bad, and the ledger calls it checked"
        elif not file:
            yield f"{month}: there is no file of it; {_known(line, partitions.get(month), spice)}"
        elif not something_is_bad or (as_delivered and line.get("published_at")):
            yield from _same_rows(month, served[month], file, table)
            yield from _standing(table, month, line, partitions.get(month, ""), file)
            if not as_delivered:
                yield f"{month}: not checked as it was delivered"


def is_checked(line: Mapping[str, Any], objects: Mapping[str, str]) -> bool:
    """Whether the ledger calls just these objects checked, given as keys with ETags."""
    known = {each["key"]: each["etag"] for each in line.get("objects", ())}
    return bool(line.get("checked_at")) and known == objects


def _served(scene: Scene, table: Table) -> defaultdict[str, Records]:
    served: defaultdict[str, Records] = defaultdict(list)
    for record in scene.evidence.spice_records(scene.account, table):
        served[f"{int(record['year'] or 0):04}-{int(record['month'] or 0):02}"].append(record)
    return served


def _proved(events: Iterable[Event], table: Table) -> defaultdict[str, list[Figures]]:
    """All that the ledger has ever called checked, by month."""
    proved: defaultdict[str, list[Figures]] = defaultdict(list)
    for event in events:
        if isinstance(event, LedgerWrite):
            for month, line in event.lines.items():
                if line["checked_at"]:
                    proved[month].append(_held(line, table))
    return proved


def _same_rows(month: str, served: Records, delivered: Records, table: Table) -> Iterator[str]:
    """Row by row, each as often: sums would not see values that have changed places."""
    spice, file = _typed(served, table), _typed(delivered, table)
    if spice != file:
        yield f"{month}: only in SPICE {_some(spice - file)}; only in the file {_some(file - spice)}"


def _typed(records: Records, table: Table) -> Rows:
    return Counter(
        tuple(_value(column.kind, record[column.name]) for column in table.columns) for record in records
    )


def _value(kind: str, text: str | None) -> object:
    """A value as its type has it: 1.50 is 1.5. An empty text and none at all are the same to a dashboard."""
    if not text:
        return None
    if kind in WHOLE:
        return int(text)
    if kind == "decimal":
        return Decimal(text)
    return date.fromisoformat(text[:10]) if kind == "date" else text


def _some(rows: Rows) -> str:
    told = [f"{count} × ({', '.join(map(str, row))})" for row, count in rows.most_common(SHOWN)]
    return "; ".join(told) + (f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else "") or "none"


def _known(line: Figures, location: str | None, spice: Figures) -> str:
    knowing = {"ledger": bool(line), "catalog": bool(location), "SPICE": bool(spice["rows"])}
    return f"known to: {', '.join(name for name, knows in knowing.items() if knows) or 'nobody'}"


def _standing(table: Table, month: str, line: Figures, location: str, file: Records) -> Iterator[str]:
    held = _held(line, table) if line.get("published_at") else _figures([], table)
    if held != _figures(file, table):
        yield f"{month}: the file holds {_text(_figures(file, table))}, the ledger has published {_text(held)}"
    if line.get("failure"):
        yield f"{month}: stands, and yet the ledger keeps a failure: {line['failure']}"
    if line.get("unproved"):
        yield f"{month}: stands, and yet the ledger calls an ingestion unproved: {line['unproved']}"
    if location != f"s3://{table.bucket}/{month_folder(table, month)}":
        yield f"{month}: its partition is at {location or 'no place'}"


def _objects(scene: Scene, table: Table, month: str) -> dict[str, str]:
    listing = scene.evidence.objects(scene.account, month, table)
    return {each["Key"]: each["ETag"].strip('"') for each in listing}


def _file_records(scene: Scene, table: Table, month: str) -> Records | None:
    """The records of the month's files, none if there is no file; None if they are bad, or hold no record."""
    try:
        records: Records = list(scene.evidence.records(scene.account, month, table))
        _typed(records, table)
    except (ValueError, InvalidOperation):
        return None
    return records if records or not _objects(scene, table, month) else None


def _figures(records: Records, table: Table) -> Figures:
    numbers = [column.name for column in table.columns if column.kind in NUMBERS]
    return {"rows": len(records), **{name: column_total(records, name) for name in numbers}}


def _held(line: Mapping[str, Any], table: Table) -> Figures:
    """The figures of a line of the ledger."""
    columns = line["figures"]["columns"]
    numbers = [column.name for column in table.columns if column.kind in NUMBERS]
    return {"rows": line["figures"]["rows"], **{name: Decimal(columns[name]["total"]) for name in numbers}}


def _text(figures: Figures) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items())
