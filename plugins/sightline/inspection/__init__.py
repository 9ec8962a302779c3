"""What a source object holds: one pass in flat memory; refused unless Athena reads what is written.

    stream → streams (decompress, cut into blocks of whole lines) → lines (encoding, blanks, quotes) → header
           → records (values as columns of text) → columns (empties, totals, bad values) → Figures

What passes is read alike by Hive's SerDes, by Trino's copies of them, and by `csv` with `Decimal`.
"""

from sightline.errors import EmptySource, one_line
from sightline.figures import ColumnFigures, Difference, Figures, differences
from sightline.inspection.header import without_header
from sightline.inspection.lines import check_text
from sightline.inspection.streams import blocks_of_lines, decompressed
from sightline.inspection.tally import Tally
from sightline.read_ahead import ReadableStream
from sightline.settings import Table

__all__ = ["ColumnFigures", "Difference", "Figures", "differences", "inspect_object"]


def inspect_object(stream: ReadableStream, *, table: Table, key: str) -> Figures:
    """Read one source object to its end and give its figures.

    Args:
        stream: the object's bytes as they are stored, compressed or not.
        table: what the settings declare; `inspect: rows` leaves the columns' figures out.
        key: the object's key in the table's bucket; its ending decides about decompression, as in Athena.

    Raises:
        SourceRefused: one of its kinds in `errors.contents`, when Athena would not read what is written.
    """
    uri = f"s3://{table.bucket}/{one_line(key)}"
    tally = Tally(table, uri)
    blocks = blocks_of_lines(decompressed(stream, key, table.text_format.compression, uri), uri)
    for block in without_header(blocks, table, uri):
        check_text(block, table.text_format, uri)
        tally.add(block)
    figures = tally.figures()
    if not figures.rows and not table.allow_empty:
        raise EmptySource(uri)
    return figures
