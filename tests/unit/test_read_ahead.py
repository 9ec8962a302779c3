"""Reading ahead changes when bytes are fetched, and nothing else."""

from __future__ import annotations

import io
import threading

import pytest

from sightline.read_ahead import reading_ahead
from tests.support.inspected import Dribble

CONTENT = bytes(range(256)) * 5


class Recorder(io.BytesIO):
    """A stream that says when it was read, and breaks after some pieces if told to."""

    def __init__(self, content: bytes, breaks_after: int = 1000) -> None:
        super().__init__(content)
        self.reads, self.breaks_after = 0, breaks_after
        self.read_twice = threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > self.breaks_after:
            raise ConnectionResetError("the other side is gone")
        if self.reads == 2:
            self.read_twice.set()
        return super().read(size)


@pytest.mark.parametrize("at_once", [1, 7, 100, 5000])
def test_all_bytes_come_in_their_order_and_then_none(at_once: int) -> None:
    with reading_ahead(Dribble(CONTENT, at_once)) as stream:
        pieces = list(iter(lambda: stream.read(100), b""))

        assert b"".join(pieces) == CONTENT
        assert stream.read(100) == b""


def test_the_next_piece_is_fetched_while_nobody_asks_for_it() -> None:
    source = Recorder(CONTENT)

    with reading_ahead(source) as stream:
        stream.read(100)

        assert source.read_twice.wait(10)


def test_what_breaks_while_fetching_is_raised_to_who_reads_in_its_place() -> None:
    with reading_ahead(Recorder(CONTENT, breaks_after=2)) as stream:
        assert stream.read(100) + stream.read(100) == CONTENT[:200]
        with pytest.raises(ConnectionResetError):
            stream.read(100)


def test_no_thread_is_left_when_the_reader_gives_up_in_the_middle() -> None:
    def give_up() -> None:
        with reading_ahead(io.BytesIO(CONTENT)) as stream:
            stream.read(100)
            raise ValueError("this file is not for us")

    with pytest.raises(ValueError, match="not for us"):
        give_up()

    assert not [thread for thread in threading.enumerate() if thread.name.startswith("read-ahead")]
