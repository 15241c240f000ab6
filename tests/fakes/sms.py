"""Aliyun and Tencent Cloud as one small server on loopback: it checks signatures and what it is sent, and answers as
they do. The signatures are computed here anew, from the documentation, and not by the code under test.
"""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

KEY_ID, SECRET, SIGN_NAME, APP_ID = "test-key-id", "test-secret-0123456789", "星城工会", "1400000001"


class Gateway:
    """`troubles` are the answers to the next requests: a code of theirs, "silent", "lost" (taken, but not answered) or
    "broken"."""

    def __init__(self) -> None:
        self.address = ""
        self.taken: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.refused: list[str] = []
        self.troubles: list[str] = []
        self.nonces: set[str] = set()

    def next_trouble(self) -> str:
        return self.troubles.pop(0) if self.troubles else ""


@contextmanager
def sms_gateway() -> Iterator[Gateway]:
    gateway = Gateway()

    class Handler(_Handler):
        served = gateway

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    served: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.headers_said = {name.lower(): value for name, value in self.headers.items()}
        answer = self._tencent(body) if "x-tc-action" in self.headers_said else self._aliyun(body)
        if answer is None:
            self.close_connection = True
            return
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _aliyun(self, body: bytes) -> dict[str, Any] | bytes | None:
        query = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        action, nonce = self.headers_said["x-acs-action"], self.headers_said["x-acs-signature-nonce"]
        self.served.asked.append(action)
        if self.headers_said["authorization"] != self._acs3(query, body) or nonce in self.served.nonces:
            self.served.refused.append(action)
            return {"Code": "SignatureDoesNotMatch"}
        self.served.nonces.add(nonce)
        if action == "QuerySendDetails":
            of_phone = [one for one in self.served.taken if one["phone"] == query["PhoneNumber"]]
            found = [{"OutId": one["key"], "BizId": one["id"], "SendStatus": 3} for one in of_phone]
            return {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": found}}
        taken = {
            "phone": query["PhoneNumbers"],
            "sign": query["SignName"],
            "code": query["TemplateCode"],
            "params": json.loads(query["TemplateParam"]),
            "key": query.get("OutId", ""),
        }
        return self._answer(taken, lambda number: {"Code": "OK", "BizId": number}, lambda code: {"Code": code})

    def _tencent(self, body: bytes) -> dict[str, Any] | bytes | None:
        self.served.asked.append(self.headers_said["x-tc-action"])
        if self.headers_said["authorization"] != self._tc3(body):
            self.served.refused.append("SendSms")
            return {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}}
        sent = json.loads(body)
        [phone] = sent["PhoneNumberSet"]
        taken = {
            "phone": phone.removeprefix("+86"),
            "sign": sent["SignName"],
            "code": sent["TemplateId"],
            "params": sent["TemplateParamSet"],
            "key": sent["SessionContext"],
            "app": sent["SmsSdkAppId"],
        }

        def status(code: str, number: str = "") -> dict[str, Any]:
            return {"Response": {"SendStatusSet": [{"Code": code, "SerialNo": number, "PhoneNumber": phone}]}}

        return self._answer(taken, lambda number: status("Ok", number), status)

    def _answer(self, taken: dict[str, Any], yes: Any, no: Any) -> dict[str, Any] | bytes | None:
        trouble = self.served.next_trouble()
        if trouble == "silent":
            return None
        if trouble == "broken":
            return b"<html>502 Bad Gateway</html>"
        if trouble not in ("", "lost"):
            return no(trouble)
        number = f"biz-{len(self.served.taken) + 1}"
        self.served.taken.append(taken | {"id": number})
        return None if trouble == "lost" else yes(number)

    def _acs3(self, query: dict[str, str], body: bytes) -> str:
        signed = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
        pairs = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(query.items()))
        lines = "".join(f"{name}:{self.headers_said[name]}\n" for name in signed.split(";"))
        canonical = f"POST\n/\n{pairs}\n{lines}\n{signed}\n{hashlib.sha256(body).hexdigest()}"
        said = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        mark = hmac.new(SECRET.encode(), said.encode(), "sha256").hexdigest()
        return f"ACS3-HMAC-SHA256 Credential={KEY_ID},SignedHeaders={signed},Signature={mark}"

    def _tc3(self, body: bytes) -> str:
        stamp = self.headers_said["x-tc-timestamp"]
        day = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
        lines = f"content-type:{self.headers_said['content-type']}\nhost:{self.headers_said['host']}\n"
        canonical = f"POST\n/\n\n{lines}\ncontent-type;host\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{day}/sms/tc3_request"
        said = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"TC3{SECRET}".encode()
        for part in (day, "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        mark = hmac.new(key, said.encode(), "sha256").hexdigest()
        return f"TC3-HMAC-SHA256 Credential={KEY_ID}/{scope}, SignedHeaders=content-type;host, Signature={mark}"

    def log_message(self, format: str, *args: Any) -> None:
        pass
