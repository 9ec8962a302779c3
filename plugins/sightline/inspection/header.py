"""The header line: compared with the declared columns, and taken off the text."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

from sightline.errors import HeaderMismatch, NotUtf8
from sightline.inspection.lines import BYTE_ORDER_MARK, refuse_foreign_bytes
from sightline.inspection.streams import Block, line_ends

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sightline.settings import Table

UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def without_header(blocks: Iterable[Block], table: Table, uri: str) -> Iterator[Block]:
    """Give the blocks without the header, where one is declared.

    Raises:
        HeaderMismatch: when the header is not the declared columns in their order.
        NotUtf8: when the file is UTF-16.
    """
    for block in blocks:
        if block.first_line > 1:
            yield block
            continue
        if block.data.startswith(UTF_16_MARKS):
            raise NotUtf8(uri, 1, "It is UTF-16; ask the owner to write UTF-8.")
        body = _after_header(block, table, uri) if table.text_format.header else block
        if body.data:
            yield body


def _after_header(block: Block, table: Table, uri: str) -> Block:
    data = block.data.removeprefix(BYTE_ORDER_MARK)
    if not data:
        return replace(block, data=b"")
    header = _first_line(data)
    refuse_foreign_bytes(Block(1, header), uri)
    _compare(header.decode().rstrip("\r\n"), table, uri)
    return Block(1 + line_ends(header), data[len(header) :])


def _first_line(data: bytes) -> bytes:
    ends = [end for end in (data.find(b"\n"), data.find(b"\r")) if end >= 0]
    if not ends:
        return data
    end = min(ends) + 1
    return data[: end + 1] if data[end - 1 : end + 1] == b"\r\n" else data[:end]


def _compare(header: str, table: Table, uri: str) -> None:
    declared = [column.name for column in table.columns]
    found = _split(header, table.text_format.delimiter)
    if found != declared:
        raise HeaderMismatch(uri, declared, found, _hint(declared, found, header, table))


def _hint(declared: list[str], found: list[str], header: str, table: Table) -> str:
    """Say what is most likely wrong, and who mends it."""
    for delimiter, name in ((",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
        if _split(header, delimiter) == declared and delimiter != table.text_format.delimiter:
            return (
                f"The file is delimited by {name}: ask its owner whether that is meant. If so, set "
                f"`format: {{delimiter: {delimiter!r}}}` in accounts.yaml; it holds for all files of the table."
            )
    if [name.strip().lower() for name in found] == declared:
        return "Only spaces or letter case differ: ask the owner to write the names as declared."
    if sorted(found) == sorted(declared):
        return "The columns are in another order: declare them in accounts.yaml in the order of the file."
    if set(found) & set(declared):
        return "Ask the owner whether the format changed; if so, declare its columns in accounts.yaml."
    return "No declared column is in the first line: without a header, set `format: {header: false}` in accounts.yaml."


def _split(header: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:  # a field beyond csv's own limit
        return [header[:200]]
