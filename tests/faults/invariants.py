"""What must hold after every trial, whatever struck the load: `violations` says what does not.

Once a load has run through undisturbed, ledger, catalog, SPICE and files agree, month by month; how it came to that is
judged by the timeline: nothing was done twice, and nothing was published that had not been checked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from demo.evidence import column_total, month_folder
from tests.faults.timeline import (
    Delivery,
    Event,
    Ingestion,
    LedgerWrite,
    Lines,
    Look,
    Scene,
    Statement,
    statement_states,
    timeline,
)

if TYPE_CHECKING:
    from sightline.settings import Table

__all__ = ["Scene", "running", "violations"]

NUMBERS = {"tinyint", "smallint", "int", "bigint", "decimal"}
UNFINISHED = {"QUEUED", "RUNNING", "INITIALIZED"}
OURS = "sightline-"
Figures = dict[str, Any]


def violations(scene: Scene) -> list[str]:
    """Everything that is not as it must be, after a load that nothing disturbed; empty when all holds."""
    found = running(scene)
    for table in scene.account.tables:
        events = timeline(scene, table)
        problems = [
            *at_rest(scene, table, events),
            *ledger_history(events),
            *repeated(events, scene),
            *unchecked(table, events, is_overtaken=scene.is_overtaken),
        ]
        found += [f"{table.name}: {problem}" for problem in problems]
    return found


def running(scene: Scene) -> list[str]:
    """The statements and ingestions that still run: after a kill that could be noticed, there are none."""
    states = {f"query {name}": state for name, state in statement_states(scene).items()}
    for table in scene.account.tables:
        ingestions = scene.evidence.ingestions(scene.account, table)
        states |= {f"ingestion {each['IngestionId']}": each["IngestionStatus"] for each in ingestions}
    return [f"{name} is left {state}" for name, state in states.items() if state in UNFINISHED]


def at_rest(scene: Scene, table: Table, events: Iterable[Event]) -> Iterator[str]:
    """Ledger = catalog = SPICE = file. While a month's file is bad, SPICE keeps what had been proved before."""
    look, account = scene.evidence, scene.account
    ledger, partitions = look.ledger_lines(account, table), look.partitions(account, table)
    served, proved = _served(scene, table), _proved(events, table)
    files = {month: _file_figures(scene, table, month) for month in scene.months}
    everything_is_good = None not in files.values()
    for month in sorted({*scene.months, *ledger, *partitions, *served}):
        line, spice = ledger.get(month, {}), _figures(served[month], table)
        if line.get("published_at") and spice != _held(line, table):
            yield f"{month}: SPICE holds {_text(spice)}, the ledger says {_text(_held(line, table))}"
        if spice["rows"] and spice not in proved[month]:
            yield f"{month}: SPICE holds {_text(spice)}, which was never proved"
        if everything_is_good:
            yield from _standing(scene, table, month, line, partitions.get(month, ""), files.get(month))
        elif month in files and files[month] is None and _is_checked(line, _objects(scene, table, month)):
            yield f"{month}: its file is bad, and the ledger calls it checked"


def _served(scene: Scene, table: Table) -> defaultdict[str, list[dict[str, str | None]]]:
    served: defaultdict[str, list[dict[str, str | None]]] = defaultdict(list)
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


def _standing(
    scene: Scene, table: Table, month: str, line: Figures, location: str, file: Figures | None
) -> Iterator[str]:
    if file is None:
        yield f"{month}: known to ledger, catalog or SPICE, but nobody delivered it"
        return
    held = _held(line, table) if line.get("published_at") else _figures([], table)
    if held != file:
        yield f"{month}: the file holds {_text(file)}, the ledger has published {_text(held)}"
    if not _is_checked(line, _objects(scene, table, month)):
        yield f"{month}: not checked as it was delivered"
    if line.get("failure"):
        yield f"{month}: stands, and yet the ledger keeps a failure: {line['failure']}"
    if not location.startswith(f"s3://{table.bucket}/{table.prefix}") or month[:4] not in location:
        yield f"{month}: its partition is at {location or 'no place'}"


def ledger_history(events: Iterable[Event]) -> Iterator[str]:
    """No write of the ledger undoes another: no line lost, no revision set back or written twice, no check repeated."""
    before: Lines = {}
    for event in events:
        if not isinstance(event, LedgerWrite):
            continue
        for month, old in before.items():
            yield from _changed(month, old, event.lines.get(month))
        before = event.lines


def _changed(month: str, old: Figures, new: Figures | None) -> Iterator[str]:
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
    elif _is_checked_again(old, new):
        yield f"{month}: checked twice for the same fingerprint"


def _is_checked_again(old: Figures, new: Figures) -> bool:
    """Nothing but a reopened month or a recorded failure makes a second check of the same content necessary."""
    is_next = (new["fingerprint"], new["revision"]) == (old["fingerprint"], old["revision"] + 1)
    checks = (old["checked_at"], new["checked_at"])
    return is_next and all(checks) and checks[0] != checks[1] and not old["failure"]


def repeated(events: Iterable[Event], scene: Scene) -> Iterator[str]:
    """The same work, for the same files and the same state of the ledger, is one statement and one ingestion."""
    statements: defaultdict[object, dict[str, str]] = defaultdict(dict)
    ingestions: defaultdict[object, dict[str, str]] = defaultdict(dict)
    sources: dict[str, str] = {}
    known: tuple[tuple[str, str], ...] = ()
    ledger: Lines = {}
    seen: set[str] = set()
    for event in events:
        match event:
            case Delivery(key, etag):
                sources[key] = etag
            case Look():
                known = tuple(sources.items())
            case LedgerWrite(lines):
                ledger = lines
            case Statement(execution_id, sql, state) if event.months and execution_id not in seen:
                state_of_work = tuple(ledger.get(month, {}).get("revision", 0) for month in event.months)
                statements[sql, known, state_of_work][execution_id] = state
                seen.add(execution_id)
            case Ingestion(name, state) if name.startswith(OURS) and name not in seen:
                vector = tuple(
                    (month, line["revision"], line["fingerprint"]) for month, line in ledger.items()
                )
                ingestions[vector][name] = state
                seen.add(name)
    for what, works, good in (
        ("statements", statements, "SUCCEEDED"),
        ("ingestions", ingestions, "COMPLETED"),
    ):
        for work, done in works.items():
            if (count := list(done.values()).count(good)) > (2 if scene.is_concurrent else 1):
                yield f"{count} {what} of the same work: {', '.join(sorted(done))} ({str(work)[:200]})"


def unchecked(table: Table, events: Iterable[Event], *, is_overtaken: bool = False) -> Iterator[str]:
    """No ingestion begins while a registered month does not stand at its checked content.

    Overtaken, it may have been looked at after all checks were recorded and written again since: docs/faults.md.
    """
    sources: dict[str, str] = {}
    seen: dict[str, str] | None = None
    registered: set[str] = set()
    ledger: Lines = {}
    for event in events:
        match event:
            case Delivery(key, etag):
                sources[key] = etag
            case Look():
                seen = dict(sources)
            case LedgerWrite(lines):
                ledger, seen = lines, None
            case Statement(_, sql, "SUCCEEDED") if " ADD " in sql:
                registered |= set(event.months)
            case Statement(_, sql, "SUCCEEDED") if " DROP " in sql:
                registered -= set(event.months)
            case Ingestion(name) if name.startswith(OURS):
                views = [sources, seen] if is_overtaken and seen is not None else [sources]
                for month in sorted(registered):
                    line, folder = ledger.get(month, {}), month_folder(table, month)
                    if not any(_is_checked(line, _within(folder, view)) for view in views):
                        yield f"ingestion {name} began while {month} was unchecked"


def _within(folder: str, sources: dict[str, str]) -> dict[str, str]:
    return {key: etag for key, etag in sources.items() if key.startswith(folder) and etag}


def _is_checked(line: Figures, objects: dict[str, str]) -> bool:
    known = {each["key"]: each["etag"] for each in line.get("objects", ())}
    return bool(line.get("checked_at")) and known == objects


def _objects(scene: Scene, table: Table, month: str) -> dict[str, str]:
    listing = scene.evidence.objects(scene.account, month, table)
    return {each["Key"]: each["ETag"].strip('"') for each in listing}


def _file_figures(scene: Scene, table: Table, month: str) -> Figures | None:
    """What csv and Decimal say that the month's files hold; None if they are bad, or none is there."""
    try:
        records = scene.evidence.records(scene.account, month, table)
        for column in table.columns:
            if column.kind in NUMBERS:
                [Decimal(record[column.name]) for record in records if record[column.name]]
    except (ValueError, InvalidOperation):
        return None
    return _figures(records, table) if records else None


def _figures(records: list[Any], table: Table) -> Figures:
    numbers = [column.name for column in table.columns if column.kind in NUMBERS]
    return {"rows": len(records), **{name: column_total(records, name) for name in numbers}}


def _held(line: Figures, table: Table) -> Figures:
    """The figures of a line of the ledger."""
    columns = line["figures"]["columns"]
    numbers = [column.name for column in table.columns if column.kind in NUMBERS]
    return {"rows": line["figures"]["rows"], **{name: Decimal(columns[name]["total"]) for name in numbers}}


def _text(figures: Figures) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items())
