"""What files get through a whole load: each bad one its error, with all else as it was; each good one its counts."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from demo.cloud import Cloud
from demo.estate import source_key
from sightline import errors
from sightline.errors import SourceRefused
from sightline.inspection import inspect_object
from tests.stages.conftest import MakeWorld
from tests.support.world import HEADER, JANUARY, World, new_world, settings_document

QUOTED = {
    "format": {"serde": "open_csv"},
    "columns": {"product": "STRING", "quantity": "INT", "price": "DECIMAL(10,2)"},
}
GZIP = {"format": {"compression": "gzip"}, "objects": "year={year}/month={month}/sales_{year}_{month}.csv.gz"}
WHOLE = gzip.compress(JANUARY.encode(), mtime=0)


@dataclass(frozen=True)
class Bad:
    """What is wrong, the file, the error and what it must say; `table` where another format is declared."""

    name: str
    body: str | bytes
    error: type[SourceRefused]
    says: tuple[str, ...]
    table: dict[str, Any] = field(default_factory=dict)


def january(old: str, new: str) -> str:
    """The good file with one place changed."""
    assert old in JANUARY
    return JANUARY.replace(old, new, 1)


def quoted(*lines: str) -> str:
    """A file of the table that knows quotes."""
    return "\n".join(["product,quantity,price", *lines, ""])


BAD = [
    Bad("0 bytes", b"", errors.EmptySource, ("allow_empty",)),
    Bad("a header only", HEADER, errors.EmptySource, ("allow_empty",)),
    Bad("a column renamed", january("quantity", "qty"), errors.HeaderMismatch, ("- quantity\n", "+ qty\n")),
    Bad(
        "columns reordered",
        january("product,quantity", "quantity,product"),
        errors.HeaderMismatch,
        ("- quantity\n", "+ quantity\n", "another order"),
    ),
    Bad("a column missing", january(",total_sales", ""), errors.HeaderMismatch, ("- total_sales\n",)),
    Bad("a column more", january("total_sales", "total_sales,region"), errors.HeaderMismatch, ("+ region\n",)),
    Bad("semicolons", JANUARY.replace(",", ";"), errors.HeaderMismatch, ("set `format: {delimiter: ';'}`",)),
    Bad("UTF-16", JANUARY.encode("utf-16"), errors.NotUtf8, ("line 1", "UTF-16")),
    Bad("UTF-16 without a mark", JANUARY.encode("utf-16-le"), errors.NulBytes, ("line 1", "UTF-16")),
    Bad(
        "Shift_JIS",
        january("Gadget", "ガジェット").encode("shift_jis"),
        errors.NotUtf8,
        ("line 3", "Shift_JIS", "ガジェット"),
    ),
    Bad(
        "a byte order mark further down",
        january("2024-01-02", "\ufeff2024-01-02"),
        errors.ByteOrderMark,
        ("line 3",),
    ),
    Bad(
        "quoted fields under LazySimpleSerDe",
        january("Gadget B", '"Gadget, B"'),
        errors.QuotedFields,
        ("line 3", "`format: {serde: open_csv}`"),
    ),
    Bad(
        "a line break in quotes under LazySimpleSerDe",
        january("Gadget B", '"Gadget\nB"'),
        errors.QuotedFields,
        ("line 3", "No setting reads it"),
    ),
    Bad(
        "a stray quote under LazySimpleSerDe",
        january("Gadget B", '5" pipe'),
        errors.QuotedFields,
        ("line 3", "No setting reads it"),
    ),
    Bad(
        "a line break in quotes under OpenCSVSerDe",
        quoted("a,1,1", '"b\nc",2,2'),
        errors.BadQuotes,
        ("line 3", "line break within quotes", "No setting reads it"),
        QUOTED,
    ),
    Bad(
        "a stray quote under OpenCSVSerDe",
        quoted("a,1,1", '5" pipe,2,2'),
        errors.BadQuotes,
        ("line 3", "stray quotation mark"),
        QUOTED,
    ),
    Bad(
        "a backslash under OpenCSVSerDe",
        quoted("a\\,1,1"),
        errors.BadQuotes,
        ("line 2", "serde: lazy_simple"),
        QUOTED,
    ),
    Bad(
        "x7 in an INT",
        january("75", "x7").replace("100,", "x7,"),
        errors.BadValues,
        ("quantity (int): 2 value(s)", "line 2: 'x7', line 4: 'x7'"),
    ),
    Bad("1e2 in an INT", january("75", "1e2"), errors.BadValues, ("quantity (int): 1 value", "line 4: '1e2'")),
    Bad("2024-13-01 in a DATE", january("2024-01-03", "2024-13-01"), errors.BadValues, ("date", "'2024-13-01'")),
    Bad(
        "a number too large",
        january("1949.25", "123456789012.00"),
        errors.BadValues,
        ("total_sales (decimal(10,2)): 1 value", "line 4: '123456789012.00'", "up to 8 digits before the point"),
    ),
    Bad("a blank before a number", january("49.99", " 1.5"), errors.BadValues, ("unit_price", "line 3: ' 1.5'")),
    Bad(
        "a thousands separator",
        quoted("a,1,1", 'b,"1,234","1,234.50"'),
        errors.BadValues,
        ("quantity (int): 1 value(s); line 3: '1,234'", "price (decimal(10,2)): 1 value(s); line 3: '1,234.50'"),
        QUOTED,
    ),
    Bad("an empty number under OpenCSVSerDe", quoted("a,,1"), errors.BadValues, ("quantity", "line 2: ''"), QUOTED),
    Bad("cut gzip", WHOLE[:-9], errors.BrokenGzip, ("ends too early",), GZIP),
    Bad("gzip and something after it", WHOLE + b"x" * 20, errors.BrokenGzip, ("not a whole gzip file",), GZIP),
    Bad("gzip named csv", WHOLE, errors.WrongCompression, ("the content is compressed with gzip",)),
    Bad("text named gz", JANUARY, errors.BrokenGzip, ("not a whole gzip file",), GZIP),
    Bad("blank lines", january("\n2024-01-02", "\n\n2024-01-02") + "\n", errors.BlankLines, ("at 3, 6.",)),
    Bad(
        "a lone CR in a value",
        january("Gadget B", "Gadget\rB"),
        errors.RaggedLines,
        ("2 line(s)", "line 3 has 2, line 4 has 4"),
    ),
    Bad(
        "lines too short and too long",
        JANUARY + "2024-01-05,Tool C\n" + "2024-01-06,Tool C,1,1,1,1\n",
        errors.RaggedLines,
        ("5 columns are declared", "2 line(s)", "line 5 has 2, line 6 has 6"),
    ),
    Bad("a NUL byte", january("Gadget B", "Gadget\0B"), errors.NulBytes, ("line 3",)),
    Bad(
        "a line of 10 MB",
        january("Gadget B", "x" * 10_000_000),
        errors.LineTooLong,
        ("line 3", "longer than 1,048,576 bytes"),
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def loaded(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """January is loaded and published; no refused file changes that, so all of them are delivered here."""
    with new_world(cloud, tmp_path_factory.mktemp("files"), settings_document(retries=0)) as world:
        assert not world.provision().errors
        world.put(JANUARY)
        assert not world.load().errors
        yield world


@pytest.mark.parametrize("bad", [bad for bad in BAD if not bad.table], ids=lambda bad: bad.name)
def test_a_bad_file_is_refused_with_what_to_do_and_changes_nothing(loaded: World, bad: Bad) -> None:
    assert_refused(loaded, bad)


@pytest.mark.parametrize("bad", [bad for bad in BAD if bad.table], ids=lambda bad: bad.name)
def test_a_bad_file_of_another_format_is_refused_as_well(make_world: MakeWorld, bad: Bad) -> None:
    world = make_world(retries=0, table=bad.table)
    assert not world.provision().errors

    assert_refused(world, bad)


def assert_refused(world: World, bad: Bad) -> None:
    """The load ends with the error in words and kind; ledger, catalog and SPICE are as before."""
    before = world.state(), world.ledger()
    world.put(bad.body, "2024-02")
    told = f"{bad.error.__name__}: {refusal(world, bad)}"

    outcome = world.load("2024-02")

    assert outcome.states["inspect_source"] == "failed"
    assert [words for words in (told, *bad.says) if words not in outcome.error] == []
    assert (world.state(), world.ledger()) == before
    assert not world.ledger("2024-02")["checked_at"]
    assert world.ledger("2024-02")["failure"] == told


def refusal(world: World, bad: Bad) -> SourceRefused:
    """The very error, which a load sums up with those of other months."""
    [table] = world.account.tables
    key = source_key(table, "2024-02")
    with pytest.raises(SourceRefused) as refused:
        inspect_object(
            io.BytesIO(bad.body.encode() if isinstance(bad.body, str) else bad.body), table=table, key=key
        )
    assert type(refused.value) is bad.error
    return refused.value


LINES = JANUARY.split("\n")
GOOD: dict[str, tuple[bytes, dict[str, Any]]] = {
    "CRLF": (JANUARY.replace("\n", "\r\n").encode(), {}),
    "lone CR": (JANUARY.replace("\n", "\r").encode(), {}),
    "mixed line ends": ("\r\n".join([*LINES[:2], "\r".join(["\n".join(LINES[2:4]), ""])]).encode(), {}),
    "no final line break": (JANUARY.removesuffix("\n").encode(), {}),
    "a byte order mark before the header": (codecs.BOM_UTF8 + JANUARY.encode(), {}),
    "gzip": (WHOLE, GZIP),
    "gzip of two members": (
        gzip.compress(JANUARY.encode()[:90]) + gzip.compress(JANUARY.encode()[90:]),
        GZIP,
    ),
    "quotes under OpenCSVSerDe": (quoted('"a, ""b""","1",2.50', 'c,2,"3"').encode(), QUOTED),
    "a header only where it is allowed": (HEADER.encode(), {"allow_empty": True}),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_in_any_form_is_counted_right_up_to_spice(make_world: MakeWorld, name: str) -> None:
    body, table = GOOD[name]
    world = make_world(retries=0, table=table)
    assert not world.provision().errors
    world.put(body)

    outcome = world.load()

    assert not outcome.errors
    rows = records(body)
    figures = world.ledger()["figures"]
    assert figures["rows"] == world.evidence.spice_rows(world.account) == len(rows)
    for column, total in [(name, c["total"]) for name, c in figures["columns"].items() if c["total"]]:
        assert Decimal(total) == sum(Decimal(row[column]) for row in rows)


def records(body: bytes) -> list[dict[str, str]]:
    """What csv reads."""
    plain = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    return list(csv.DictReader(io.StringIO(plain.decode("utf-8-sig"), newline="")))
