"""What can be set, for editors (JSON schema) and for people (docs/settings.md), from the types themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from sightline.settings.accounts import AnalyticsAccount, QuickSightAccount, Settings, WorkloadAccount
from sightline.settings.rules import Allowed, Rule
from sightline.settings.tables import QuickSightNames, Table, TextFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

_SECTIONS: dict[str, type[BaseModel]] = {
    "analytics": AnalyticsAccount,
    "analytics.quicksight": QuickSightAccount,
    "workload_accounts[]": WorkloadAccount,
    "workload_accounts[].tables[]": Table,
    "workload_accounts[].tables[].format": TextFormat,
    "workload_accounts[].tables[].quicksight": QuickSightNames,
}
_INTRODUCTION = """# Settings

`include/accounts.yaml`, or the file that `SIGHTLINE_ACCOUNTS` names. This page is written by
`PYTHONPATH=plugins python -m sightline.settings docs`, from the types that validate the file; a test keeps it current.

- `make settings` names every mistake, with its line; in a text that is not YAML, the first one. Another file:
  `PYTHONPATH=plugins .venv/bin/python -m sightline.settings check FILE`.
- `include/accounts.schema.json` lets editors complete and check while typing: the first line of accounts.yaml names
  it, `PYTHONPATH=plugins python -m sightline.settings schema` writes it.
- A mistake in one workload account leaves that account out until it is mended, and only that one.
- Keys that are not listed here, doubled keys, anchors, aliases and tags are mistakes.
- Account ids go in quotes: without, they are numbers to YAML, and a zero at the start is lost.
"""


def schema_text() -> str:
    """The JSON schema of the settings file."""
    schema = Settings.model_json_schema(by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Sightline: accounts.yaml"}
    return json.dumps({**schema, **head}, indent=2, ensure_ascii=False) + "\n"


def reference_text() -> str:
    """docs/settings.md: a table for each part of the file, a line for each setting."""
    return _INTRODUCTION + "".join(_section(path, model) for path, model in _SECTIONS.items())


def _section(path: str, model: type[BaseModel]) -> str:
    lines = [
        f"\n## {path}",
        "",
        _sentence(model),
        "",
        "| setting | default | allowed | what it is |",
        "|---|---|---|---|",
    ]
    for name, field in model.model_fields.items():
        cells = [
            f"`{field.validation_alias or name}`",
            _default(field),
            _allowed(field),
            field.description or "",
        ]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _sentence(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").splitlines()[0]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "see right" if "default:" in (field.description or "") else "**required**"
    if field.default in (PydanticUndefined, ""):
        return "see right"
    if isinstance(field.default, BaseModel):
        return "its defaults"
    return (
        f"`{json.dumps(field.default)}`" if isinstance(field.default, bool | tuple) else f"`{field.default}`"
    )


def _allowed(field: FieldInfo) -> str:
    return "; ".join(dict.fromkeys(_words(field.annotation, field.metadata)))


def _words(annotation: Any, metadata: list[Any]) -> Iterator[str]:
    said = [m.allowed if isinstance(m, Rule) else m.text for m in metadata if isinstance(m, Rule | Allowed)]
    if said:
        yield from said
    elif get_origin(annotation) is Literal:
        yield " or ".join(f"`{word}`" for word in get_args(annotation))
    elif get_origin(annotation) is tuple:
        yield f"a list of: {'; '.join(_words(*_parts(get_args(annotation)[0])))}"
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield "the settings below"
    elif annotation is bool:
        yield "`true` or `false`"
    else:
        limits = {name: getattr(m, name) for m in metadata for name in ("ge", "gt", "le") if hasattr(m, name)}
        least = f"from {limits['ge']}" if "ge" in limits else f"above {limits.get('gt')}"
        yield f"{'a whole number' if annotation is int else 'a number'} {least} to {limits.get('le')}"


def _parts(annotation: Any) -> tuple[Any, list[Any]]:
    return (
        (annotation.__origin__, list(annotation.__metadata__))
        if hasattr(annotation, "__metadata__")
        else (annotation, [])
    )
