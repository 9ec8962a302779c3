"""What AWS allows as names, ids and locations: an alphabet each, so that nothing else reaches SQL or a template."""

import re
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


def mistake(message: str, *at: str | int) -> PydanticCustomError:
    """A mistake to raise from a validator; `at` leads from the setting being validated to the exact place."""
    return PydanticCustomError("mistake", "{message}", {"message": message, "at": at})


def shown(value: object) -> str:
    """A value as a message quotes it: on one line, and never endlessly long."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text
    return text if len(text) <= 80 else f'{text[:70]}…" ({len(text)} characters)'


@dataclass(frozen=True)
class Allowed:
    """What a setting may be, in words, where no `Rule` says it."""

    text: str


@dataclass(frozen=True)
class Rule:
    """A text that matches `pattern` from end to end; `allowed` says it in words.

    `refused` are patterns that get an answer of their own, because that is what people write.
    """

    pattern: str
    allowed: str
    refused: tuple[tuple[str, str], ...] = field(default=())

    def check(self, value: str) -> str:
        """Return the value, or raise a mistake that says what is allowed."""
        for pattern, why in self.refused:
            if re.search(pattern, value):
                raise mistake(f"{shown(value)} {why}. Allowed: {self.allowed}.")
        if not re.fullmatch(self.pattern, value):
            raise mistake(f"{shown(value)} is not allowed. Allowed: {self.allowed}.")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$".replace(r"\Z", "$")}


def _twelve_digits(value: object) -> object:
    """An id without quotes is refused even where no digit is lost: the next one is copied from it."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    if not 0 <= value < 10**12:
        raise mistake(f"{value} is a number. Allowed: the 12 digits of an AWS account, in quotes.")
    raise mistake(
        f"{value} has no quotes, so it is a number to YAML, and an id's zero at the start would be lost. "
        f'Allowed: the 12 digits of an AWS account, in quotes: "{value:012}".'
    )


AccountId = Annotated[
    str,
    Rule(r"[0-9]{12}", 'the 12 digits of an AWS account, in quotes: "012345678901"'),
    BeforeValidator(_twelve_digits),
]
"""AWS Account Management, "View AWS account identifiers"."""

Region = Annotated[str, Rule(r"[a-z]{2}(-[a-z]+)+-[0-9]", "a region code such as ap-northeast-1")]
"""AWS Regions and Availability Zones, "AWS Regions"."""

AccountName = Annotated[
    str,
    Rule(
        r"[a-z][a-z0-9_]{0,49}",
        "a lower-case letter, then up to 49 lower-case letters, digits and _",
        ((r"\Aanalytics\Z", "is kept for the analytics account's connection, aws_analytics"),),
    ),
]
"""Becomes part of Dag ids, connection ids (and so of environment variables) and default ids in QuickSight."""

RoleNameOrArn = Annotated[
    str,
    Rule(
        r"(arn:aws[a-z-]*:iam::[0-9]{12}:role/)?([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}",
        "a role's name, with its path if it has one (letters, digits and _+=,.@-), or its ARN",
    ),
]
"""IAM API reference, "Role": RoleName, Path."""

ExternalId = Annotated[str, Rule(r"[A-Za-z0-9_+=,.@:/-]{2,1224}", "2 to 1224 letters, digits and _+=,.@:/-")]
"""STS API reference, "AssumeRole": ExternalId."""

_BUCKET = (
    r"(?!xn--|sthree-|amzn-s3-demo-)(?![a-z0-9.-]*(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)(?:/|\Z))"
    r"[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]"
)
KEY_CHARACTERS = r"A-Za-z0-9_=+@,:.~\-"
_FOLDERS = rf"(?:[{KEY_CHARACTERS}]+/)*"
FOLDERS_REFUSED = (
    (r"\A/", 'must not start with "/"'),
    (r"(?<!s3:)//", 'must not have "//" in it'),
    (r"(?:\A|/)\.{1,2}(?:/|\Z)", 'must not have "." or ".." as a folder'),
    (
        r"(?:\A|/)[_.]",
        'has a name in it that starts with "_" or "."; Athena passes over such folders and files',
    ),
)
_NO_SLASH_AT_THE_END = (r"[^/]\Z", 'must end with "/"')

BucketName = Annotated[
    str,
    Rule(
        _BUCKET,
        "3 to 63 lower-case letters, digits, - and single dots, starting and ending with a letter or digit",
        (
            (r"^s3:", "must be the name alone, without s3://"),
            (r"^[0-9]+(\.[0-9]+){3}$", "looks like an IP address"),
        ),
    ),
]
"""Amazon S3 user guide, "General purpose bucket naming rules"."""

Prefix = Annotated[
    str,
    Rule(
        _FOLDERS,
        'folders that each end with "/", of letters, digits and _=+@,:.~-',
        (*FOLDERS_REFUSED, _NO_SLASH_AT_THE_END),
    ),
]
"""Amazon S3 user guide, "Naming Amazon S3 objects"; narrower, so that a key needs no quoting anywhere."""

S3Location = Annotated[
    str,
    Rule(
        f"s3://{_BUCKET}/{_FOLDERS}",
        's3://bucket/ or s3://bucket/folder/, ending with "/"',
        (*FOLDERS_REFUSED[1:3], _NO_SLASH_AT_THE_END),
    ),
]
"""Athena API reference, "ResultConfiguration": OutputLocation."""

GlueName = Annotated[str, Rule(r"[a-z0-9_]{1,255}", "1 to 255 lower-case letters, digits and _")]
"""Athena user guide, "Name databases, tables, and columns"; lower case, because Glue stores it so."""

ColumnName = Annotated[
    str,
    Rule(
        r"[a-z0-9_]{1,255}",
        "1 to 255 lower-case letters, digits and _",
        ((r"\A(year|month)\Z", "is a partition column already, taken from the folders"),),
    ),
]
"""As above; a table has its columns and its partition columns side by side."""

Workgroup = Annotated[str, Rule(r"[a-zA-Z0-9._-]{1,128}", "1 to 128 letters, digits and ._-")]
"""Athena API reference, "WorkGroup": Name."""

Catalog = Annotated[
    str,
    Rule("AwsDataCatalog", "AwsDataCatalog, the account's own Glue catalog, in which tables are looked up"),
]
"""Athena API reference, "DataCatalog": a registered one has no Glue API of this account to compare tables with."""

QuickSightId = Annotated[str, Rule(r"[A-Za-z0-9_-]{1,512}", "1 to 512 letters, digits, _ and -")]
"""QuickSight API reference, "CreateDataSet": DataSetId, as its ARN and console address can hold it."""

QuickSightName = Annotated[
    str, Rule(r"\w[\w .+-]{0,127}", "1 to 128 letters (of any language), digits, spaces and _.+-")
]
"""QuickSight API reference, "CreateDataSet": Name."""

QuickSightPrincipal = Annotated[
    str,
    Rule(
        r"arn:aws[a-z-]*:quicksight:[a-z0-9-]+:[0-9]{12}:(user|group)/[A-Za-z0-9_-]+/[A-Za-z0-9_+=,.@:/-]+",
        "the ARN of a QuickSight user or group: arn:aws:quicksight:us-east-1:333333333333:group/default/analysts",
    ),
]
"""QuickSight API reference, "ResourcePermission": Principal; everyone (a namespace) is left out on purpose."""
