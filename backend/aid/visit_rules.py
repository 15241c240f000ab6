"""Lists of visits and goods for them. No clock, no database."""

from collections.abc import Iterator
from datetime import date, timedelta

from backend.aid.visit_enums import RATING_TEXT
from backend.core.errors import FieldError, sentence
from backend.core.money import yuan

NAME, UNIT, NOTE, WORDS = (2, 40), (1, 10), 100, 300
MOST_PEOPLE, MOST_CASH_FEN, MOST_PRICE_FEN, MOST_COUNT = 300, 10_000_00, 100_000_00, 1_000_000
AROUND = timedelta(days=366)


def list_problems(name: str, visit_on: date, people: int, cash_fen: int, *, today: date) -> Iterator[FieldError]:
    if not NAME[0] <= len(name) <= NAME[1]:
        yield FieldError("name", sentence("visit_name"))
    if not today - AROUND <= visit_on <= today + AROUND:
        yield FieldError("visit_on", sentence("visit_day"))
    if not 1 <= people <= MOST_PEOPLE:
        yield FieldError("members", sentence("visit_nobody", most=MOST_PEOPLE))
    if not 0 <= cash_fen <= MOST_CASH_FEN:
        yield FieldError("cash_fen", sentence("visit_cash", most=yuan(MOST_CASH_FEN)))


def ware_problems(name: str, unit: str, price_fen: int, stock: int) -> Iterator[FieldError]:
    if not NAME[0] <= len(name) <= NAME[1]:
        yield FieldError("name", sentence("visit_name"))
    if not UNIT[0] <= len(unit) <= UNIT[1]:
        yield FieldError("unit", sentence("ware_unit"))
    if not 0 < price_fen <= MOST_PRICE_FEN:
        yield FieldError("price_fen", sentence("ware_price", most=yuan(MOST_PRICE_FEN)))
    if not 0 <= stock <= MOST_COUNT:
        yield FieldError("stock", sentence("ware_count", least=0, most=MOST_COUNT))


def move_problems(count: int, note: str) -> Iterator[FieldError]:
    if not 1 <= count <= MOST_COUNT:
        yield FieldError("count", sentence("ware_count", least=1, most=MOST_COUNT))
    if len(note) > NOTE:
        yield FieldError("note", sentence("ware_note", most=NOTE))


def feedback_problems(rating: int, words: str) -> Iterator[FieldError]:
    if rating not in RATING_TEXT:
        yield FieldError("rating", sentence("visit_rating"))
    if len(words) > WORDS:
        yield FieldError("words", sentence("visit_words", most=WORDS))
