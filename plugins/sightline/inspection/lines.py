"""What is looked at in the text itself, before it is taken apart into values."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from sightline.errors import BadQuotes, BlankLines, ByteOrderMark, NotUtf8, NulBytes, QuotedFields

if TYPE_CHECKING:
    from sightline.inspection.streams import Block
    from sightline.settings import TextFormat

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SHOWN = 5
"""How many lines or values an error shows."""


def check_text(block: Block, text_format: TextFormat, uri: str) -> None:
    """Refuse text that Athena's line reader or the declared SerDe would not read as it is written."""
    refuse_foreign_bytes(block, uri)
    _refuse_blank_lines(block, uri)
    _refuse_byte_order_mark(block, uri)
    if text_format.serde == "open_csv":
        _refuse_backslash(block, uri)
        _refuse_bad_quotes(block, text_format.delimiter, uri)
    else:
        _refuse_quotes(block, uri)


def refuse_foreign_bytes(block: Block, uri: str) -> None:
    """Refuse NUL bytes and everything that is not UTF-8."""
    nul = block.data.find(b"\0")
    if nul >= 0:
        raise NulBytes(uri, block.line_at(nul))
    try:
        block.data.decode()
    except UnicodeDecodeError as error:
        raise NotUtf8(uri, block.line_at(error.start), _likely_encoding(block.data, error.start)) from error


def _likely_encoding(data: bytes, offset: int) -> str:
    line = re.split(rb"[\r\n]", data[:offset])[-1] + re.split(rb"[\r\n]", data[offset:], maxsplit=1)[0]
    for encoding, name in (("cp932", "Shift_JIS (cp932)"), ("cp1252", "Windows-1252")):
        try:
            return f'It may be {name}: "{line[:200].decode(encoding)}". Ask the owner to write UTF-8.'
        except UnicodeDecodeError:
            continue
    return f"It has the byte {data[offset]:02X}. Ask the owner to write UTF-8."


def _refuse_blank_lines(block: Block, uri: str) -> None:
    data = block.data
    if data[:1] in b"\r\n" or b"\n\n" in data or b"\n\r" in data or b"\r\r" in data:
        blank = [block.first_line + number for number, line in enumerate(data.splitlines()) if not line]
        raise BlankLines(uri, tuple(blank[:SHOWN]))


def _refuse_byte_order_mark(block: Block, uri: str) -> None:
    found = (
        re.search(rb"(?:\A|[\r\n])" + BYTE_ORDER_MARK, block.data) if BYTE_ORDER_MARK in block.data else None
    )
    if found:
        raise ByteOrderMark(uri, block.line_at(found.end() - 1))


def _refuse_quotes(block: Block, uri: str) -> None:
    quote = block.data.find(b'"')
    if quote >= 0:
        raise QuotedFields(uri, block.line_at(quote))


def _refuse_backslash(block: Block, uri: str) -> None:
    backslash = block.data.find(b"\\")
    if backslash >= 0:
        raise BadQuotes(uri, block.line_at(backslash), "a backslash, the escape character of OpenCSVSerDe")


def _refuse_bad_quotes(block: Block, delimiter: str, uri: str) -> None:
    """Take every field that is quoted as a whole out of the text; no quotation mark may remain."""
    if b'"' not in block.data or b'"' not in _quoted_field(delimiter).sub(b"", block.data):
        return
    for number, line in enumerate(block.data.splitlines()):
        if b'"' in _quoted_field(delimiter).sub(b"", line):
            is_open = line.count(b'"') % 2
            why = "a line break within quotes" if is_open else "a quotation mark within an unquoted value"
            raise BadQuotes(uri, block.first_line + number, why)


@cache
def _quoted_field(delimiter: str) -> re.Pattern[bytes]:
    edge = b"[^" + re.escape(delimiter.encode()) + rb"\r\n]"
    return re.compile(rb"(?<!" + edge + rb')"[^"\r\n]*(?:""[^"\r\n]*)*"(?!' + edge + rb")")
