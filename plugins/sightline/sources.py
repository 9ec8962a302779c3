"""Source objects: what a listing of the source bucket says about each month of a table."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sightline.errors import StrayObject, one_line
from sightline.partitions import Month, is_folder_marker, is_hidden, month_of_key, partition_prefix
from sightline.settings import Table


@dataclass(frozen=True, order=True)
class SourceObject:
    """One object as S3 lists it: `size` in bytes, `etag` without quotation marks.

    An equal ETag means equal content; an unequal one may still be the same content (multipart upload, KMS).
    """

    key: str
    etag: str
    size: int


@dataclass(frozen=True)
class Listing:
    """What a bucket held at one moment, and when S3 says that each key was written, in whole seconds."""

    objects: tuple[SourceObject, ...]
    written_at: Mapping[str, datetime]

    def written_since(self, moment: datetime, before: Listing) -> list[SourceObject]:
        """The objects that were written after a moment, whatever they hold.

        S3 tells whole seconds, so one that was written within the moment's own is known by another time than `before`.
        """
        return [
            source
            for source in self.objects
            if (at := self.written_at[source.key]) > moment or at != before.written_at.get(source.key, at)
        ]


def by_month(table: Table, objects: Iterable[SourceObject]) -> dict[Month, tuple[SourceObject, ...]]:
    """Group a listing by the month that the table's pattern gives each key; keys of no month are left out."""
    months: defaultdict[Month, list[SourceObject]] = defaultdict(list)
    for source in objects:
        month = month_of_key(table, source.key)
        if month is not None:
            months[month].append(source)
    return {month: tuple(sorted(found)) for month, found in sorted(months.items())}


def stray_keys(table: Table, months: Iterable[Month], objects: Iterable[SourceObject]) -> list[str]:
    """The keys of objects that Athena would read with a month though the table's pattern does not match them.

    Hidden names (`_SUCCESS`, `.part`) and folder markers are not read by Athena and therefore none.
    """
    prefixes = tuple(partition_prefix(table, month) for month in months)
    return [source.key for source in objects if _is_stray(table, prefixes, source.key)]


def refuse_strays(table: Table, months: Iterable[Month], objects: Iterable[SourceObject]) -> None:
    """Refuse objects that Athena would read with a month though the table's pattern does not match them.

    Raises:
        StrayObject: naming every such object.
    """
    strays = stray_keys(table, months, objects)
    if strays:
        uris = [f"s3://{table.bucket}/{one_line(key)}" for key in strays]
        raise StrayObject(uris, location=table.location, pattern=table.objects)


def _is_stray(table: Table, prefixes: tuple[str, ...], key: str) -> bool:
    return (
        key.startswith(prefixes)
        and month_of_key(table, key) is None
        and not is_folder_marker(key)
        and not is_hidden(key)
    )


def fingerprint(table: Table, objects: Iterable[SourceObject]) -> str:
    """Hash what decides about a month's content: its objects and the settings by which they are read."""
    content = {
        "objects": [[source.key, source.etag, source.size] for source in sorted(objects)],
        "bucket": table.bucket,
        "columns": [[column.name, column.type] for column in table.columns],
        "format": table.text_format.model_dump(mode="json"),
        "inspect": table.inspect,
    }
    return digest(content)


def digest(content: Mapping[str, object]) -> str:
    """Hash any JSON-like content to 64 hexadecimal digits, the same for the same content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
