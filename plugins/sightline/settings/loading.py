"""load_settings: the accounts of the file that have no mistakes, and the mistakes of the others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sightline.errors import Problem, SettingsError, did_you_mean
from sightline.settings.accounts import AnalyticsAccount, Settings, WorkloadAccount
from sightline.settings.document import ROOT, Document
from sightline.settings.reading import Location, Node
from sightline.settings.rules import shown
from sightline.settings.tables import default_data_set_id, default_data_source_id

_SECTIONS = ("analytics", "workload_accounts")
MOST_ACCOUNTS = 5_000
"""In one file; every one is read again for every Dag file."""


def settings_path() -> Path:
    """The file that holds the settings: $SIGHTLINE_ACCOUNTS, else include/accounts.yaml."""
    return Path(os.environ.get("SIGHTLINE_ACCOUNTS") or ROOT / "include" / "accounts.yaml")


def load_settings(path: Path | None = None) -> Settings:
    """Read and validate the settings; `path` defaults to `settings_path()`.

    Accounts without mistakes are returned; those with mistakes are left out, and their mistakes are in `problems`.

    Raises:
        SettingsError: the file cannot be read, or what all accounts share is wrong. It names every mistake.
    """
    document = Document.read(Path(path or settings_path()))
    wrong = list(_mistakes_of_all(document))
    analytics, mistakes = _analytics(document)
    entries = _entries(document, analytics)
    _refuse_doubles(document, entries)
    problems = sorted((problem for entry in entries for problem in entry.problems), key=_line)
    if analytics is None or wrong or mistakes:
        raise SettingsError(sorted([*wrong, *mistakes, *problems], key=_line))
    accounts = tuple(entry.account for entry in entries if entry.account and not entry.problems)
    return Settings(analytics=analytics, workload_accounts=accounts, problems=tuple(problems))


def _line(problem: Problem) -> int:
    return problem.line


def _mistakes_of_all(document: Document) -> Iterator[Problem]:
    """What is wrong outside the sections, or with a section as a whole."""
    sections = document.root.content
    if not isinstance(sections, dict):
        yield Problem(document.file, 1, "", f"is not a settings file. Allowed: {' and '.join(_SECTIONS)}.")
        return
    for name in sections:
        if name not in _SECTIONS:
            hint = did_you_mean(name, _SECTIONS)
            yield document.problem((name,), f"is not a section.{hint} Allowed: {', '.join(_SECTIONS)}.")
    yield from document.flaws_outside([("analytics",), *_locations(document)])
    accounts = document.section("workload_accounts")
    if accounts and isinstance(accounts.content, list) and len(accounts.content) > MOST_ACCOUNTS:
        count = f"has {len(accounts.content):,} accounts. Allowed: {MOST_ACCOUNTS:,}."
        yield document.problem(("workload_accounts",), count)
    elif accounts and accounts.content is not None and not isinstance(accounts.content, list):
        yield document.problem(("workload_accounts",), 'is not a list. Allowed: accounts, each with "- ".')


def _analytics(document: Document) -> tuple[AnalyticsAccount | None, list[Problem]]:
    node = document.section("analytics")
    if node is None:
        return None, [document.problem(("analytics",), "is missing. Wanted: account_id, region and more.")]
    return document.validated(AnalyticsAccount, node, ("analytics",))


# ------------------------------------------------------------------------------------ workload accounts


@dataclass
class _Entry:
    """One workload account's place in the file; `account` is what it says, unless it has mistakes."""

    location: Location
    node: Node
    account: WorkloadAccount | None
    problems: list[Problem]


def _locations(document: Document) -> list[Location]:
    section = document.section("workload_accounts")
    count = len(section.content) if section and isinstance(section.content, list) else 0
    return [("workload_accounts", index) for index in range(count if count <= MOST_ACCOUNTS else 0)]


def _entries(document: Document, analytics: AnalyticsAccount | None) -> list[_Entry]:
    # Without a valid analytics account nothing is loaded: any region then serves to find the other mistakes.
    region = analytics.region if analytics else "us-east-1"
    entries = []
    for location in _locations(document):
        node = document.node(location)
        account, problems = document.validated(WorkloadAccount, node, location, region=region)
        entries.append(_Entry(location, node, account, problems))
    return entries


def _refuse_doubles(document: Document, entries: list[_Entry]) -> None:
    """What must be there once stays with the first entry; an entry that has mistakes takes nothing from others."""
    taken: dict[tuple[str, str], tuple[Location, Location]] = {}
    for entry in sorted(entries, key=lambda entry: bool(entry.problems)):
        for what, value, at in _claims(entry):
            owner, first = taken.setdefault((what, value), (entry.location, at))
            shared = what == "data source" and owner == entry.location
            if first != at and not shared:
                line = document.problem(first, "").line
                message = f"{shown(value)} is there twice, first in line {line}. Allowed: each {what} once."
                entry.problems.append(document.problem(at, message))
                if what == "account name":
                    break  # names of its tables and data sets follow from it


def _claims(entry: _Entry) -> Iterator[tuple[str, str, Location]]:
    """What an entry claims for itself: what it is, its value, where it is set.

    One with mistakes claims what it says all the same, so that what is there twice is named together with them.
    """
    name, database = _said(entry.node, "name"), _said(entry.node, "database")
    if name:
        yield "account name", name, (*entry.location, "name")
    tables = _part(entry.node, "tables")
    for index, node in enumerate(tables.content if tables and isinstance(tables.content, list) else ()):
        at, table = (*entry.location, "tables", index), _said(node, "name")
        names = _part(node, "quicksight")
        if database and table:
            yield "table", f"{database}.{table}", (*at, "name")
        if data_set := _said(names, "data_set_id") or (name and table and default_data_set_id(name, table)):
            yield "data set", data_set, (*at, "quicksight", "data_set_id")
        if source := _said(names, "data_source_id") or (name and default_data_source_id(name)):
            yield "data source", source, (*at, "quicksight", "data_source_id")


def _part(node: Node | None, name: str) -> Node | None:
    """A setting of a mapping; None when it is not there."""
    return node.content.get(name) if node and isinstance(node.content, dict) else None


def _said(node: Node | None, name: str) -> str:
    """The text of a setting; empty when it is not there, or no text."""
    part = _part(node, name)
    return part.content if part and isinstance(part.content, str) else ""
