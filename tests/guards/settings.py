"""Guards over what settings, names and keys may hold."""

from __future__ import annotations

from tests.guards.guard import Guard

_SETTINGS = "plugins/sightline/settings"
_HOSTILE = "tests/unit/test_settings_hostile.py::"
_BOMBS = "tests/unit/test_settings_bombs.py::"

SETTINGS = (
    Guard(
        "a name matches its rule to the end",
        f"{_SETTINGS}/rules.py",
        "if not re.fullmatch(self.pattern, value):",
        "if not re.match(self.pattern, value):",
        (f"{_HOSTILE}test_no_setting_takes_a_hostile_text",),
    ),
    Guard(
        "a pattern matches its rule to the end",
        f"{_SETTINGS}/patterns.py",
        "if not re.fullmatch(_PATTERN, value):",
        "if not re.match(_PATTERN, value):",
        (f"{_HOSTILE}test_no_setting_takes_a_hostile_text",),
    ),
    Guard(
        "unknown settings",
        f"{_SETTINGS}/tables.py",
        'extra="forbid"',
        'extra="ignore"',
        (f"{_HOSTILE}test_a_setting_that_nobody_knows_is_refused_whatever_it_is_called",),
    ),
    Guard(
        "missing settings",
        f"{_SETTINGS}/accounts.py",
        "external_id: ExternalId = Field(",
        'external_id: ExternalId = Field(default="", ',
        ("tests/unit/test_settings_mistakes.py::test_a_missing_setting_is_named_at_its_account",),
    ),
    Guard(
        "a missing setting says what is wanted",
        f"{_SETTINGS}/mistakes.py",
        'if kind == "missing":',
        "if False:",
        (f"{_HOSTILE}test_a_required_setting_that_is_missing_is_named",),
    ),
    Guard(
        "doubled settings",
        f"{_SETTINGS}/reading.py",
        "if key in node.content:",
        "if False:",
        (f"{_HOSTILE}test_a_setting_that_is_set_twice_is_named",),
    ),
    Guard(
        "names and keys stay on one line of a message",
        "plugins/sightline/errors/base.py",
        'sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text',
        "text",
        (f"{_HOSTILE}test_a_setting_that_nobody_knows_is_refused_whatever_it_is_called",),
    ),
    Guard(
        "aliases",
        f"{_SETTINGS}/reading.py",
        '            self._flaw(node, location, f"*{event.anchor} is an alias. Allowed: the value itself.")\n',
        "",
        (f"{_BOMBS}test_a_bomb_is_refused_with_a_short_message",),
    ),
    Guard(
        "deep nesting",
        f"{_SETTINGS}/reading.py",
        "if len(location) > _DEEPEST:",
        "if False:",
        (f"{_BOMBS}test_a_bomb_is_refused_with_a_short_message",),
    ),
    Guard(
        "keys nested in keys",
        f"{_SETTINGS}/reading.py",
        'self._node(event, (*location, "(key)"))',
        "self._node(event, location)",
        (f"{_BOMBS}test_a_bomb_is_refused_with_a_short_message",),
    ),
    Guard(
        "huge files",
        f"{_SETTINGS}/document.py",
        "if path.stat().st_size > LARGEST_FILE:",
        "if False:",
        (f"{_BOMBS}test_a_bomb_is_refused_with_a_short_message",),
    ),
    Guard(
        "settings that are not UTF-8",
        f"{_SETTINGS}/document.py",
        'return path.read_text(encoding="utf-8-sig")',
        'return path.read_text(encoding="utf-8-sig", errors="replace")',
        (f"{_BOMBS}test_a_bomb_is_refused_with_a_short_message",),
    ),
    Guard(
        "a message shows the first mistakes only",
        "plugins/sightline/errors/settings.py",
        "self.problems[:SHOWN_PROBLEMS]",
        "self.problems",
        (f"{_BOMBS}test_a_bomb_is_refused_with_a_short_message",),
    ),
    Guard(
        "another catalog than the one that is looked into",
        f"{_SETTINGS}/rules.py",
        'Rule("AwsDataCatalog", ',
        'Rule(r"[a-zA-Z0-9_@-]{1,256}", ',
        ("tests/unit/test_settings_mistakes.py::test_another_catalog_is_refused",),
    ),
    Guard(
        "no string reaches SQL unchecked",
        "plugins/sightline/sql.py",
        "if not (isinstance(text, str) and form.fullmatch(text)):",
        "if False:",
        (
            "tests/sql/test_statements.py::test_a_hostile_name_does_not_get_through_even_past_the_settings",
            "tests/sql/test_statements.py::test_a_hostile_location_type_or_delimiter_does_not_get_through",
        ),
    ),
    Guard(
        "keys with line separators in the ledger",
        "plugins/sightline/ledger.py",
        'enumerate(document.split("\\n"), 1)',
        "enumerate(document.splitlines(), 1)",
        ("tests/unit/test_ledger.py::test_a_line_separator_in_a_key_or_a_reason_does_not_end_a_line",),
    ),
    Guard(
        "keys of strays stay on one line",
        "plugins/sightline/sources.py",
        "{one_line(key)}",
        "{key}",
        ("tests/unit/test_sources.py::test_a_stray_is_named_on_one_line_whatever_its_key",),
    ),
)
