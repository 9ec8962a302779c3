"""Where objects lie: an s3:// folder."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local_aws.athena.failures import ddl_failed


@dataclass(frozen=True)
class Location:
    """`s3://bucket/prefix/`; the prefix ends with a slash, or is empty for a whole bucket."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, text: str) -> Location:
        """Read a LOCATION; stricter than Athena, which adds a missing slash at the end."""
        found = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/((?:[^*?]*/)?)", text)
        if not found:
            raise ddl_failed(
                f"MetaException(message:LOCATION '{text}' is no folder in S3: it must be s3://bucket/folder/)"
            )
        return cls(found[1], found[2])

    @classmethod
    def registered(cls, text: str) -> Location:
        """Read a location of the catalogue, where others may have left out the slash at the end."""
        return cls.parse(text if text.endswith("/") else f"{text}/")

    @property
    def uri(self) -> str:
        """The location as text."""
        return f"s3://{self.bucket}/{self.prefix}"

    def is_hidden(self, key: str) -> bool:
        """Whether a key is not read: a folder marker, or a name below here that starts with `_` or `.`."""
        names = key.removeprefix(self.prefix).split("/")
        return names[-1] == "" or any(name.startswith(("_", ".")) for name in names)
