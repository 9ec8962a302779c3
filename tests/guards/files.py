"""Guards over what source objects hold."""

from __future__ import annotations

from tests.guards.guard import Guard

_INSPECTION = "plugins/sightline/inspection"
_TESTS = "tests/unit/test_inspection.py::"
_COMPRESSION = "tests/unit/test_inspection_compression.py::"
_HEADERS = "tests/unit/test_inspection_headers.py::"
_LINES = "tests/unit/test_inspection_lines.py::"
_AT_ONCE = "tests/unit/test_inspection_columns.py::test_a_column_read_at_once_is_read_as_value_by_value"

FILES = (
    Guard(
        "a file without records",
        f"{_INSPECTION}/__init__.py",
        "if not figures.rows and not table.allow_empty:",
        "if False:",
        (f"{_TESTS}test_a_file_without_records_is_refused_unless_the_settings_allow_it",),
    ),
    Guard(
        "another header",
        f"{_INSPECTION}/header.py",
        "if found != declared:",
        "if len(found) != len(declared):",
        (f"{_HEADERS}test_another_header_is_refused_with_the_likely_reason",),
    ),
    Guard(
        "UTF-16 by its mark",
        f"{_INSPECTION}/header.py",
        "if block.data.startswith(UTF_16_MARKS):",
        "if False:",
        (f"{_LINES}test_utf_16_is_refused_by_its_mark_and_without_it",),
    ),
    Guard(
        "bytes that are no UTF-8",
        f"{_INSPECTION}/lines.py",
        "        block.data.decode()\n",
        '        block.data.decode("latin-1")\n',
        (f"{_LINES}test_shift_jis_is_refused_and_recognized",),
    ),
    Guard(
        "a byte order mark before the header",
        f"{_INSPECTION}/header.py",
        "data = block.data.removeprefix(BYTE_ORDER_MARK)",
        "data = block.data",
        (f"{_TESTS}test_a_byte_order_mark_before_the_header_is_no_part_of_it",),
    ),
    Guard(
        "a byte order mark elsewhere",
        f"{_INSPECTION}/lines.py",
        "    _refuse_byte_order_mark(block, uri)\n",
        "",
        (f"{_LINES}test_a_byte_order_mark_that_would_be_part_of_a_value_is_refused",),
    ),
    Guard(
        "quotation marks under LazySimpleSerDe",
        f"{_INSPECTION}/lines.py",
        "        _refuse_quotes(block, text_format.delimiter, uri)\n",
        "        pass\n",
        (
            f"{_LINES}test_quoted_fields_are_refused_with_their_line_and_the_serde_that_reads_them",
            f"{_LINES}test_quotes_that_no_serde_reads_are_refused_with_their_line_and_no_false_hope",
        ),
    ),
    Guard(
        "line breaks in quotes under OpenCSVSerDe",
        f"{_INSPECTION}/lines.py",
        "        _refuse_bad_quotes(block, text_format.delimiter, uri)\n",
        "        pass\n",
        (f"{_LINES}test_quoting_that_open_csv_reads_otherwise_is_refused",),
    ),
    Guard(
        "backslashes under OpenCSVSerDe",
        f"{_INSPECTION}/lines.py",
        "        _refuse_backslash(block, uri)\n",
        "",
        (f"{_LINES}test_quoting_that_open_csv_reads_otherwise_is_refused",),
    ),
    Guard(
        "empty numbers under OpenCSVSerDe",
        f"{_INSPECTION}/tally.py",
        'return self._table.text_format.serde == "lazy_simple" or is_text(reader.column)',
        "return True",
        (f"{_LINES}test_open_csv_has_no_empty_numbers",),
    ),
    Guard(
        "a name in .GZ",
        f"{_INSPECTION}/streams.py",
        " or (ending.lower() == GZIP_SUFFIX != ending)",
        "",
        (f"{_COMPRESSION}test_a_name_by_which_athena_decompresses_otherwise_is_refused",),
    ),
    Guard(
        "hexadecimal in a whole number",
        f"{_INSPECTION}/columns.py",
        'None if _may_contain(values, b"xX") else _cast',
        "_cast",
        (_AT_ONCE,),
    ),
    Guard(
        "values that a type cannot hold",
        f"{_INSPECTION}/tally.py",
        "        if bad:\n",
        "        if False:\n",
        (f"{_TESTS}test_every_column_with_bad_values_is_named",),
    ),
    Guard(
        "an exponent in a decimal",
        f"{_INSPECTION}/columns.py",
        'if is_short and not _may_contain(values, b"eE")',
        "if is_short",
        (_AT_ONCE,),
    ),
    Guard(
        "gzip that is cut",
        f"{_INSPECTION}/streams.py",
        "    if not member.eof:\n",
        "    if False:\n",
        (f"{_COMPRESSION}test_a_damaged_gzip_file_is_refused",),
    ),
    Guard(
        "gzip of several members",
        f"{_INSPECTION}/streams.py",
        "data = member.unused_data if member.eof else member.unconsumed_tail",
        'data = b"" if member.eof else member.unconsumed_tail',
        (f"{_TESTS}test_gzip_members_put_together_are_read_to_the_end",),
    ),
    Guard(
        "gzip named .csv",
        f"{_INSPECTION}/streams.py",
        "if number == 0 and chunk.startswith(GZIP_MAGIC):",
        "if False:",
        (f"{_COMPRESSION}test_a_name_by_which_athena_decompresses_otherwise_is_refused",),
    ),
    Guard(
        "lone carriage returns end lines",
        f"{_INSPECTION}/streams.py",
        '    return data.count(b"\\n") + lone_returns\n',
        '    return data.count(b"\\n")\n',
        (f"{_TESTS}test_lf_crlf_and_a_lone_cr_end_a_line_and_the_last_line_may_have_none",),
    ),
    Guard(
        "a lone carriage return within a value",
        f"{_INSPECTION}/tally.py",
        "        self._ragged += records.ragged\n",
        "",
        (f"{_LINES}test_a_lone_carriage_return_within_a_value_makes_two_lines",),
    ),
    Guard(
        "blank lines",
        f"{_INSPECTION}/tally.py",
        "if records.values.num_rows + records.ragged != block.lines:",
        "if False:",
        (f"{_LINES}test_blank_lines_are_refused_with_their_numbers",),
    ),
    Guard(
        "ragged lines",
        f"{_INSPECTION}/tally.py",
        "        if self._ragged:\n",
        "        if False:\n",
        (f"{_LINES}test_only_the_first_five_ragged_lines_are_shown_but_all_are_counted",),
    ),
    Guard(
        "NUL bytes",
        f"{_INSPECTION}/lines.py",
        "    if nul >= 0:\n",
        "    if False:\n",
        (f"{_LINES}test_a_nul_byte_is_refused_with_its_line",),
    ),
    Guard(
        "a line of 10 MB",
        f"{_INSPECTION}/streams.py",
        "while len(block.data) - start > LINE_LIMIT_BYTES:",
        "while False:",
        (f"{_LINES}test_a_line_beyond_the_limit_is_refused_whether_it_ends_or_not",),
    ),
    Guard(
        "objects that no pattern matches",
        "plugins/sightline/sources.py",
        "    if strays:\n",
        "    if False:\n",
        ("tests/unit/test_sources.py::test_what_athena_would_read_besides_the_pattern_is_refused_by_name",),
    ),
)
