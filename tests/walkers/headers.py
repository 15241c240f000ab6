"""What every answer of ours carries, whatever it answers."""

import httpx

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=()",
}
# Styles and scripts whose name changes with their content, and the two files that live at the top.
_CACHED = {"/assets/": "public, max-age=31536000, immutable", "/sw.js": "no-cache", "/app.webmanifest": "no-cache"}


def wrong_headers(answer: httpx.Response) -> list[str]:
    """What is missing or different, in words."""
    wrong = [
        f"{name}: {answer.headers.get(name)}" for name, value in EVERYWHERE.items() if answer.headers.get(name) != value
    ]
    policy = answer.headers.get("content-security-policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy or "*" in policy:
        wrong.append(f"content-security-policy: {policy}")
    if "sandbox" not in policy and ("frame-ancestors 'none'" not in policy or "base-uri 'none'" not in policy):
        wrong.append(f"content-security-policy: {policy}")
    caching = answer.headers.get("cache-control", "")
    path = answer.request.url.path
    cached = next((value for start, value in _CACHED.items() if path.startswith(start)), None)
    if caching != cached and "no-store" not in caching:
        wrong.append(f"cache-control: {caching}")
    if len(answer.headers.get("x-request-id", "")) != 13:
        wrong.append("x-request-id")
    if "server" in answer.headers or "x-powered-by" in answer.headers:
        wrong.append("names the server")
    if answer.status_code >= 400 and path.startswith("/api/") and "problem+json" not in _type(answer):
        wrong.append(f"content-type of an error: {_type(answer)}")
    return wrong


def _type(answer: httpx.Response) -> str:
    return answer.headers.get("content-type", "")
