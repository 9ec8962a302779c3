"""The endpoints below /_local_aws/: health, counted calls, their trail, options, what SPICE holds; without a signature.

A browser on this machine sends the name that a page was loaded from: only names of this machine are answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from local_aws.calls import AwsError

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from local_aws.counters import Counters
    from local_aws.trail import Trail

PREFIX = "/_local_aws/"
HOSTS = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\]|local-aws)(?::\d+)?", re.IGNORECASE)
SPICE_ARGUMENTS = ("account_id", "data_set_id")
SpiceRows = Callable[[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Option:
    """A switch of the running server: how to read it and how to set it (raising AwsError for a wrong value)."""

    read: Callable[[], Any]
    write: Callable[[Any], None]


class Control:
    """Answers the control endpoints.

    `rehearsed` are the same options of parts that nobody uses: what a PUT wants is set there first, so that one wrong
    value changes none of the others here.
    """

    def __init__(
        self,
        counters: Counters,
        trail: Trail,
        options: Mapping[str, Option],
        rehearsed: Mapping[str, Option],
        spice_rows: SpiceRows,
    ) -> None:
        self._counters, self._trail, self._spice_rows = counters, trail, spice_rows
        self._options, self._rehearsed = options, rehearsed

    def answer(self, request: Request) -> Response:
        """Answer a request below /_local_aws/ in JSON: 404 for an unknown path, 400 for a wrong value.

        403 for a Host that is no name of this machine.
        """
        try:
            _check_host(request.headers.get("Host", ""))
            return _json(self._result(request.method, request.path.removeprefix(PREFIX), request))
        except AwsError as error:
            return _json({"error": error.message}, error.status)

    def _result(self, method: str, path: str, request: Request) -> dict[str, Any]:
        match (method, path):
            case ("GET", "health"):
                return {"status": "ok"}
            case ("GET", "calls"):
                return {"calls": self._counters.rows()}
            case ("DELETE", "calls"):
                self._counters.reset()
                self._trail.reset()
                return {"calls": []}
            case ("GET", "trail"):
                return self._trail.described()
            case ("GET", "options"):
                return self._values()
            case ("GET", "spice"):
                return self._spice_rows(*(request.args.get(name, "") for name in SPICE_ARGUMENTS))
            case ("PUT", "options"):
                return self._set(request)
        raise AwsError("NotFound", f"no {method} {PREFIX}{path}", 404)

    def _values(self) -> dict[str, Any]:
        return {name: option.read() for name, option in self._options.items()}

    def _set(self, request: Request) -> dict[str, Any]:
        wanted = _json_object(request)
        if unknown := set(wanted) - set(self._options):
            allowed = ", ".join(sorted(self._options))
            raise AwsError("InvalidOption", f"no option {', '.join(sorted(unknown))}; options are {allowed}")
        for name, value in wanted.items():
            self._rehearsed[name].write(value)
        for name, value in wanted.items():
            self._options[name].write(value)
        return self._values()


def _check_host(host: str) -> None:
    if not HOSTS.fullmatch(host):
        allowed = "127.0.0.1, localhost, [::1] and local-aws"
        raise AwsError("Forbidden", f"the Host {host!r} is none of {allowed}", 403)


def _json_object(request: Request) -> dict[str, Any]:
    try:
        wanted = json.loads(request.get_data())
    except ValueError as error:
        raise AwsError("InvalidOption", f"the body is no JSON: {error}") from error
    if not isinstance(wanted, dict):
        raise AwsError("InvalidOption", "the body is no JSON object")
    return wanted


def _json(value: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
