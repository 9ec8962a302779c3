"""A request's body, written anew before moto reads it."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

# What was said of the body that it replaces.
DIGEST_HEADERS = ("HTTP_CONTENT_MD5", "HTTP_X_AMZ_CHECKSUM_", "HTTP_X_AMZ_SDK_CHECKSUM_")


def write_body(environ: dict[str, Any], body: bytes) -> None:
    """Replace the body, and take away the headers that hold a digest of the one before."""
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
    for name in [name for name in environ if name.startswith(DIGEST_HEADERS)]:
        del environ[name]


def write_form_member(environ: dict[str, Any], member: str, value: str) -> None:
    """Replace a member of a form, as the query protocol (IAM) sends it."""
    form = parse_qsl(environ["wsgi.input"].getvalue().decode(), keep_blank_values=True)
    written = [(name, value if name == member else given) for name, given in form]
    write_body(environ, urlencode(written).encode())


def write_json_member(environ: dict[str, Any], member: str, value: str) -> None:
    """Replace a member of a JSON object, as the json protocol (KMS) sends it."""
    asked = json.loads(environ["wsgi.input"].getvalue())
    write_body(environ, json.dumps({**asked, member: value}).encode())
