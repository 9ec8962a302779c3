"""DeleteObjects: each key is authorized by itself, and one that is denied is an error in an answer of status 200."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from local_aws.s3_bodies import malformed_xml

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_aws.calls import Call

MOST_KEYS = 1000
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
NOTHING = f'<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult xmlns="{NAMESPACE}"></DeleteResult>'
DELETED = re.compile(r"<Deleted>.*?</Deleted>", re.DOTALL)


def delete_objects(
    call: Call,
    environ: dict[str, Any],
    *,
    may_delete: Callable[[dict[str, Any]], bool],
    ask_moto: Callable[[], Response],
) -> Response:
    """Let moto delete what may be deleted, and answer an Error for each of the others."""
    asked = call.parameters.get("Delete") or {}
    objects = asked.get("Objects") or []
    if not 0 < len(objects) <= MOST_KEYS or not all(each.get("Key") for each in objects):
        raise malformed_xml()
    allowed: list[dict[str, Any]] = []
    denied: list[dict[str, Any]] = []
    for each in objects:
        (allowed if may_delete(each) else denied).append(each)
    if allowed:
        body = f"<Delete>{''.join(map(_object, allowed))}</Delete>".encode()
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
    answer = ask_moto() if allowed else Response(NOTHING, 200, content_type="application/xml")
    if answer.status_code < 400:
        answer.set_data(_with_errors(answer.get_data(as_text=True), denied, quiet=bool(asked.get("Quiet"))))
    return answer


def _with_errors(text: str, denied: list[dict[str, Any]], *, quiet: bool) -> str:
    kept = DELETED.sub("", text) if quiet else text
    why = "<Code>AccessDenied</Code><Message>Access Denied</Message>"
    errors = "".join(f"<Error>{_members(each)}{why}</Error>" for each in denied)
    opened = re.sub(r"<DeleteResult([^>]*)/>", r"<DeleteResult\1></DeleteResult>", kept)
    return opened.replace("</DeleteResult>", f"{errors}</DeleteResult>")


def _object(each: dict[str, Any]) -> str:
    return f"<Object>{_members(each)}</Object>"


def _members(each: dict[str, Any]) -> str:
    return "".join(
        f"<{name}>{escape(str(each[name]))}</{name}>" for name in ("Key", "VersionId") if each.get(name)
    )
