"""Every setting there is, read from the types themselves, and a document that sets them all."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from sightline.settings import Settings

Path_ = tuple[str | int, ...]
# What the types call otherwise than the file, or leave to code.
_NOT_IN_THE_FILE = {"problems"}

FULL: dict[str, Any] = {
    "analytics": {
        "account_id": "333333333333",
        "region": "ap-northeast-1",
        "role": "sightline-pipeline",
        "ledger_bucket": "sightline-ledger-333333333333",
        "catalog": "AwsDataCatalog",
        "quicksight": {
            "edition": "enterprise",
            "identity_region": "us-east-1",
            "share_with": ["arn:aws:quicksight:us-east-1:333333333333:group/default/analysts"],
            "data_source_role": "sightline-quicksight",
        },
    },
    "workload_accounts": [
        {
            "name": "one",
            "account_id": "111111111111",
            "region": "ap-northeast-1",
            "reader_role": "sightline-reader",
            "external_id": "sightline-one",
            "schedule": "15 0 * * *",
            "timezone": "Asia/Tokyo",
            "start_date": "2024-01-01",
            "workgroup": "workgroup-one",
            "results_location": "s3://results-333333333333/one/",
            "scan_cutoff": "10 GB",
            "database": "one_data",
            "retries": 2,
            "retry_delay_seconds": 60,
            "tables": [
                {
                    "name": "sales",
                    "bucket": "sales-111111111111",
                    "prefix": "data/",
                    "objects": "year={year}/month={month}/sales.csv",
                    "format": {
                        "serde": "lazy_simple",
                        "delimiter": ",",
                        "compression": "none",
                        "header": True,
                    },
                    "columns": {"id": "bigint"},
                    "delivered": "daily",
                    "due_day": 2,
                    "look_back_months": 2,
                    "wait_hours": 12,
                    "poll_seconds": 60,
                    "inspect": "columns",
                    "allow_empty": False,
                    "defer_after_seconds": 30,
                    "quicksight": {
                        "data_source_id": "one",
                        "data_source_name": "one",
                        "data_set_id": "one-sales",
                        "data_set_name": "one-sales",
                    },
                }
            ],
        }
    ],
}


def settings() -> list[Path_]:
    """The path of every setting that holds a value, not settings of its own; `columns` by its one column."""
    return list(_leaves(Settings, ()))


def sections() -> list[Path_]:
    """The path of everything that holds settings by name; columns are called as one likes."""
    named = {path[:-1] for path in settings() if not {"share_with", "columns"} & set(path)}
    return sorted(named | {()}, key=str)


def required() -> list[Path_]:
    """The path of every setting that must be there."""
    return [path for path, is_required in _fields(Settings, ()) if is_required]


def _leaves(model: type[BaseModel], at: Path_) -> Iterator[Path_]:
    for name, field in _in_file(model):
        path = (*at, name)
        inner = _model_of(field.annotation)
        if name == "columns":
            yield (*path, "id")
        elif inner is None:
            yield (*path, 0) if get_origin(field.annotation) is tuple else path
        else:
            yield from _leaves(inner, (*path, 0) if get_origin(field.annotation) is tuple else path)


def _fields(model: type[BaseModel], at: Path_) -> Iterator[tuple[Path_, bool]]:
    for name, field in _in_file(model):
        path = (*at, name)
        # The region of a workload account is the analytics account's where it is not set.
        yield path, field.is_required() and path[-2:] != (0, "region")
        inner = _model_of(field.annotation)
        if inner is not None and name != "columns":
            yield from _fields(inner, (*path, 0) if get_origin(field.annotation) is tuple else path)


def _in_file(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        if name not in _NOT_IN_THE_FILE:
            yield str(field.validation_alias or name), field


def _model_of(annotation: Any) -> type[BaseModel] | None:
    found = [annotation, *get_args(annotation)]
    return next((t for t in found if isinstance(t, type) and issubclass(t, BaseModel)), None)


def value_at(path: Path_) -> Any:
    """What the full document sets there."""
    found: Any = FULL
    for piece in path:
        found = found[piece]
    return found


def with_value(path: Path_, value: Any) -> dict[str, Any]:
    """The full document with another value at a path."""
    return with_values([path], value)


def with_values(paths: Iterable[Path_], value: Any) -> dict[str, Any]:
    """The full document with another value at each of these paths."""
    document = copy.deepcopy(FULL)
    for path in paths:
        owner: Any = document
        for piece in path[:-1]:
            owner = owner[piece]
        owner[path[-1]] = value
    return document


def without(path: Path_) -> dict[str, Any]:
    """The full document without a setting."""
    document = copy.deepcopy(FULL)
    owner: Any = document
    for piece in path[:-1]:
        owner = owner[piece]
    del owner[path[-1]]
    return document


def written(folder: Path, document: Any) -> Path:
    """A settings file that holds this document."""
    file = folder / "accounts.yaml"
    file.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML, and quicker to write
    return file


def name_of(path: Path_) -> str:
    """A path as messages write it; a workload account goes by its name."""
    text = ""
    for piece in path:
        if isinstance(piece, int):
            text += "[one]" if text == "workload_accounts" else f"[{piece}]"
        else:
            text += f".{piece}" if text else piece
    return text
