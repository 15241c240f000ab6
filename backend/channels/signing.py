"""Signatures of requests to Aliyun (ACS3) and Tencent Cloud (TC3), as their documentation describes them.

Their own libraries are synchronous or bring a second HTTP client; the signature is all that is needed of them.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

_ACS3, _TC3 = "ACS3-HMAC-SHA256", "TC3-HMAC-SHA256"


def acs3(*, key_id: str, secret: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes = b"") -> str:
    """The `Authorization` of a POST to `/` at Aliyun. `headers` are all that are signed, with lower-case names."""
    names = ";".join(sorted(headers))
    wanted = "&".join(f"{_escaped(name)}={_escaped(query[name])}" for name in sorted(query))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = "\n".join(["POST", "/", wanted, lines, names, _sha256(body)])
    signature = _hmac(secret.encode(), f"{_ACS3}\n{_sha256(canonical.encode())}").hex()
    return f"{_ACS3} Credential={key_id},SignedHeaders={names},Signature={signature}"


def tc3(*, key_id: str, secret: str, service: str, headers: Mapping[str, str], body: bytes, at: datetime) -> str:
    """The `Authorization` of a POST to `/` at Tencent Cloud. `at` is what `X-TC-Timestamp` says."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in sorted(headers))
    canonical = "\n".join(["POST", "/", "", lines, names, _sha256(body)])
    day = at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    said = "\n".join([_TC3, str(int(at.timestamp())), scope, _sha256(canonical.encode())])
    key = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        key = _hmac(key, part)
    return f"{_TC3} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={_hmac(key, said).hex()}"


def _escaped(text: str) -> str:
    return quote(text, safe="-_.~")


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
