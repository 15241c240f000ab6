import xml.etree.ElementTree as ET
from urllib.parse import unquote

from backend.documents import qr


def test_inline_svg_carries_no_style_and_a_name() -> None:
    picture = qr.svg("http://127.0.0.1:8000/c/U1.x", "会员二维码")

    root = ET.fromstring(picture)  # noqa: S314 - our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.find("{http://www.w3.org/2000/svg}title").text == "会员二维码"  # type: ignore[union-attr]
    assert "style" not in picture
    assert "<script" not in picture


def test_the_label_is_text_not_markup() -> None:
    assert "<b>" not in qr.svg("x", "<b>&")


def test_as_a_picture_it_is_the_same() -> None:
    address = qr.data_uri("x", "码")

    kind, _, picture = address.partition(",")
    assert kind == "data:image/svg+xml;charset=utf-8"
    assert unquote(picture) == qr.svg("x", "码")
    assert '"' not in address
    assert "<" not in address
    assert "#" not in picture
