"""Pure policy of the mall: what goods and orders may be."""

from collections.abc import Iterator
from datetime import timedelta

from backend.core.errors import FieldError, sentence
from backend.core.money import yuan
from backend.mall.schemas import GoodsInput, PayInput

# By which name vouchers are good here.
PLACE = "福利商城"
NAME = (2, 60)
LONGEST_TEXT, PICKUP = 500, (2, 100)
HIGHEST_PRICE = 100_000_00
MOST_STOCK = 1_000_000
MOST_PIECES = 20  # in one order
TIME_TO_PAY = timedelta(minutes=30)
REASON = (2, 100)
LONGEST_RECEIPT = 32
YEARS = range(2000, 2100)


def goods_problems(data: GoodsInput) -> Iterator[FieldError]:
    if not NAME[0] <= len(data.name) <= NAME[1] or not data.name.isprintable():
        yield FieldError("name", sentence("goods_name", least=NAME[0], most=NAME[1]))
    if len(data.text) > LONGEST_TEXT:
        yield FieldError("text", sentence("goods_text", most=LONGEST_TEXT))
    if not PICKUP[0] <= len(data.pickup) <= PICKUP[1] or not data.pickup.isprintable():
        yield FieldError("pickup", sentence("goods_pickup", least=PICKUP[0], most=PICKUP[1]))
    if not 0 < data.price_fen <= HIGHEST_PRICE:
        yield FieldError("price_fen", sentence("goods_price", most=yuan(HIGHEST_PRICE)))
    if data.list_price_fen and not data.price_fen <= data.list_price_fen <= HIGHEST_PRICE:
        yield FieldError("list_price_fen", sentence("goods_list_price"))
    if not 0 <= data.stock <= MOST_STOCK:
        yield FieldError("stock", sentence("goods_stock", most=MOST_STOCK))


def payment_problems(data: PayInput, *, due_fen: int) -> Iterator[FieldError]:
    if data.amount_fen != due_fen:
        yield FieldError("amount_fen", sentence("order_amount_differs", due=yuan(due_fen)))
    if not due_fen:
        return
    if data.means is None:
        yield FieldError("means", sentence("order_pay_means"))
    if not 1 <= len(data.receipt_no) <= LONGEST_RECEIPT or not data.receipt_no.isprintable():
        yield FieldError("receipt_no", sentence("order_receipt_no", most=LONGEST_RECEIPT))


def is_reason(text: str) -> bool:
    return REASON[0] <= len(text) <= REASON[1] and text.isprintable()
