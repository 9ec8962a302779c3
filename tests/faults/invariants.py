"""What must hold after every trial, whatever struck the load: `violations` says what does not.

Once a load has run through undisturbed, ledger, catalog, SPICE and files agree, month by month; how it came to that is
judged by the timeline: nothing was done twice, and nothing was published that had not been checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from demo.evidence import month_folder
from tests.faults.at_rest import at_rest, is_checked
from tests.faults.repeated import OURS, ledger_history, repeated
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

UNFINISHED = {"QUEUED", "RUNNING", "INITIALIZED"}


def violations(scene: Scene) -> list[str]:
    """Everything that is not as it must be, after a load that nothing disturbed; empty when all holds."""
    found = running(scene)
    for table in scene.account.tables:
        events = timeline(scene, table)
        problems = [
            *at_rest(scene, table, events),
            *ledger_history(events, table, scene),
            *repeated(events, table, scene),
            *unchecked(table, events, is_overtaken=scene.is_overtaken),
        ]
        found += [f"{table.name}: {problem}" for problem in problems]
    return found


def running(scene: Scene) -> list[str]:
    """The statements and ingestions that still run: after a kill that could be noticed, there are none."""
    return [f"{name} is left {state}" for name, state in works(scene).items() if state in UNFINISHED]


def works(scene: Scene) -> dict[str, str]:
    """All statements and ingestions of the account, with their states."""
    states = {f"query {name}": state for name, state in statement_states(scene).items()}
    for table in scene.account.tables:
        ingestions = scene.evidence.ingestions(scene.account, table)
        states |= {f"ingestion {each['IngestionId']}": each["IngestionStatus"] for each in ingestions}
    return states


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
            case Statement(sql=sql, state="SUCCEEDED") if " ADD " in sql:
                registered |= set(event.months)
            case Statement(sql=sql, state="SUCCEEDED") if " DROP " in sql:
                registered -= set(event.months)
            case Ingestion(name) if name.startswith(OURS):
                views = [sources, seen] if is_overtaken and seen is not None else [sources]
                for month in sorted(registered):
                    line, folder = ledger.get(month, {}), month_folder(table, month)
                    if not any(is_checked(line, _within(folder, view)) for view in views):
                        yield f"ingestion {name} began while {month} was unchecked"


def _within(folder: str, sources: dict[str, str]) -> dict[str, str]:
    return {key: etag for key, etag in sources.items() if key.startswith(folder) and etag}
