"""TextInputFormat: where the lines of a file end, and what is in a .gz, as Hadoop's own classes read them."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from tests.local_aws.golden.hive import Hive, delimited, save

GOLDEN = Path(__file__).with_suffix(".json")
COLUMNS = ["string", "int"]
BUFFER = 64 * 1024  # Hadoop's, for reading lines
ENDS = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


def plain() -> Iterator[tuple[str, bytes]]:
    """Files of lines that end in all ways."""
    for (one, first), (other, second) in product(ENDS.items(), repeat=2):
        yield f"{one}, {other}", f"a,1{first}b,2{second}c,3{first}".encode()
        yield f"{one}, {other}, no end", f"a,1{first}b,2{second}c,3".encode()
        yield f"{one}, {other}, blank", f"a,1{first}{second}b,2{second}{first}{first}c,3".encode()
        yield f"{one}, {other}, at first", f"{first}{second}a,1{first}".encode()
    for name, text in ODD.items():
        yield name, text.encode()
    yield "no UTF-8", b"a\xff,1\n\xe3\x81,2\n\xe3,3\n\xc3\xa9,4\n"
    yield "UTF-16", "\ufeffa,1\nb,2\n".encode("utf-16-le")
    for place in (-2, -1, 0):
        for name, end in ENDS.items():
            yield f"{name} at the buffer's end, {place:+}", _across(place, end)


ODD = {
    "nothing": "",
    "one LF": "\n",
    "one CR": "\r",
    "one CRLF": "\r\n",
    "LF CR": "a,1\n\rb,2\n\r",
    "CR CR LF": "a,1\r\r\nb,2\r\r\n",
    "CR LF LF": "a,1\r\n\nb,2",
    "quoted line break": '"a\nb",1\n"c\rd",2\n',
    "mark": "\ufeffa,1\nb,2\n",
    "mark alone": "\ufeff",
    "mark, blank": "\ufeff\na,1\n",
    "mark, header": "\ufeffname,n\na,1\n",
    "mark later": "a,1\n\ufeffb,2\n",
    "marks": "\ufeff\ufeffa,1\n",
    "NUL": "a\x00,1\n\x00\n",
    "other separators": "a\x0bb,1\na\x0cb,2\na\x1cb,3\na\x1eb,4\na\u0085b,5\na\u2028b,6\na\u2029b,7\n",
    "blanks": " \n  \n\t\n",
    "ragged": "a\na,1,x\n,\n,,\n",
}


def _across(place: int, end: str) -> bytes:
    first = "x" * (BUFFER + place - 2) + ",1"
    return f"{first}{end}b,2{end}c,3".encode()


def zipped() -> Iterator[tuple[str, bytes]]:
    """Files of one or more gzip members, and broken ones."""
    one, two = _gzip(b"a,1\nb,2\n"), _gzip(b"c,3\nd,4\n")
    yield "one member", one
    yield "two members", one + two
    yield "a line over two members", _gzip(b"a,1\nb,") + _gzip(b"2\nc,3\n")
    yield "CRLF over two members", _gzip(b"a,1\r") + _gzip(b"\nb,2\r\n")
    yield "CR, then a member", _gzip(b"a,1\r") + _gzip(b"b,2\r")
    yield "a letter over two members", _gzip("日".encode()[:2]) + _gzip("日,1\n".encode()[2:])
    yield "an empty member", _gzip(b"")
    yield "an empty member between", one + _gzip(b"") + two
    yield "mixed line ends", _gzip(b"a,1\nb,2\r\nc,3\rd,4\n\n\r\n")
    yield "a mark", _gzip("\ufeffa,1\n".encode())
    yield "a mark in the second member", one + _gzip("\ufeffc,3\n".encode())
    yield "many lines", _gzip(b"".join(b"row,%d\n" % n for n in range(60)))
    yield "members of a line each", b"".join(_gzip(b"row,%d\r\n" % n) for n in range(40))
    yield "nothing", b""
    yield "a name in the header", _gzip(b"a,1\n", name=b"a.csv")
    for left in (1, 4, 8, 9, 12):
        yield f"{left} bytes cut off", one[:-left]
        yield f"{left} bytes cut off the second member", one + two[:-left]
    for left in (1, 2, 5, 9):
        yield f"the first {left} bytes of a header", one[:left]
        yield f"the first {left} bytes of a second header", one + two[:left]
    yield "no gzip", b"a,1\nb,2\n"
    yield "text after a member", one + b"c,3\nd,4\n"
    yield "zeros after a member", one + bytes(16)
    yield "a wrong checksum", one[:-8] + bytes([one[-8] ^ 1]) + one[-7:]
    yield "a wrong length", one[:-1] + bytes([one[-1] ^ 1])
    yield "a byte changed", one[:12] + bytes([one[12] ^ 0xFF]) + one[13:]


def _gzip(content: bytes, name: bytes = b"") -> bytes:
    member = gzip.compress(content, mtime=0)
    return member[:3] + b"\x08" + member[4:10] + name + b"\0" + member[10:] if name else member


def packed(body: bytes) -> str:
    """A body as the golden file holds it."""
    return base64.b64encode(zlib.compress(body, 9)).decode()


def unpacked(text: str) -> bytes:
    """What `packed` made."""
    return zlib.decompress(base64.b64decode(text))


def write(hive: Hive) -> None:
    """Ask, and write the golden file; of a long text its length is kept."""
    answers: dict[str, dict[str, dict[str, object]]] = {"plain": {}, "gzip": {}}
    for kind, files, suffix in (("plain", plain(), ""), ("gzip", zipped(), ".gz")):
        for name, body in files:
            file = f"file.txt{suffix}"
            failure = hive.failure(COLUMNS, body, delimited(","), file)
            rows = None if failure else hive.rows(COLUMNS, body, delimited(","), file)
            found = {"failure": failure} if failure else {"rows": [shortened(row) for row in rows or ()]}
            answers[kind][name] = {"body": packed(body), **found}
    save(GOLDEN, **answers)


def shortened(row: list[str | None]) -> list[str | None]:
    """A row with long texts as their first letter and their length."""
    return [f"{v[0]}×{len(v)}" if v is not None and len(v) > 100 else v for v in row]
