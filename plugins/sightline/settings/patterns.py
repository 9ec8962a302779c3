"""The pattern of a table's object keys: {year}, {month} and, in the file name, *."""

import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from sightline.errors import did_you_mean
from sightline.settings.rules import FOLDERS_REFUSED, KEY_CHARACTERS, Allowed, mistake, shown

PARTITION_COLUMNS = ("year", "month")
_PLACEHOLDER = r"\{(?:year|month)\}"
_PATTERN = (
    rf"(?:(?:[{KEY_CHARACTERS}]|{_PLACEHOLDER})+/)+"  # folders
    rf"(?:[{KEY_CHARACTERS}*]|{_PLACEHOLDER})+"  # the file
)


def _object_pattern(value: str) -> str:
    for pattern, why in FOLDERS_REFUSED:
        if re.search(pattern, value):
            raise mistake(f"{shown(value)} {why}.")
    for placeholder in re.findall(r"\{([^{}]*)\}", value):
        if placeholder not in PARTITION_COLUMNS:
            hint = did_you_mean(placeholder.strip(), PARTITION_COLUMNS)
            raise mistake(
                f"{shown(value)} has an unknown placeholder.{hint} Allowed: {{year}} and {{month}}."
            )
    folder = value.rpartition("/")[0]
    if "*" in folder:
        raise mistake(f"{shown(value)} has a * in a folder. Allowed: * in the file name only.")
    if "{year}" not in folder or "{month}" not in folder:
        raise mistake(
            f"{shown(value)} does not give each month a location of its own. Allowed: folders with {{year}} and "
            "{month} in them, such as year={year}/month={month}/."
        )
    if not re.fullmatch(_PATTERN, value):
        raise mistake(
            f"{shown(value)} is not allowed. Allowed: folders and a file name of letters, digits and _=+@,:.~-, with "
            "{year} (four digits), {month} (two digits) and, in the file name, * (any text)."
        )
    return value


ObjectPattern = Annotated[
    str,
    AfterValidator(_object_pattern),
    Allowed("folders with {year} and {month} in them, then a file name, with * for several"),
    WithJsonSchema({"type": "string", "pattern": f"^{_PATTERN}$"}),
]
"""A day, an hour or a second pattern are not needed: a table has one kind of file, and a partition per month."""
