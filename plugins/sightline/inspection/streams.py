"""An object's bytes: decompressed by its name, as Athena does, and cut into blocks of whole lines."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sightline.errors import BrokenGzip, LineTooLong, WrongCompression, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sightline.read_ahead import ReadableStream

CHUNK_BYTES = 2 * 1024 * 1024
"""Read at once: large enough that a block's fixed costs vanish, small enough that memory stays flat."""

LINE_LIMIT_BYTES = 1024 * 1024
"""The longest line that is inspected: beyond any CSV record, but not beyond a file without line ends."""

GZIP_MAGIC = b"\x1f\x8b"
GZIP_SUFFIX = ".gz"
OTHER_SUFFIXES = (".bz2", ".deflate", ".lz4", ".lzo", ".lzo_deflate", ".snappy", ".zst")
"""Name endings by which Hive and Trino choose another decompressor."""


@dataclass(frozen=True)
class Block:
    """Whole lines of a file; only the last line of the last block may lack its line end."""

    first_line: int
    data: bytes

    @cached_property
    def lines(self) -> int:
        """Count the lines as Athena does: LF, CRLF and a lone CR each end one."""
        return line_ends(self.data) + (not self.data.endswith((b"\n", b"\r")))

    def line_at(self, offset: int) -> int:
        """Number the line that holds the byte at `offset`."""
        return self.first_line + line_ends(self.data[:offset])


def line_ends(data: bytes) -> int:
    """Count LF, CRLF and lone CR."""
    lone_returns = data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else 0
    return data.count(b"\n") + lone_returns


def decompressed(stream: ReadableStream, key: str, compression: str, uri: str) -> Iterator[bytes]:
    """Give the object's text in pieces; refuse a name by which Athena would decompress otherwise."""
    _refuse_name(key, compression, uri)
    chunks = iter(lambda: stream.read(CHUNK_BYTES), b"")
    return _gunzipped(chunks, uri) if compression == "gzip" else _plain(chunks, uri)


def blocks_of_lines(chunks: Iterable[bytes], uri: str) -> Iterator[Block]:
    """Cut text into blocks of whole lines; refuse a line longer than LINE_LIMIT_BYTES."""
    rest, next_line = b"", 1
    for chunk in chunks:
        data, rest = _whole_lines(rest, chunk)
        if data:
            block = Block(next_line, data)
            _refuse_long_line(block, uri)
            yield block
            next_line += block.lines
        _refuse_long_line(Block(next_line, rest), uri)
    if rest:
        yield Block(next_line, rest)


def _refuse_name(key: str, compression: str, uri: str) -> None:
    _, dot, last = key.rpartition("/")[2].rpartition(".")
    ending = dot + last
    # Not every reader takes .GZ for .gz.
    if ending.lower() in OTHER_SUFFIXES or (ending.lower() == GZIP_SUFFIX != ending):
        raise WrongCompression(uri, compression, f"the name ends in {one_line(ending)}")
    if (compression == "gzip") != (ending == GZIP_SUFFIX):
        verb = "does not end" if compression == "gzip" else "ends"
        raise WrongCompression(uri, compression, f"the name {verb} in {GZIP_SUFFIX}")


def _plain(chunks: Iterable[bytes], uri: str) -> Iterator[bytes]:
    for number, chunk in enumerate(chunks):
        if number == 0 and chunk.startswith(GZIP_MAGIC):
            raise WrongCompression(uri, "none", "the content is compressed with gzip")
        yield chunk


def _gunzipped(chunks: Iterable[bytes], uri: str) -> Iterator[bytes]:
    """Decompress one gzip member after the other, never more than a chunk at a time."""
    member = _new_member()
    try:
        for chunk in chunks:
            data = chunk
            while data:
                member = _new_member() if member.eof else member
                yield member.decompress(data, CHUNK_BYTES)
                data = member.unused_data if member.eof else member.unconsumed_tail
        yield member.flush()
    except zlib.error as error:
        raise BrokenGzip(uri, str(error)) from error
    if not member.eof:
        raise BrokenGzip(uri, "it ends too early")


def _new_member() -> zlib._Decompress:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


def _whole_lines(rest: bytes, chunk: bytes) -> tuple[bytes, bytes]:
    """Give the whole lines of both together, and what is left; mostly a chunk has line ends, and is copied once."""
    end = _end_of_last_line(chunk)
    if end:
        return b"".join((rest, memoryview(chunk)[:end])), chunk[end:]
    data = rest + chunk
    end = _end_of_last_line(data)
    return data[:end], data[end:]


def _end_of_last_line(data: bytes) -> int:
    """Find where the last whole line ends; a CR at the very end may be the first half of a CRLF."""
    feed = data.rfind(b"\n")
    return max(feed, data.rfind(b"\r", feed + 1, len(data) - 1)) + 1


def _refuse_long_line(block: Block, uri: str) -> None:
    start = 0
    while len(block.data) - start > LINE_LIMIT_BYTES:
        reach = start + LINE_LIMIT_BYTES + 1
        end = max(block.data.rfind(b"\n", start, reach), block.data.rfind(b"\r", start, reach))
        if end < 0:
            raise LineTooLong(uri, block.line_at(start), LINE_LIMIT_BYTES)
        start = end + 1
