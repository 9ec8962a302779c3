"""Plain text: what DuckDB's reader of columns and Hive's reader of lines read alike, told by looking for a few bytes.

DuckDB's reader of columns is fast, but it leaves blank lines out and takes a lone CR for something else. In a plain
text there is neither. That each line has as many fields as the table has columns, and that it is UTF-8, DuckDB finds
by itself: it raises, and the text is read line by line after all. A byte order mark is dropped by both.
"""

from __future__ import annotations

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
MEMMEM = getattr(
    ctypes.CDLL(None), "memmem", None
)  # much faster than bytes.find, and other threads go on meanwhile
if MEMMEM:
    MEMMEM.restype = ctypes.c_void_p
    MEMMEM.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)


@dataclass
class Look:
    """Looks at a text piece by piece: whether it is plain so far, and which doubtful bytes it has."""

    last: int = ord("\n")
    plain: bool = True
    doubtful: set[int] = field(default_factory=set)

    def at(self, piece: bytearray | bytes) -> None:
        """Look at the next piece."""
        if not self.plain or not piece:
            return
        blank = self.last == piece[0] == ord("\n") or _has_blank_line(piece)
        self.plain = not blank and piece.find(b"\r") < 0
        self.last = piece[-1]
        self.doubtful |= {byte for byte in DOUBTFUL if byte not in self.doubtful and piece.find(byte) >= 0}


def _has_blank_line(piece: bytearray | bytes) -> bool:
    if not MEMMEM or isinstance(piece, bytes):
        return piece.find(b"\n\n") >= 0
    array = (ctypes.c_char * len(piece)).from_buffer(piece)
    return bool(MEMMEM(array, len(piece), b"\n\n", 2))


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
    look = Look(last=os.pread(descriptor, 1, start - 1)[0]) if start else Look()
    held = bytearray(PIECE)
    while start < end:
        size = os.preadv(descriptor, [memoryview(held)[: end - start]], start)
        count(size)
        look.at(held if size == PIECE else bytes(held[:size]))
        start += size
    return look
