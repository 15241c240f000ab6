"""QR codes for pages and documents: inline SVG, or a picture for `<img src>`."""

from urllib.parse import quote

from backend.web.qr import qr_svg


def svg(text: str, label: str = "二维码") -> str:
    """Usable inline; it carries no style that our content policy would refuse."""
    return qr_svg(text, label)


def data_uri(text: str, label: str = "二维码") -> str:
    """The same picture as the value of an `<img src>`, for templates and PDF."""
    return "data:image/svg+xml;charset=utf-8," + quote(qr_svg(text, label), safe="/:=' ")
