"""Guards of how the local Athena reads text: as the real SerDes do, by either way of reading."""

from __future__ import annotations

from tests.guards.guard import Guard

_ATHENA = "local_aws/athena"
_PLAIN = "tests/local_aws/test_text_plain.py::"
_STEPS = "tests/local_aws/test_text_lazy_simple.py::"
_CSV = "tests/local_aws/test_text_open_csv.py::"
_GOLDEN = "tests/local_aws/test_text_golden.py::"
_FILES = "tests/local_aws/test_text_in_athena.py::"
_MEMORY = "tests/local_aws/test_text_memory.py::"
_DELIMITER = f"{_FILES}test_a_delimiter_that_separates_lines_elsewhere_or_is_no_ascii_separates_fields"

TEXT = (
    # ------------------------------------------------------------------------------------------------- plain files
    Guard(
        "plain: a carriage return",
        f"{_ATHENA}/plain.py",
        'other = piece.find(b"\\r") >= 0 or ',
        "other = ",
        (
            f"{_PLAIN}test_a_carriage_return_is_left_to_the_reader_of_lines[CRLF]",
            f"{_PLAIN}test_a_carriage_return_is_left_to_the_reader_of_lines[within]",
        ),
    ),
    Guard(
        "plain: a blank first line",
        f"{_ATHENA}/plain.py",
        'across.startswith((b"\\n", BLANK_AFTER_MARK))',
        "across.startswith(BLANK_AFTER_MARK)",
        (f"{_PLAIN}test_a_blank_line_is_left_to_the_reader_of_lines[first]",),
    ),
    Guard(
        "plain: a blank line after a byte order mark",
        f"{_ATHENA}/plain.py",
        'across.startswith((b"\\n", BLANK_AFTER_MARK))',
        'across.startswith(b"\\n")',
        (
            f"{_PLAIN}test_a_blank_line_is_left_to_the_reader_of_lines[after a mark]",
            f"{_FILES}test_a_blank_line_after_a_byte_order_mark_is_a_row_of_an_object_in_a_file[LF]",
        ),
    ),
    Guard(
        "plain: a blank line within a piece",
        f"{_ATHENA}/plain.py",
        'or _has(piece, b"\\n\\n")',
        "",
        (f"{_PLAIN}test_a_blank_line_is_left_to_the_reader_of_lines[in the middle]",),
    ),
    Guard(
        "plain: a blank line across two pieces",
        f"{_ATHENA}/plain.py",
        'b"\\n\\n" in across or ',
        "",
        (f"{_PLAIN}test_a_blank_line_is_left_to_the_reader_of_lines[across two pieces]",),
    ),
    Guard(
        "plain: the halves of a file are one text",
        f"{_ATHENA}/plain.py",
        "Look(os.pread(descriptor, KEPT, start - KEPT)) if start else Look()",
        "Look()",
        (
            f"{_PLAIN}test_the_halves_of_a_large_file_are_one_text[a line end]",
            f"{_PLAIN}test_the_halves_of_a_large_file_are_one_text[what separates nothing]",
        ),
    ),
    Guard(
        "plain: a blank line in either half",
        f"{_ATHENA}/plain.py",
        "plain=all(look.plain for look in looks)",
        "plain=any(look.plain for look in looks)",
        (
            f"{_PLAIN}test_a_blank_line_is_seen_in_each_half_of_a_large_file[in the first half]",
            f"{_PLAIN}test_a_blank_line_is_seen_in_each_half_of_a_large_file[in the second half]",
        ),
    ),
    Guard(
        "plain: what separates nothing, across two pieces",
        f"{_ATHENA}/plain.py",
        "NEVER_IN_TEXT in across or ",
        "",
        (f"{_PLAIN}test_what_separates_nothing_is_seen_wherever_pieces_are_cut[2]",),
    ),
    Guard(
        "plain: what separates nothing, in a copy",
        f"{_ATHENA}/objects.py",
        "if NEVER_IN_TEXT in piece or NEVER_IN_TEXT in end + piece[:KEPT]:",
        "if False:",
        (f"{_FILES}test_the_bytes_that_separate_nothing_are_refused_wherever_an_object_lies[in memory]",),
    ),
    Guard(
        "plain: what separates nothing, across two pieces of a copy",
        f"{_ATHENA}/objects.py",
        " or NEVER_IN_TEXT in end + piece[:KEPT]:",
        ":",
        (
            f"{_FILES}test_the_bytes_that_separate_nothing_are_refused_wherever_an_object_lies"
            "[in memory, across two pieces]",
        ),
    ),
    Guard(
        "plain: doubtful bytes are told",
        f"{_ATHENA}/plain.py",
        "        self.doubtful |= ",
        "        _ = ",
        (
            f"{_PLAIN}test_bytes_that_duckdb_takes_in_a_decimal_are_told",
            f"{_GOLDEN}test_a_field_is_cast_as_the_real_lazy_simple_serde_casts_it[in memory-by columns]",
        ),
    ),
    Guard(
        "a text that only looks plain is read again",
        f"{_ATHENA}/engine.py",
        'if "CSV" not in str(error) or not reader.trusting:',
        "if True:",
        (f"{_FILES}test_a_text_that_only_looks_plain_is_read_again_and_billed_once",),
    ),
    Guard(
        "a text that is read again is read by lines",
        f"{_ATHENA}/objects.py",
        "self.trusting, self.meter.scanned = False, 0",
        "self.meter.scanned = 0",
        (f"{_FILES}test_a_text_that_only_looks_plain_is_read_again_and_billed_once",),
    ),
    Guard(
        "a text that is read again is billed once",
        f"{_ATHENA}/objects.py",
        "self.trusting, self.meter.scanned = False, 0",
        "self.trusting = False",
        (f"{_FILES}test_a_text_that_only_looks_plain_is_read_again_and_billed_once",),
    ),
    Guard(
        "a text that was looked at is billed once",
        f"{_ATHENA}/objects.py",
        "count=_ignore if look else self.meter.count",
        "count=self.meter.count",
        (f"{_MEMORY}test_an_object_is_never_held_in_memory[CRLF]",),
    ),
    Guard(
        "hidden objects are not read",
        f"{_ATHENA}/objects.py",
        " if not location.is_hidden(o.key)]",
        "]",
        ("tests/local_aws/test_athena_select.py::test_hidden_objects_and_folder_markers_are_not_read",),
    ),
    # --------------------------------------------------------------------------------------------- lines and fields
    Guard(
        "decimals are Hive's, not DuckDB's",
        f"{_ATHENA}/text.py",
        'return f"CASE WHEN {has} THEN {exactly} ELSE {cast} END" if has else cast',
        "return cast",
        (f"{_GOLDEN}test_a_field_is_cast_as_the_real_lazy_simple_serde_casts_it",),
    ),
    Guard(
        "decimals with another NULL",
        f"{_ATHENA}/text.py",
        "if kind.is_decimal and text_format.null == NULL:",
        "if kind.is_decimal:",
        (f"{_FILES}test_another_null_that_is_a_number_can_be_declared",),
    ),
    Guard(
        "gzip: a file that is cut",
        f"{_ATHENA}/text.py",
        "if unpack and not unpack.eof:",
        "if False:",
        (f"{_STEPS}test_a_broken_gzip_file_fails_the_query[cut]",),
    ),
    Guard(
        "gzip: all members",
        f"{_ATHENA}/text.py",
        "left = unpack.unused_data if unpack.eof else unpack.unconsumed_tail",
        'left = b"" if unpack.eof else unpack.unconsumed_tail',
        (f"{_STEPS}test_bytes_are_counted_as_stored",),
    ),
    Guard(
        "gzip by its name",
        f"{_ATHENA}/objects.py",
        'compressed = key.lower().endswith(".gz")',
        "compressed = False",
        (f"{_FILES}test_gzip_is_billed_as_stored",),
    ),
    Guard(
        "lines: a CRLF across two pieces",
        f"{_ATHENA}/text.py",
        'held = b"\\r" if data.endswith(b"\\r") and piece else b""',
        'held = b""',
        (f"{_STEPS}test_a_line_ends_in_lf_crlf_or_cr_wherever_the_pieces_are_cut[1]",),
    ),
    Guard(
        "lines: a byte order mark at the start",
        f"{_ATHENA}/text.py",
        "data, first = data.removeprefix(codecs.BOM_UTF8), False",
        "first = False",
        (f"{_STEPS}test_a_byte_order_mark_at_the_start_is_no_part_of_a_value",),
    ),
    Guard(
        "delimiters that separate lines elsewhere",
        f"{_ATHENA}/scan.py",
        "return delimiter.isascii() and delimiter not in NEVER_IN_TEXT.decode()",
        "return delimiter.isascii()",
        (f"{_DELIMITER}[0x1F]",),
    ),
    Guard(
        "properties: a value is meant as a whole",
        f"{_ATHENA}/properties.py",
        "if not values.fullmatch(value):",
        "if not values.match(value):",
        (f"{_FILES}test_a_property_that_would_not_be_heeded_is_refused[a value that only begins well]",),
    ),
    Guard(
        "properties: what is not known",
        f"{_ATHENA}/properties.py",
        'PROJECTED if name.startswith("projection.") else NOTHING',
        "ANYTHING",
        (f"{_FILES}test_a_property_that_would_not_be_heeded_is_refused[unknown]",),
    ),
    # ------------------------------------------------------------------------------------------------- OpenCSVSerDe
    Guard(
        "OpenCSV: a quote that does not end on its line",
        f"{_ATHENA}/open_csv.py",
        "return fields if in_quotes else [*fields, text]",
        "return [*fields, text]",
        (f"{_CSV}test_a_line_has_these_fields[a quote that does not end]",),
    ),
    Guard(
        "OpenCSV: a blank line has no fields",
        f"{_ATHENA}/open_csv.py",
        "        if not line:\n            return []\n",
        "",
        (f"{_CSV}test_a_line_has_these_fields[blank]",),
    ),
    Guard(
        "OpenCSV: a separator within quotes",
        f"{_ATHENA}/open_csv.py",
        "elif character == self.separator and not in_quotes:",
        "elif character == self.separator:",
        (f"{_CSV}test_a_line_has_these_fields[quoted]",),
    ),
    Guard(
        "OpenCSV: what is escaped",
        f"{_ATHENA}/open_csv.py",
        'return following != "" and following in (self.quote, self.escape)',
        "return False",
        (f"{_CSV}test_a_line_has_these_fields[an escaped escape]",),
    ),
    Guard(
        "OpenCSV: the default escape",
        f"{_ATHENA}/open_csv.py",
        '"\\\\" if escape == \'"\' else escape',
        "escape",
        (f"{_GOLDEN}test_a_line_is_split_as_the_real_open_csv_serde_splits_it",),
    ),
    Guard(
        "OpenCSV: the sign between fields",
        f"{_ATHENA}/open_csv.py",
        "    if FIELD_END in text:\n",
        "    if False:\n",
        (f"{_CSV}test_that_sign_in_a_file_is_refused",),
    ),
    Guard(
        "OpenCSV: a value that does not cast",
        f"{_ATHENA}/open_csv.py",
        "coalesce({checked}, {bad})",
        "{checked}",
        (f"{_FILES}test_open_csv_fails_where_a_value_does_not_cast_an_empty_number_too",),
    ),
)
