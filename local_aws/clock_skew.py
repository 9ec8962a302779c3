"""A request that was signed by a clock too far from this one is refused, as AWS does, in each service's own words.

S3 allows 15 minutes. For the others AWS documents five, and their answers name five or fifteen: here all have fifteen.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local_aws.calls import AwsError
from local_aws.operations import protocol_of_request

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

ALLOWED = timedelta(minutes=15)
FORM = "%Y%m%dT%H%M%SZ"


def refuse_skewed(service: str, request: Request, now: datetime | None = None) -> None:
    """Compare the time of a signature with ours; a request that states none (its signature is not read) is let be.

    Raises AwsError: RequestTimeTooSkewed of S3, SignatureDoesNotMatch of STS and IAM, InvalidSignatureException else.
    """
    signed, now = _signed_at(request), now or datetime.now(UTC)
    if signed is None or abs(now - signed) <= ALLOWED:
        return
    if service == "s3":
        members = {"RequestTime": signed.strftime(FORM), "ServerTime": now.isoformat()}
        message = "The difference between the request time and the current time is too large."
        raise AwsError("RequestTimeTooSkewed", message, 403, **members)
    is_query = protocol_of_request(service, request) == "query"
    code = "SignatureDoesNotMatch" if is_query else "InvalidSignatureException"
    raise AwsError(code, _message(signed, now), 403 if is_query or service == "quicksight" else 400)


def _signed_at(request: Request) -> datetime | None:
    """Read the header X-Amz-Date; a presigned URL's own date is not asked for, since it may be used for days."""
    try:
        return datetime.strptime(request.headers.get("X-Amz-Date", ""), FORM).replace(tzinfo=UTC)
    except ValueError:
        return None


def _message(signed: datetime, now: datetime) -> str:
    if signed < now:
        limit = (now - ALLOWED).strftime(FORM)
        return f"Signature expired: {signed:{FORM}} is now earlier than {limit} ({now:{FORM}} - 15 min.)"
    limit = (now + ALLOWED).strftime(FORM)
    return f"Signature not yet current: {signed:{FORM}} is still later than {limit} ({now:{FORM}} + 15 min.)"
