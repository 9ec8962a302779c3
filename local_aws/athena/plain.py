"""Plain text: what DuckDB's reader of columns and Hive's reader of lines read alike, told by looking for a few bytes.

DuckDB's reader of columns is fast, but it leaves blank lines out and takes a lone CR for something else. In a plain
text there is neither, nor what is refused wherever it is. That each line has as many fields as the table has columns,
and that it is UTF-8, DuckDB finds by itself: it raises, and the text is read line by line after all. A byte order mark
is dropped by both, and may have a blank line behind it.
"""

from __future__ import annotations

import codecs
import ctypes
import io
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

PIECE = 1 << 18
AT_ONCE = 2
OPEN_FILES = "/proc/self/fd"
# What DuckDB takes in a decimal and Hive does not (or not in each place): seldom in a file, and asked for if so.
DOUBTFUL = b" _eE\t\v\f"
# Between DuckDB's "columns", of which there is one: must not occur in a text.
NEVER_IN_TEXT = b"\x02\x1f\x02\x1f"
KEPT = len(NEVER_IN_TEXT) - 1
BLANK_AFTER_MARK = codecs.BOM_UTF8 + b"\n"
MEMMEM = getattr(
    ctypes.CDLL(None), "memmem", None
)  # much faster than bytes.find, and other threads go on meanwhile
if MEMMEM:
    MEMMEM.restype = ctypes.c_void_p
    MEMMEM.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)


@dataclass
class Look:
    """Looks at a text piece by piece: whether it is plain so far, and which doubtful bytes it has."""

    end: bytes = b""  # of what came before: enough to see what lies across two pieces
    plain: bool = True
    doubtful: set[int] = field(default_factory=set)

    def at(self, piece: bytearray | bytes) -> None:
        """Look at the next piece."""
        if not self.plain or not piece:
            return
        across = self.end + bytes(piece[: len(NEVER_IN_TEXT)])
        other = piece.find(b"\r") >= 0 or NEVER_IN_TEXT in across or _is_refused(piece)
        self.plain = not other and not self._has_blank_line(piece, across)
        self.end = (self.end + bytes(piece[-KEPT:]))[-KEPT:]
        self.doubtful |= {byte for byte in DOUBTFUL if byte not in self.doubtful and piece.find(byte) >= 0}

    def _has_blank_line(self, piece: bytearray | bytes, across: bytes) -> bool:
        first = not self.end and across.startswith((b"\n", BLANK_AFTER_MARK))
        return first or b"\n\n" in across or _has(piece, b"\n\n")


def _is_refused(piece: bytearray | bytes) -> bool:
    return piece.find(NEVER_IN_TEXT[-1]) >= 0 and _has(piece, NEVER_IN_TEXT)


def _has(piece: bytearray | bytes, sought: bytes) -> bool:
    if not MEMMEM or isinstance(piece, bytes):
        return piece.find(sought) >= 0
    array = (ctypes.c_char * len(piece)).from_buffer(piece)
    return bool(MEMMEM(array, len(piece), sought, len(sought)))


def path_of(source: BinaryIO) -> str | None:
    """A path under which a file without a name can be opened again; None where there is none."""
    try:
        path = f"{OPEN_FILES}/{source.fileno()}"
    except io.UnsupportedOperation:
        return None
    return path if Path(path).exists() else None


def look_at(source: BinaryIO, count: Callable[[int], None]) -> Look:
    """Look at a whole file, in two parts at once; `count` is told of every piece."""
    descriptor = source.fileno()
    size = os.fstat(descriptor).st_size
    middle = size // AT_ONCE
    parts = [(0, middle), (middle, size)] if size > AT_ONCE * PIECE else [(0, size)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        looks = list(pool.map(lambda part: _look_between(descriptor, part[0], part[1], count), parts))
    return Look(
        plain=all(look.plain for look in looks),
        doubtful=set().union(*(look.doubtful for look in looks)),
    )


def _look_between(descriptor: int, start: int, end: int, count: Callable[[int], None]) -> Look:
    look = Look(os.pread(descriptor, KEPT, start - KEPT)) if start else Look()
    held = bytearray(PIECE)
    while start < end:
        size = os.preadv(descriptor, [memoryview(held)[: end - start]], start)
        count(size)
        look.at(held if size == PIECE else bytes(held[:size]))
        start += size
    return look
