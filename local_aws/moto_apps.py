"""moto as the store behind S3, IAM, Glue and KMS: one WSGI application per service, called in process.

moto's own idea of permissions is switched off: the dispatcher decides, with conditions, before moto is asked. moto
takes the account from a header that is set here (`x-moto-account-id`), the region from the credential scope.
"""

from __future__ import annotations

import secrets
import string
import threading
from typing import TYPE_CHECKING, Any

from moto import settings as moto_settings
from moto.iam.access_control import PermissionResult
from moto.iam.models import User
from moto.moto_server import werkzeug_app
from moto.s3.models import FakeBucket, PublicAccessBlock
from werkzeug.wrappers import Response

from local_aws.calls import AwsError
from local_aws.s3_bodies import is_xml, malformed_xml
from local_aws.stores import STORE_LOCK

if TYPE_CHECKING:
    from local_aws.calls import Call

MISREAD = (AttributeError, IndexError, KeyError, TypeError, ValueError)
# Buckets are named in the path alone; browsers are not served.
moto_settings.S3_IGNORE_SUBDOMAIN_BUCKETNAME = True
werkzeug_app.DISABLE_GLOBAL_CORS = True
# moto applies the statements of a bucket policy for everyone ("*") without their conditions.
FakeBucket.get_permission = lambda *_: PermissionResult.PERMITTED
_make_user, _make_bucket = User.__init__, FakeBucket.__init__


def _make_user_with_an_id(user: Any, *arguments: Any, **named: Any) -> None:
    """moto gives users ids of any letters; AWS's begin with AIDA, and policies keep them."""
    _make_user(user, *arguments, **named)
    user.id = "AIDA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(17))


def _make_bucket_that_is_not_public(bucket: Any, *arguments: Any, **named: Any) -> None:
    """A new bucket has all of Block Public Access switched on, in AWS since April 2023."""
    _make_bucket(bucket, *arguments, **named)
    bucket.public_access_block = PublicAccessBlock(True, True, True, True)


User.__init__ = _make_user_with_an_id
FakeBucket.__init__ = _make_bucket_that_is_not_public


class MotoApps:
    """Passes a request on to moto, in the account that it is about."""

    def __init__(self) -> None:
        self._apps: dict[str, Any] = {}
        self._lock = threading.Lock()

    def answer(self, call: Call, environ: dict[str, Any], account_id: str) -> Response:
        """Return moto's answer; AwsError("NotImplemented") for what moto does not have."""
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account_id
        environ["wsgi.input"].seek(0)
        try:
            with STORE_LOCK:
                return Response.from_app(self._app(call.service), environ)
        except NotImplementedError as error:
            raise AwsError("NotImplemented", f"{call.service}:{call.operation}: {error}", 501) from error
        except MISREAD as error:
            # moto looks for elements of a body that are not there
            if call.service == "s3" and is_xml(call):
                raise malformed_xml() from error
            raise

    def _app(self, service: str) -> Any:
        with self._lock:
            if service not in self._apps:
                self._apps[service] = werkzeug_app.create_backend_app(service)
            return self._apps[service]
