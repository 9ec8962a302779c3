"""What is looked at in the text itself, before it is taken apart into values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sightline.errors import BadQuotes, BlankLines, ByteOrderMark, NotUtf8, NulBytes, QuotedFields

if TYPE_CHECKING:
    from sightline.inspection.streams import Block
    from sightline.settings import TextFormat

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SHOWN = 5
"""How many lines or values an error shows."""

READ_BY_OPEN_CSV = (
    "Declare `format: {serde: open_csv}` for the table in accounts.yaml, which reads quoted fields (and its date and "
    "timestamp columns as string, since it reads those as numbers). That is for all files of the table: drop it, "
    'run the Dag `provision`, then a load (docs/operations.md, "Change a table\'s columns or format"). Values were not '
    "looked at yet."
)
READ_BY_LAZY_SIMPLE = (
    "`format: {serde: lazy_simple}` reads it as any other sign, as long as the file quotes nothing; so declare that, "
    "or ask the owner to leave it out."
)
_A_RECORD_A_LINE = (
    "No setting reads it: Athena ends a row at every line break. Ask the owner to write a record a line, and "
    'marks within a quoted value twice ("")'
)
A_RECORD_A_LINE = f"{_A_RECORD_A_LINE}."
READ_BY_NONE = f"{_A_RECORD_A_LINE}; then declare `format: {{serde: open_csv}}`."
WITHOUT_BACKSLASH = (
    "No setting reads it in a file that quotes. Ask the owner to write values without \\, or without quotation marks "
    "(and the delimiter in no value), which `format: {serde: lazy_simple}` reads."
)


def check_text(block: Block, text_format: TextFormat, uri: str) -> None:
    """Refuse text that Athena's line reader or the declared SerDe would not read as it is written."""
    refuse_foreign_bytes(block, uri)
    _refuse_byte_order_mark(block, uri)
    if text_format.serde == "open_csv":
        _refuse_backslash(block, uri)
        _refuse_bad_quotes(block, text_format.delimiter, uri)
    else:
        _refuse_quotes(block, text_format.delimiter, uri)


def refuse_foreign_bytes(block: Block, uri: str) -> None:
    """Refuse NUL bytes and everything that is not UTF-8."""
    nul = block.data.find(b"\0")
    if nul >= 0:
        raise NulBytes(uri, block.line_at(nul))
    if block.data.isascii():
        return
    try:
        block.data.decode()
    except UnicodeDecodeError as error:
        raise NotUtf8(uri, block.line_at(error.start), _likely_encoding(block.data, error.start)) from error


def _likely_encoding(data: bytes, offset: int) -> str:
    line = _line_around(data, offset)
    for encoding, name in (("cp932", "Shift_JIS (cp932)"), ("cp1252", "Windows-1252")):
        try:
            return f'It may be {name}: "{line[:200].decode(encoding)}". Ask the owner to write UTF-8.'
        except UnicodeDecodeError:
            continue
    return f"It has the byte {data[offset]:02X}. Ask the owner to write UTF-8."


def _line_around(data: bytes, offset: int) -> bytes:
    start = max(data.rfind(b"\n", 0, offset), data.rfind(b"\r", 0, offset)) + 1
    return re.split(rb"[\r\n]", data[start:], maxsplit=1)[0]


def refuse_blank_lines(block: Block, uri: str) -> None:
    """Refuse lines of nothing; the first block's header was taken off before."""
    blank = [number for number, line in enumerate(block.data.splitlines(), block.first_line) if not line]
    if blank:
        raise BlankLines(uri, tuple(blank[:SHOWN]))


def _refuse_byte_order_mark(block: Block, uri: str) -> None:
    # A single byte is found ten times as fast as three; most texts have none of them.
    if BYTE_ORDER_MARK[:1] not in block.data or BYTE_ORDER_MARK not in block.data:
        return
    if found := re.search(rb"(?:\A|[\r\n])" + BYTE_ORDER_MARK, block.data):
        raise ByteOrderMark(uri, block.line_at(found.end() - 1))


def _refuse_quotes(block: Block, delimiter: str, uri: str) -> None:
    quote = block.data.find(b'"')
    if quote >= 0:
        is_whole = _quotes_are_whole(_line_around(block.data, quote), delimiter)
        raise QuotedFields(uri, block.line_at(quote), READ_BY_OPEN_CSV if is_whole else READ_BY_NONE)


def _refuse_backslash(block: Block, uri: str) -> None:
    backslash = block.data.find(b"\\")
    if backslash >= 0:
        why = "a backslash, the escape character of OpenCSVSerDe"
        raise BadQuotes(
            uri,
            block.line_at(backslash),
            why,
            WITHOUT_BACKSLASH if b'"' in block.data else READ_BY_LAZY_SIMPLE,
        )


def _refuse_bad_quotes(block: Block, delimiter: str, uri: str) -> None:
    if _quotes_are_whole(block.data, delimiter):
        return
    for number, line in enumerate(block.data.splitlines(), block.first_line):
        if not _quotes_are_whole(line, delimiter):
            is_open = line.count(b'"') % 2
            why = (
                "a line break within quotes, or a stray quotation mark"
                if is_open
                else "a stray quotation mark"
            )
            raise BadQuotes(uri, number, why, A_RECORD_A_LINE)


def _quotes_are_whole(data: bytes, delimiter: str) -> bool:
    """Tell whether every quotation mark opens or closes a value as a whole, or is doubled within one.

    Split at the marks, every second piece is within quotes; between doubled marks there is nothing.
    """
    if b'"' not in data:
        return True
    pieces = data.split(b'"')
    within, outside = b"".join(pieces[1::2]), b'"'.join(pieces[::2])
    while b'""' in outside:
        outside = outside.replace(b'""', b'"')
    edges = (delimiter.encode(), b"\n", b"\r")
    opening = outside.startswith(b'"') + sum(outside.count(edge + b'"') for edge in edges)
    closing = outside.endswith(b'"') + sum(outside.count(b'"' + edge) for edge in edges)
    is_even, is_one_line = len(pieces) % 2, b"\n" not in within and b"\r" not in within
    return bool(is_even and is_one_line and opening == closing == outside.count(b'"'))
